"""The site map: every page and route is registered from here, in the order a person meets them."""

from fastapi import FastAPI


def register(app: FastAPI) -> None:
    """Register all pages and routes. Called once by main, and again by each page test."""
    from pages import errors
    from pages.api import health
    from pages.cabinet import overview
    from pages.entry import captcha, sign_in

    sign_in.register(app)
    captcha.register(app)
    health.register(app)
    errors.register(app)
    assert overview
