"""/my/documents: contract, act and receipts."""

from nicegui import ui

from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _
from components.session import act
from models.user import Role
from services.contracts import own_documents


@ui.page('/my/documents')
@requires(Role.SUBSCRIBER)
async def documents_page() -> None:
    """Show the papers of the chosen contract."""
    documents = await act(own_documents.list_own)
    await cabinet_page('cabinet_documents.html', _('Документы'), active='documents', documents=documents)
