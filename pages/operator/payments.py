"""/operator/payments: card payments by state, and why some were put aside. Reading only."""

from urllib.parse import urlencode

from nicegui import ui
from starlette.responses import Response

from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.payment_words import FAULTS, STATES, decline_words
from components.session import act
from components.shell import shell
from components.templating import render
from models.payment import PaymentState
from models.user import Role
from services import field_rules
from services.events import PaymentChanged
from services.payments import payment_register


@ui.page('/operator/payments')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def payments_page(state: str = '', contract: str = '', page: int = 1) -> Response | None:
    """Show one page of the list; it is drawn anew when a payment goes on."""
    chosen = PaymentState(state) if state in set(PaymentState) else None
    number = contract.strip() if field_rules.rule('contract_number').fits(contract.strip()) else ''

    async def draw() -> str:
        register = await act(payment_register.list_payments, chosen, number, page)
        return render(
            '_payments.html',
            register=register,
            chosen=chosen,
            contract=number,
            states={key: _(words) for key, (words, _kind) in STATES.items()},
            kinds={key: kind for key, (_words, kind) in STATES.items()},
            faults={key: _(words) for key, words in FAULTS.items()},
            decline=decline_words,
            address=_address,
        )

    async with shell(_('Платежи'), area='operator', active='payments'):
        table = ui.html(await draw(), sanitize=False)

    async def refresh(_event: PaymentChanged) -> None:
        table.set_content(await draw())

    on_event(PaymentChanged, refresh)
    return None


def _address(state: str | None, contract: str, page: int = 1) -> str:
    wanted = {'state': state or '', 'contract': contract, 'page': str(page) if page > 1 else ''}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f'/operator/payments?{query}' if query else '/operator/payments'
