"""`/brand/colours.css` and `/brand/logo.svg`: what the settings of the provider change in the look."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from components import brand
from components.packed import FOR_EVER

KEPT = {'Cache-Control': FOR_EVER}
"""Pages name them with a fingerprint."""


def register(app: FastAPI) -> None:
    """Add the two addresses."""
    app.add_api_route('/brand/colours.css', colours, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/brand/logo.svg', logo, methods=['GET', 'HEAD'], include_in_schema=False)


async def colours() -> Response:
    """Give the tokens of the brand; there is nothing where the settings name no colour."""
    return _given(brand.stylesheet().encode(), 'text/css')


async def logo() -> Response:
    """Give the mark of the provider."""
    return _given(brand.logo(), 'image/svg+xml')


def _given(content: bytes, kind: str) -> Response:
    if not content:
        raise HTTPException(404)
    return Response(content, media_type=kind, headers=KEPT)
