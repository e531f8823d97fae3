"""The form of a new employee, and the one-time password shown after it."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from components.action import action, one_at_a_time
from components.audit_words import role_word
from components.i18n import _, error_text
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.user import Role
from services.errors import DomainError, InvalidForm
from services.identity.employees import FirstAccess, NewEmployee
from services.identity.staff import ROLE_ORDER


class RoleTicks:
    """One tick for each staff role, with the error under them."""

    def __init__(self, held: tuple[Role, ...] = ()) -> None:
        with ui.element('div').props(f'role=group aria-label="{_("Роли")}"').classes('stack stack--s'):
            self._ticks = {role: ui.checkbox(role_word(role), value=role in held) for role in ROLE_ORDER}
            self._error = ui.label().classes('field__error').props('role=alert')
        self._error.set_visibility(False)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the names of the ticked roles."""
        return tuple(str(role) for role, tick in self._ticks.items() if tick.value)

    def set(self, held: tuple[Role, ...]) -> None:
        """Tick exactly these."""
        for role, tick in self._ticks.items():
            tick.value = role in held

    def show(self, refusal: DomainError | None) -> None:
        """Show what is wrong with the choice, or nothing."""
        self._error.set_text(error_text(refusal) if refusal else '')
        self._error.set_visibility(refusal is not None)


def employee_dialog(on_create: Callable[[NewEmployee], Awaitable[FirstAccess]], on_done: Callable[[int], None]) -> None:
    """Ask who the new employee is; errors stand under their fields, then the password is shown once.

    Args:
        on_create: makes the account.
        on_done: called with the id when the password was written down.
    """
    dialog = ui.dialog(value=True).props('persistent')
    dialog.on('hide', dialog.delete)
    dialog.props['aria-label'] = _('Новый сотрудник')
    with dialog, ui.card().classes('dense') as card:
        ui.html(_('Новый сотрудник'), tag='h2', sanitize=False)
        fields = TypedFields.empty()
        fields.line('login', _('Логин'), hint=_('Латинские буквы и цифры, например petrova'), props='dense autofocus')
        fields.line('name', _('Имя и фамилия'), props='dense')
        fields.line('email', _('E-mail'), hint=_('На него придут письма о входе и пароле'), props='dense')
        ticks = RoleTicks()

        @one_at_a_time
        @action
        async def create() -> None:
            ticks.show(None)
            try:
                access = await on_create(NewEmployee(**fields.values(), roles=ticks.chosen))
            except DomainError as refusal:
                wrong = refusal.errors.get('roles') if isinstance(refusal, InvalidForm) else None
                ticks.show(wrong)
                if not fields.show(refusal) and wrong is None:
                    raise
                return
            card.clear()
            with card:
                show_access(access, partial(on_done, access.user_id))

        with ui.element('div').classes('cluster'):
            ui.button(_('Добавить'), on_click=create, color=None).classes('button--green').props('no-caps unelevated')
            ui.button(_('Не добавлять'), on_click=dialog.close, color=None).props('flat no-caps')


def show_access(access: FirstAccess, on_seen: Callable[[], object]) -> None:
    """Show the one-time password, inside the dialog that is being built; `on_seen` when it was handed over."""
    ui.html(render('_employee_access.html', access=access), sanitize=False)
    with ui.button(_('Пароль передан, закрыть'), on_click=on_seen, color=None) as button:
        ui.html(str(icon('check')), sanitize=False).classes('button__icon')
    button.classes('button--green').props('no-caps unelevated')
