"""/operator/registries: files of the bank and of ERIP: load, look, book in one go; payments nobody knows."""

from functools import partial

from fastapi import FastAPI, Request
from nicegui import context, ui
from starlette.datastructures import UploadFile
from starlette.responses import Response

from components import registry_words as words
from components.action import action, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, money, plural
from components.redirect import SIGN_IN, safe_url, see_other
from components.session import act, act_for
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.registry import LineState, RegistryState
from models.user import Role
from pages.errors import error_page
from services.errors import DomainError, InvalidField, NotFound
from services.payments import registries, registry_desk
from services.payments.registry_desk import LineView, RegistryView
from services.payments.registry_files import MOST_BYTES

PATH = '/operator/registries'
ROOM = 4096
"""Bytes of an upload beside the file itself."""


def register(app: FastAPI) -> None:
    """Add the address that takes a file."""
    app.add_api_route(PATH, upload, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def registries_page(problem: str = '') -> None:
    """Show the form of a file, the newest files and what waits for a contract."""
    async with shell(_('Реестры'), area='operator', active='registries'):
        found = await act(registry_desk.list_registries)
        told = words.problems().get(problem, '')
        with ui.element('div').classes('desk dense'):
            ui.html(render('_registries.html', page=found, words=words, problem=told), sanitize=False).classes('stack')
            unknown = ui.element('div').classes('stack')
        with unknown:
            if found.unknown:
                ui.html(_('Ждут договора'), tag='h2', sanitize=False)
            for line in found.unknown:
                _draw_unknown(line)


@ui.page(PATH + '/{registry_id}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def registry_page(registry_id: int) -> Response | None:
    """Show one file: what becomes of each line, and the button that books it."""
    try:
        view = await act(registry_desk.show_registry, registry_id)
    except NotFound:
        return await error_page(context.client.request, 404)
    title = _('Реестр № {number}').format(number=view.id)
    async with shell(title, area='operator', active='registries'):
        with ui.element('div').classes('desk dense'):
            ui.html(render('_registry_head.html', view=view, words=words), sanitize=False).classes('stack')
            dialogs = ui.element('div').classes('desk__place')
            if view.state == RegistryState.LOADED and view.totals[LineState.NEW].count + _waiting(view):
                with ui.element('div').classes('cluster'):
                    _book_button(view, dialogs)
            ui.html(render('_registry_lines.html', view=view, words=words), sanitize=False)
    return None


async def upload(request: Request) -> Response:
    """Take a file and lead to it; what is wrong is told on the list."""
    length = request.headers.get('content-length', '')
    if not length.isdigit() or int(length) > MOST_BYTES + ROOM:
        return see_other(f'{PATH}?problem=large')
    async with request.form(max_files=1, max_fields=5) as form:
        file, source = form.get('file'), form.get('source')
        if not isinstance(file, UploadFile) or not isinstance(source, str):
            return see_other(f'{PATH}?problem=large')
        content, name = await file.read(), file.filename or ''
    try:
        registry_id = await act_for(request, registries.load, source, name, content)
    except InvalidField as error:
        return see_other(f'{PATH}?problem={"source" if error.field == "source" else "unread"}')
    except DomainError:
        return see_other(SIGN_IN)
    return see_other(f'{PATH}/{registry_id}')


def _waiting(view: RegistryView) -> int:
    return view.totals[LineState.UNKNOWN].count


def _book_button(view: RegistryView, dialogs: ui.element) -> None:
    new = view.totals[LineState.NEW]
    text = _('Зачислим {count} на {sum}. Абоненты получат письма. Отменить это нельзя.').format(
        count=plural(new.count, 'платёж', 'платежа', 'платежей'), sum=money(new.amount)
    )

    async def book() -> None:
        await act(registries.book, view.id)
        ui.navigate.to(safe_url(f'{PATH}/{view.id}', PATH))

    def ask() -> None:
        with dialogs:
            confirm_dialog(_('Провести реестр'), text, _('Провести'), book, 'check')

    verb = _('Провести {sum}').format(sum=money(new.amount)) if new.count else _('Провести')
    with ui.button(verb, on_click=ask, color=None) as button:
        ui.html(str(icon('check')), sanitize=False).classes('button__icon')
    button.classes('button--green').props('no-caps unelevated')


def _draw_unknown(line: LineView) -> None:
    with ui.element('section').classes('card card--flat stack stack--s') as card:
        ui.html(render('_registry_unknown.html', line=line), sanitize=False)
        fields = TypedFields.empty()
        fields.line('number', _('Номер договора'), props='inputmode=numeric')
        with ui.element('div').classes('cluster'):
            give = one_at_a_time(action(partial(_assign, line, fields, card)))
            ui.button(_('Отнести на договор'), on_click=give, color=None).props('no-caps')


async def _assign(line: LineView, fields: TypedFields, card: ui.element) -> None:
    try:
        await act(registries.assign, line.id, fields.value('number'))
    except InvalidField as refusal:
        if not fields.show(refusal):
            raise
        return
    card.delete()
    tell(_('Платёж зачислен'))
