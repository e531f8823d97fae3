"""/application/{number}/visit: the client chooses, moves or calls off the visit of his application."""

from datetime import date

from fastapi import FastAPI, Request
from starlette.responses import Response

from components.form_body import read_form
from components.redirect import see_other
from components.tracker_cookie import held_key
from pages.public.tracker import PATH, drawn, held_for, without_key
from services.errors import DomainError, NotFound
from services.runner import call
from services.visits import client_visits


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(f'{PATH}/{{number}}/visit', change_visit, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/{{number}}/visit', page_of_form, methods=['GET'], include_in_schema=False)


async def change_visit(request: Request, number: str) -> Response:
    """Do what the button says; what cannot be done is told on the same page, beside the visit."""
    sent = await read_form(request) or {}
    try:
        key = await held_for(request, number)
        await _change(key, held_key(request)[1], sent)
    except NotFound:
        return await without_key(request)
    except DomainError as error:
        return await drawn(request, key, visit_error=error)
    return see_other(f'{PATH}/{number}#visit')


async def page_of_form(number: str) -> Response:
    """Lead to where the form stands: what was refused is told at this address, and a restored tab asks for it anew."""
    return see_other(f'{PATH}/{number}' if number.isascii() and number.isdigit() else '/')


async def _change(key: str, unlocked: str, sent: dict[str, str]) -> None:
    if sent.get('step') == 'cancel':
        await call(client_visits.cancel, key, unlocked, sent.get('key', ''))
    else:
        day, hour = _slot(sent.get('slot', ''))
        await call(client_visits.choose, key, unlocked, day, hour, sent.get('key', ''))


def _slot(typed: str) -> tuple[date | None, int | None]:
    """Read `2026-12-01 13`; anything else is no slot, and the service refuses it."""
    day, _, hour = typed.partition(' ')
    try:
        return date.fromisoformat(day), int(hour) if hour.isascii() and len(hour) < 3 else None
    except ValueError:
        return None, None
