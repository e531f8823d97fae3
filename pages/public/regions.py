"""`/regions?next=…`: the list of towns as a page, for browsers without scripts; `next` is the page inside the town."""

import re

from fastapi import FastAPI, Request
from starlette.responses import Response

from components.i18n import _
from components.public_page import PublicPage, plain_page

_INSIDE = re.compile(
    r'(?:address/|kontakti/|tarify/|packets-constructor/(?:application)?)?(?:\?[A-Za-z0-9=&_%.,:+-]{0,400})?\Z'
)


def register(app: FastAPI) -> None:
    """Add the page."""
    app.add_api_route('/regions', regions, methods=['GET', 'HEAD'], include_in_schema=False)


async def regions(request: Request) -> Response:
    """Show the towns; each link keeps the page the visitor came from, if it is one of ours."""
    wanted = request.query_params.get('next', '')
    inside = wanted if _INSIDE.match(wanted) else ''
    return await plain_page(request, lambda _slug: _build(inside))


def _build(inside: str) -> PublicPage:
    return PublicPage(
        template='regions.html', path='/regions', title=_('Где подключаем'), is_indexed=False, facts={'inside': inside}
    )
