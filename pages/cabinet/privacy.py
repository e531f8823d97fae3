"""Forms of /my/profile about one's own data: news, a copy of everything, the request to erase; and the copy itself."""

from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from components.confirming import ask_to_confirm
from components.i18n import language
from components.posted import posted
from components.redirect import see_other
from components.session import act_for
from services.errors import NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from services.privacy import consents, exports, requests

PATH = '/my/profile'
Text = Annotated[str, Form()]


def register(app: FastAPI) -> None:
    """Add the addresses."""
    for path, take in (
        ('/news', choose_news),
        ('/copy', order_copy),
        ('/erasure', ask_erasure),
        ('/erasure/withdraw', withdraw_erasure),
    ):
        app.add_api_route(f'{PATH}{path}', take, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/copy/{{kind}}', copy_file, methods=['GET'], include_in_schema=False)


async def choose_news(request: Request, wanted: Text = '') -> Response:
    """Say yes or no to news in one click."""
    if wanted == 'yes':
        return await posted(request, consents.give_news, language(), page=PATH, done='news-yes')
    return await posted(request, consents.withdraw_news, page=PATH, done='news-no')


async def order_copy(request: Request) -> Response:
    """Have a copy made."""
    return await posted(request, exports.order, page=PATH, done='copy')


async def ask_erasure(request: Request, form_key: Text = '') -> Response:
    """Send the request to erase."""
    return await posted(request, requests.ask_erasure, form_key, page=PATH, done='erasure')


async def withdraw_erasure(request: Request) -> Response:
    """Take the request back."""
    return await posted(request, requests.withdraw, page=PATH, done='withdrawn')


async def copy_file(request: Request, kind: str) -> Response:
    """Answer the copy as a file to be saved: `html` to read, `json` for programs."""
    try:
        file = await act_for(request, exports.open_file, kind)
    except SignInRequired:
        return see_other(f'/my/index?next={quote(PATH, safe="")}')
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except NotFound:
        return see_other(f'{PATH}?problem=copy')
    plain = 'my-data.json' if kind == 'json' else 'my-data.html'
    headers = {
        'Content-Disposition': f'attachment; filename="{plain}"; filename*=UTF-8\'\'{quote(file.name, safe="")}',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'private, no-store',
    }
    return Response(file.content, media_type=file.media_type, headers=headers)
