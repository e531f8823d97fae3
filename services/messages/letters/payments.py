"""Letters about money that went back, and about a payment that was taken back."""

from decimal import Decimal

from models.contract import Contract
from services.messages.letters import queue


def refunded(contract: Contract, *, amount: Decimal, balance: Decimal, card: str, reason: str, key: str) -> None:
    """Tell that money went back to the bank; `amount` and the `balance` after it in rubles, `card`: last four."""
    _queue('refunded', contract, key, {'amount': amount, 'balance': balance, 'card': card, 'reason': reason})


def payment_cancelled(contract: Contract, *, amount: Decimal, balance: Decimal, reason: str, key: str) -> None:
    """Tell that a payment an employee had written down was taken back, and why."""
    _queue('payment_cancelled', contract, key, {'amount': amount, 'balance': balance, 'reason': reason})


def _queue(letter: str, contract: Contract, key: str, facts: dict[str, object]) -> None:
    owner = contract.subscriber
    mail = (owner.user.email if owner.user else '') or owner.email or ''
    queue(letter, mail, key=key, name=owner.first_name, contract=contract.number, **facts)
