"""/operator/usage: readings of traffic: a table is sent, looked at, taken in."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import Response

from components import usage_words
from components.form_file import read_file
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.redirect import SIGN_IN, see_other
from components.session import act, act_for, actor_of
from components.shell import frame_for, paint
from models.user import Role
from pages.errors import error_page
from services import limits
from services.accounts import usage_desk
from services.errors import DomainError, NotAllowed, NotFound, SignInRequired

PATH = '/operator/usage'
MOST_BYTES = limits.count('usage_file_bytes')


def register(app: FastAPI) -> None:
    """Add the addresses that take the table and the word to take it in."""
    app.add_api_route(f'{PATH}/table', send, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/take', take, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def usage_page(table: str = '', done: str = '', problem: str = '') -> Response | None:
    """Show the form and the last months, or what a table that was sent would do."""
    try:
        desk = await act(usage_desk.show, whole_number(table))
    except NotFound:
        return await error_page(context.client.request, 404)
    frame = await frame_for(context.client.request, title=_('Трафик'))
    told = _('Готово, показания загружены. Изменилось: {count}.').format(count=whole_number(done)) if done else ''
    facts = {'desk': desk, 'words': usage_words, 'told': told, 'problem': _problems().get(problem, '')}
    paint('usage.html', frame=frame, area='operator', active='usage', **facts)
    return None


async def send(request: Request) -> Response:
    """Take a table to be looked at."""
    if actor_of(request) is None:
        return see_other(SIGN_IN)
    content = await read_file(request, 'table', most_bytes=MOST_BYTES)
    if content is None:
        return see_other(f'{PATH}?problem=file')
    try:
        table = await act_for(request, usage_desk.send, content.decode(errors='replace'))
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError:
        return see_other(f'{PATH}?problem=empty')
    return see_other(f'{PATH}?table={table}')


async def take(request: Request, table: Annotated[str, Form()] = '') -> Response:
    """Take in the readings of a table that was looked at."""
    try:
        changed = await act_for(request, usage_desk.take, whole_number(table))
    except NotFound:
        return see_other(f'{PATH}?problem=gone')
    except DomainError:
        return see_other(SIGN_IN)
    return see_other(f'{PATH}?done={changed}')


def _problems() -> dict[str, str]:
    megabytes = MOST_BYTES // 1_000_000
    return {
        'file': _('Файл не выбран или больше {megabytes} МБ. Большую таблицу разделите на части.').format(
            megabytes=megabytes
        ),
        'empty': _('В файле нет строк таблицы. Сохраните её в формате CSV: договор;месяц;байты.'),
        'gone': _('Эта таблица уже загружена или её срок вышел. Если нужно, отправьте файл ещё раз.'),
    }
