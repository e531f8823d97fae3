"""/operator/payments: payments by state and filter, what waits for a person, the daily comparison with the bank."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from nicegui import ui
from starlette.responses import Response

from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.payment_desk_words import DIFFERENCES, FAULTS, way_words
from components.payment_words import STATES, decline_words
from components.session import act
from components.shell import shell
from components.templating import render
from models.payment import PaymentState
from models.user import Role
from services import field_rules
from services.errors import InvalidField
from services.events import PaymentChanged
from services.payments import payment_register, payments, typed_days
from services.payments.payment_register import Filter

PATH = '/operator/payments'


@dataclass(frozen=True)
class Asked:
    """What stands in the address, as it was typed."""

    state: str
    contract: str
    since: str
    until: str
    amount: str
    uid: str
    way: str

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything but a state is looked for."""
        return any((self.contract, self.since, self.until, self.amount, self.uid, self.way))


@ui.page(PATH)
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def payments_page(  # noqa: PLR0913, PLR0917 - each is a name of the address
    state: str = '',
    contract: str = '',
    page: int = 1,
    since: str = '',
    until: str = '',
    amount: str = '',
    uid: str = '',
    way: str = '',
) -> Response | None:
    """Show one page of the list; it is drawn anew when a payment goes on. What cannot be read looks for nothing."""
    chosen = PaymentState(state) if state in set(PaymentState) else None
    number = contract.strip() if field_rules.rule('contract_number').fits(contract.strip()) else ''
    wanted = Filter(_day(since), _day(until), _sum(amount), field_rules.key_of('tracking', uid.strip()), way[:16])
    asked = Asked(
        state=chosen or '',
        contract=number,
        since=_kept(since, wanted.since),
        until=_kept(until, wanted.until),
        amount=_kept(amount, wanted.amount),
        uid=wanted.uid,
        way=wanted.way,
    )

    async def draw() -> str:
        register = await act(payment_register.list_payments, chosen, number, page, wanted=wanted)
        return render(
            '_payments.html',
            register=register,
            chosen=chosen,
            asked=asked,
            states={key: _(words) for key, (words, _kind) in STATES.items()},
            kinds={key: kind for key, (_words, kind) in STATES.items()},
            faults={key: _(words) for key, words in FAULTS.items()},
            differences={key: (_(what), _(todo)) for key, (what, todo) in DIFFERENCES.items()},
            way=way_words,
            decline=decline_words,
            address=_address,
        )

    async with shell(_('Платежи'), area='operator', active='payments'):
        table = ui.html(await draw(), sanitize=False)

    async def refresh(_event: PaymentChanged) -> None:
        table.set_content(await draw())

    on_event(PaymentChanged, refresh)
    return None


def _day(typed: str) -> date | None:
    try:
        return typed_days.read_day('since', typed) if typed.strip() else None
    except InvalidField:
        return None


def _sum(typed: str) -> Decimal | None:
    try:
        return payments.read_amount(typed, least=Decimal('0.01'), most=Decimal(10**6)) if typed.strip() else None
    except InvalidField:
        return None


def _kept(typed: str, read: object) -> str:
    return typed.strip() if read else ''


def _address(asked: Asked, state: str | None = None, page: int = 1) -> str:
    wanted = {**asked.__dict__, 'state': state or '', 'page': str(page) if page > 1 else ''}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f'{PATH}?{query}' if query else PATH
