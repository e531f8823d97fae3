"""Public pages: the same for every stranger, so drawn once a minute and answered from memory.

A signed-in person gets the page with his own header, never stored. A town in the address is remembered in a cookie.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from components import packed
from components.remembered import region_of, remember_region
from components.session import actor_of
from components.shell import frame_for
from components.templating import render
from services.events import CatalogueChanged, Event, subscribe
from services.offers import regions
from services.offers.regions import DEFAULT
from services.runner import call
from services.settings import get_settings

KEPT_SECONDS = 60
_SLUG = re.compile(r'[a-z][a-z0-9-]{0,31}\Z')
_pages: dict[tuple[str, str, str], tuple[float, str]] = {}


@dataclass(frozen=True)
class PublicPage:
    """What is particular about a page. `path` is what follows the region, or the whole address outside regions."""

    template: str
    path: str
    title: str
    description: str = ''
    is_indexed: bool = True
    facts: dict[str, Any] = field(default_factory=dict)


Build = Callable[[str], PublicPage]
"""Given the region's slug, read what is needed and return the page; runs in a worker thread."""


def install() -> None:
    """Forget drawn pages when what they show changes; a change made by another process is seen within a minute."""
    subscribe(_on_event)


def _on_event(event: Event) -> None:
    if isinstance(event, CatalogueChanged):
        regions.forget()
        _pages.clear()


async def region_page(request: Request, slug: str, build: Build) -> Response:
    """Answer a page of a region, and remember the region.

    Raises:
        HTTPException: 404, there is no such region.
    """
    response = await _answer(request, slug, build, in_region=True)
    if region_of(request) != slug:
        remember_region(response, slug)
        response.headers['Cache-Control'] = 'private, no-cache'
    return response


async def plain_page(request: Request, build: Build) -> Response:
    """Answer a page outside regions; its header shows the remembered town."""
    return await _answer(request, remembered_region(request), build, in_region=False)


def remembered_region(request: Request) -> str:
    """Return the slug of the cookie if it looks like one, else the default; whether it exists is not asked."""
    slug = region_of(request)
    return slug if _SLUG.match(slug) else DEFAULT


async def known_region(slug: str) -> bool:
    """Tell whether there is such a region."""
    return any(region.slug == slug for region in await call(regions.list_regions))


async def _answer(request: Request, slug: str, build: Build, *, in_region: bool) -> Response:
    headers = {'Vary': 'Cookie, Accept-Encoding' if in_region else 'Cookie, Accept-Encoding, Accept-Language'}
    if actor_of(request) is not None:
        slug = await _real_region(slug, in_region=in_region)
        return HTMLResponse(await _draw(request, slug, build, in_region=in_region), headers=headers)
    headers['Cache-Control'] = f'public, max-age={KEPT_SECONDS}'
    # What a visitor may write into the address or the cookie must not fill the memory.
    may_keep = in_region or not request.url.query
    html = _kept(request, slug) if may_keep else None
    if html is None:
        slug = await _real_region(slug, in_region=in_region)
        html = await _draw(request, slug, build, in_region=in_region)
        if may_keep:
            _pages[request.url.path, slug, request.state.language] = (time.monotonic() + KEPT_SECONDS, html)
    return packed.page(html, request.headers, headers)


def _kept(request: Request, slug: str) -> str | None:
    until, html = _pages.get((request.url.path, slug, request.state.language), (0.0, None))
    return html if until > time.monotonic() else None


async def _real_region(slug: str, *, in_region: bool) -> str:
    if await known_region(slug):
        return slug
    if in_region:
        raise HTTPException(404)
    return DEFAULT


async def _draw(request: Request, slug: str, build: Build, *, in_region: bool) -> str:
    page = await call(build, slug)
    address = f'/{slug}/{page.path}' if in_region else page.path
    frame = await frame_for(
        request,
        title=page.title,
        description=page.description,
        region=slug if in_region else '',
        path_in_region=page.path if in_region else '',
        canonical=f'{get_settings().url}{address}' if page.is_indexed else '',
    )
    return render(page.template, frame=frame, **page.facts)
