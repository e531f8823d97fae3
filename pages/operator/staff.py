"""/operator/staff: the employees, for administrators; a new one gets a one-time password."""

from nicegui import ui

from components.audit_words import role_word
from components.employee_form import employee_dialog
from components.guards import requires
from components.i18n import _
from components.redirect import safe_url
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from services.identity import employees, staff
from services.identity.employees import FirstAccess, NewEmployee


@ui.page('/operator/staff')
@requires(Role.ADMINISTRATOR)
async def staff_page() -> None:
    """Show all employees and make new ones."""

    async def create(typed: NewEmployee) -> FirstAccess:
        access = await act(employees.create, typed)
        content.set_content(await _list())
        return access

    def ask() -> None:
        with dialogs:
            employee_dialog(
                create, lambda user_id: ui.navigate.to(safe_url(f'/operator/staff/{user_id}', '/operator/staff'))
            )

    async with shell(_('Сотрудники'), area='operator', active='staff'):
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Сотрудники'), tag='h1', sanitize=False)
                with ui.button(_('Добавить сотрудника'), on_click=ask, color=None) as button:
                    ui.html(str(icon('plus')), sanitize=False).classes('button__icon')
                button.classes('button--green').props('no-caps unelevated')
            content = ui.html(await _list(), sanitize=False).classes('desk__list')
        dialogs = ui.element('div').classes('desk__place')


async def _list() -> str:
    return render('_staff.html', staff=await act(staff.list_staff), role_word=role_word)
