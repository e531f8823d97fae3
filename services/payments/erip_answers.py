"""What the gateway says of a payment through ERIP, in the words in which payments are judged.

A bell makes a `Payment` with the gateway's uid in `gateway_token`; it is asked about, judged and credited like a card
payment (payment_outcomes.py), only that nobody agreed on a sum.
"""

from dataclasses import replace

from models.account import Operation
from models.erip import EripClaim, EripPayment
from models.payment import Payment
from models.registry import RegistrySource
from services.accounts import registry_keys
from services.gateways.erip_gateway import EripTransaction
from services.gateways.payment_gateway import GatewayUnknown, Transaction
from services.payments import payment_gateways
from services.runner import transactional, with_connection

GATEWAY = 'erip'
"""`Payment.gateway` of what came through ERIP."""


def is_erip(payment: Payment) -> bool:
    """Tell whether a payment came through ERIP."""
    return bool(payment.gateway == GATEWAY)


def ask(payment: Payment) -> Transaction:
    """Ask the gateway about a payment, over the network. A transaction of another account bears another tracking id.

    Raises:
        GatewayRefused, GatewayUnknown: no answer about it.
    """
    erip = payment_gateways.erip()
    if erip is None or payment.gateway_token is None:
        raise GatewayUnknown('no ERIP is set up')
    found = erip.port.query_erip(payment.gateway_token)
    claim = with_connection(_note)(payment, found)
    is_ours = (found.account_number, found.service_no) == (claim.contract.number, erip.port.service_no)
    is_claims = found.transaction.tracking_id in (None, claim.tracking_id)
    tracking = payment.tracking_id if is_ours and is_claims else f'other:{payment.tracking_id}'[:64]
    return replace(found.transaction, tracking_id=tracking)


def is_in_register(payment: Payment) -> bool:
    """Tell whether this very money was booked from a register of ERIP before the bell was answered."""
    known = EripPayment.get_or_none(EripPayment.payment == payment)
    names = {payment.gateway_token, known.transaction_no if known else ''} - {None, ''}
    keys = [registry_keys.key_of(RegistrySource.ERIP, document=str(name)) for name in names]
    return bool(Operation.select().where(Operation.key.in_(keys)).exists())


@transactional
def _note(payment: Payment, found: EripTransaction) -> EripClaim:
    """Keep the number in ERIP, by which a register names the same money; return the claim."""
    row: EripPayment = EripPayment.get(EripPayment.payment == payment)
    if found.transaction_no and row.transaction_no != found.transaction_no:
        row.transaction_no = found.transaction_no
        row.save(only=[EripPayment.transaction_no])
    claim: EripClaim = row.claim
    assert claim.contract.number  # read here: there is no connection outside
    return claim
