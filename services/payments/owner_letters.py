"""The letter to the owner of a contract that money has come, however it came."""

from datetime import datetime
from decimal import Decimal

from models.contract import Contract
from services.accounts import ledger
from services.clock import now
from services.messages import letters
from services.messages.letters import PaidBy


def tell_owner(
    contract: Contract, amount: Decimal, key: str, *, paid_at: datetime | None = None, by: PaidBy = letters.OTHERWISE
) -> None:
    """Write that `amount` rubles have come, with the balance after them, in the transaction that booked them.

    Args:
        key: of the operation; the same one writes one letter.
        paid_at: now unless given.
    """
    user = contract.subscriber.user
    if user is None:
        return
    letters.payment_received(
        user,
        contract_number=contract.number,
        amount=amount,
        balance=ledger.balance(contract),
        paid_at=paid_at or now(),
        key=key,
        by=by,
    )
