"""/operator/staff/{user_id}: one employee: roles, the door, and where he is signed in."""

from collections.abc import Callable
from functools import partial

from nicegui import context, ui
from starlette.responses import Response

from components.action import action, form_key, tell
from components.audit_words import role_word
from components.devices import device_name
from components.employee_form import RoleTicks, show_access
from components.guards import requires
from components.i18n import _, moment
from components.live import on_event
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from pages.errors import error_page
from services.errors import InvalidField, NotFound
from services.events import SessionEnded
from services.identity import employee_passwords, staff
from services.identity.own_sessions import OpenSession
from services.identity.staff import EmployeeCard


@ui.page('/operator/staff/{user_id}')
@requires(Role.ADMINISTRATOR)
async def employee_page(user_id: str) -> Response | None:
    """Show one employee."""
    try:
        card = await act(staff.get_card, whole_number(user_id))
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(card.employee.name, area='operator', active='staff'):
        OpenEmployee(card).open()
    return None


class OpenEmployee:
    """One employee on one open page."""

    def __init__(self, card: EmployeeCard) -> None:
        self._card, self._id = card, card.employee.id

    def open(self) -> None:
        """Draw the three panes and follow the sessions that end."""
        with ui.element('div').classes('console dense'):
            self._facts = ui.html(sanitize=False).classes('console__pane console__pane--tall')
            with ui.element('div').classes('console__pane stack'):
                with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Роли")}"'):
                    ui.html(_('Роли'), tag='h2', sanitize=False)
                    self._ticks = RoleTicks(self._card.employee.roles)
                    self._button(_('Сохранить роли'), self._save_roles, 'button--green')
                self._door = ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Вход")}"')
            self._sessions = ui.element('section').classes('console__pane stack').props(f'aria-label="{_("Сеансы")}"')
        self._dialogs = ui.element('div').classes('desk__place')
        self._draw()
        on_event(SessionEnded, self._reread)

    def _draw(self) -> None:
        person = self._card.employee
        self._facts.set_content(render('_employee.html', person=person))
        self._door.clear()
        with self._door:
            ui.html(_('Вход в систему'), tag='h2', sanitize=False)
            if person.is_self:
                ui.label(_('Это вы. Заблокировать вас может другой администратор.')).classes('muted')
            elif person.is_blocked:
                ui.label(_('Войти нельзя. Прежние роли и пароль сохранены.')).classes('muted')
                self._button(_('Разблокировать'), self._unblock)
            else:
                ui.label(_('Забыл пароль — выдайте одноразовый. Второй шаг входа останется прежним.')).classes('muted')
                self._button(_('Выдать новый пароль'), self._ask_password, '', 'key-round')
                ui.label(_('После блокировки сотрудник сразу выйдет на всех устройствах.')).classes('muted')
                self._button(_('Заблокировать'), self._ask_block, 'button--danger', 'ban')
        self._sessions.clear()
        with self._sessions:
            self._draw_sessions()

    def _draw_sessions(self) -> None:
        ui.html(_('Где вошёл'), tag='h2', sanitize=False)
        if not self._card.sessions:
            ui.label(_('Сейчас не в системе.')).classes('muted')
        with ui.element('ul').classes('devices'):
            for each in self._card.sessions:
                with ui.element('li').classes('devices__item'):
                    ui.html(_session(each), sanitize=False)
                    if not each.is_this:
                        self._button(_('Завершить'), partial(self._end, each.id))
        if any(not each.is_this for each in self._card.sessions):
            self._button(_('Завершить все сеансы'), self._end_all, 'button--danger', 'log-out')

    def _button(self, words: str, deed: Callable[[], object], look: str = '', picture: str = '') -> None:
        holder = ui.element('div').classes('cluster')
        with holder, ui.button(words, on_click=deed, color=None).classes(look).props('no-caps unelevated'):
            if picture:
                ui.html(str(icon(picture)), sanitize=False).classes('button__icon')

    async def _reread(self, _event: object = None) -> None:
        self._card = await act(staff.get_card, self._id)
        self._draw()

    @action
    async def _save_roles(self) -> None:
        self._ticks.show(None)
        try:
            await act(staff.set_roles, self._id, list(self._ticks.chosen))
        except InvalidField as error:
            self._ticks.show(error)
            return
        await self._reread()
        tell(_('Роли сохранены'))

    @action
    async def _ask_password(self) -> None:
        await act(employee_passwords.may_reissue, self._id)
        key = form_key()
        title = _('Новый пароль: {name}').format(name=self._card.employee.name)
        hint = _(
            'Убедитесь, что просит сам сотрудник. Прежний пароль перестанет подходить, на всех устройствах нужно будет '
            'войти заново. Причина останется в журнале.'
        )
        with self._dialogs:
            reason_dialog(title, hint, _('Выдать новый пароль'), lambda reason: self._reissue(reason, key), 'key-round')

    async def _reissue(self, reason: str, key: str) -> None:
        access = await act(employee_passwords.reissue, self._id, reason, key)
        await self._reread()
        with self._dialogs, ui.dialog(value=True).props('persistent') as dialog, ui.card().classes('dense'):
            dialog.on('hide', dialog.delete)
            dialog.props['aria-label'] = _('Новый пароль')
            show_access(access, dialog.close)

    @action
    async def _ask_block(self) -> None:
        title = _('Заблокировать: {name}').format(name=self._card.employee.name)
        hint = _('Сотрудник сразу выйдет на всех устройствах и не сможет войти. Причина останется в журнале.')
        with self._dialogs:
            reason_dialog(title, hint, _('Заблокировать'), self._block)

    async def _block(self, reason: str) -> None:
        await act(staff.block, self._id, reason)
        await self._reread()

    @action
    async def _unblock(self) -> None:
        await act(staff.unblock, self._id)
        await self._reread()

    @action
    async def _end(self, session_id: int) -> None:
        await act(staff.end_session, self._id, session_id)
        await self._reread()

    @action
    async def _end_all(self) -> None:
        await act(staff.end_sessions, self._id)
        await self._reread()


def _session(session: OpenSession) -> str:
    return render(
        '_employee_session.html',
        session=session,
        device=device_name(session.agent),
        role=role_word(session.role),
        seen=moment(session.seen_at),
    )
