"""What the gateway says of a payment now: the question for each way of paying. Over the network, no transaction."""

from dataclasses import dataclass

from models.payment import Payment
from services.clock import now
from services.gateways.payment_gateway import GatewayStatus, PaymentGateway, Transaction
from services.gateways.told_by_bells import ToldByBells
from services.payments import card_outcomes, erip_answers, unasked_pages
from services.payments.in_flight import PAGE_LIFE
from services.runner import with_connection


@dataclass(frozen=True)
class Answer:
    """What the gateway says now: its status of the whole, whether that is final, and the transactions it named."""

    status: GatewayStatus
    is_finished: bool
    transactions: tuple[Transaction, ...]


def ask(port: PaymentGateway, payment: Payment, uid: str | None) -> Answer:
    """Return the whole answer. A token tells only the latest attempt, and in short: each is asked about by its uid.

    Raises:
        GatewayError: there is none.
    """
    if erip_answers.is_erip(payment):
        return _ask_erip(payment)
    if isinstance(port, ToldByBells):
        return Answer(*unasked_pages.verdict(payment, unasked_pages.rung(port, payment)))
    if payment.gateway_token is None:
        found = port.list_by_tracking_id(payment.tracking_id)
        if with_connection(card_outcomes.is_charge)(payment.id):
            return _of_charge(payment, found)
        return Answer(*unasked_pages.verdict(payment, found))
    state = port.query_by_token(payment.gateway_token)
    uids = dict.fromkeys(u for u in (state.transaction and state.transaction.uid, uid) if u)
    return Answer(state.status, state.is_finished, tuple(port.query_by_uid(each) for each in uids))


def _of_charge(payment: Payment, found: tuple[Transaction, ...]) -> Answer:
    """Return the answer about a charge of a kept card: one transaction, so what it says is final. One nobody has heard
    of, or confirmed, for as long as a page lives comes to nothing; money that comes later is credited all the same."""
    status = found[0].status if found else GatewayStatus.CREATED
    if status in (GatewayStatus.CREATED, GatewayStatus.PROCESSING):
        if payment.created_at + PAGE_LIFE < now():
            return Answer(GatewayStatus.EXPIRED, is_finished=True, transactions=found)
        # Where the payer has to confirm at the bank, he still may.
        status = GatewayStatus.CREATED if payment.redirect_url else status
        return Answer(status, is_finished=False, transactions=found)
    return Answer(status, is_finished=True, transactions=found)


def _ask_erip(payment: Payment) -> Answer:
    """Return the whole answer about one payment through ERIP: it is a transaction of its own."""
    found = erip_answers.ask(payment)
    return Answer(found.status, is_finished=True, transactions=(found,))
