"""/operator/subscribers/{number}: what a caller has, owes and was told; read only."""

from functools import partial

from nicegui import context, ui
from starlette.responses import Response

from components.application_words import state_word
from components.contract_words import contract_word, ownership
from components.guards import requires
from components.i18n import _, money
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from pages.errors import error_page
from services.contracts import subscribers
from services.contracts.subscriber_cards import SubscriberCard
from services.errors import NotFound
from services.events import ContractChanged


@ui.page('/operator/subscribers/{number}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def subscriber_page(number: str) -> Response | None:
    """Show one contract and keep its money true."""
    try:
        card = await act(subscribers.get_card, number)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Договор {number}').format(number=number), area='operator', active='subscribers'):
        shown = ui.html(_draw(card), sanitize=False)

    async def reread(_event: ContractChanged) -> None:
        shown.set_content(_draw(await act(subscribers.get_card, number)))

    on_event(ContractChanged, reread, when=lambda event: event.contract_id == card.contract_id)
    return None


def _draw(card: SubscriberCard) -> str:
    return render(
        '_subscriber.html',
        card=card,
        contract_word=contract_word,
        ownership=ownership,
        state_word=state_word,
        signed=partial(money, sign=True),
    )
