"""`/demo/clock`: move the date and watch what would happen, on a copy of the data. Outside the demo there is none."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from components import rehearsal_words
from components.i18n import _, error_text
from components.redirect import see_other
from components.shell import frame_for
from components.templating import render
from services.clock import local
from services.errors import DomainError, InvalidField, NotFound
from services.rehearsal import desk
from services.rehearsal.desk import ClockDesk, Order
from services.rehearsal.happenings import Happening
from services.runner import call
from services.settings import get_settings

Text = Annotated[str, Form()]
ALL = 'all'


def register(app: FastAPI) -> None:
    """Add the page and its form."""
    app.add_api_route('/demo/clock', show, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/demo/clock', move, methods=['POST'], include_in_schema=False)


async def show(request: Request, contract: str = '') -> Response:
    """Show the last rehearsal, all of it or what concerns one contract."""
    return await _page(request, contract)


async def move(request: Request, until: Text = '', step: Text = '', contract: Text = '') -> Response:
    """Begin a rehearsal up to the day of the form, moved on by its button."""
    if not get_settings().demo:
        raise HTTPException(404)
    address = request.client.host if request.client else ''
    number = '' if contract == ALL else contract
    try:
        desk.begin(await call(desk.order, until, step, number, address=address))
    except DomainError as error:
        return await _page(request, '', typed={'until': until[:10], 'contract': contract[:16]}, error=error)
    return see_other('/demo/clock')


async def _page(
    request: Request, contract: str, *, typed: dict[str, str] | None = None, error: DomainError | None = None
) -> Response:
    if not get_settings().demo:
        raise HTTPException(404)
    clock = await call(desk.show)
    told = clock.rehearsal.happenings if clock.rehearsal else ()
    page = render(
        'clock.html',
        frame=await frame_for(request, title=_('Расчётные часы')),
        clock=clock,
        typed=typed or _typed(clock),
        options=[(ALL, _('Все договоры')), *((number, number) for number in clock.numbers)],
        months=_by_month(told, contract),
        told_of=sorted({each.number for each in told} - {''}),
        contract=contract,
        words=rehearsal_words,
        problem=_problem(error),
        wrong_day=error_text(error) if isinstance(error, InvalidField) else '',
    )
    return HTMLResponse(page, status_code=error.status if error else 200)


def _typed(clock: ClockDesk) -> dict[str, str]:
    """Return what stands in the form: the last rehearsal, from which the buttons move on."""
    order = clock.rehearsal.order if clock.rehearsal else Order(clock.today)
    return {'until': order.until.isoformat(), 'contract': order.number or ALL}


def _problem(error: DomainError | None) -> str:
    if error is None or isinstance(error, InvalidField):
        return ''
    return _('Такого договора здесь нет.') if isinstance(error, NotFound) else error_text(error)


def _by_month(told: Sequence[Happening], contract: str) -> list[tuple[date, list[Happening]]]:
    chosen = (each for each in told if contract in ('', each.number))
    return [(month, list(same)) for month, same in groupby(chosen, key=_month)]


def _month(each: Happening) -> date:
    return local(each.at).date().replace(day=1)
