"""/my/data-access: which of the staff looked at the subscriber's data, when and at what."""

from nicegui import ui

from components import audit_words
from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.session import act
from models.user import Role
from services.audit import who_looked


@ui.page('/my/data-access')
@requires(Role.SUBSCRIBER)
async def who_looked_page(before: str = '') -> None:
    """Show a page of the timeline, by day."""
    older = whole_number(before) or None
    page = await act(who_looked.list_accesses, older)
    await cabinet_page(
        'cabinet_who_looked.html',
        _('Кто смотрел мои данные'),
        active='profile',
        page=page,
        is_first=older is None,
        words=audit_words,
    )
