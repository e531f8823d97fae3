"""Letters of autopay: what will be taken tomorrow and how to stop it, what failed, that it has stopped."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.contract import Contract
from services.messages.letters import queue


class Why(StrEnum):
    """Why an autopay ends without its owner."""

    FAILURES = 'failures'
    CARD = 'card'  # the bank does not know it any more, it was removed, or its term is over


def announced(contract: Contract, *, on: date, amount: Decimal, card: str, key: str) -> None:
    """Tell the day before what will be taken (rubles, at most), from which card, and how to stop it."""
    _queue('autopay_announced', contract, key, {'on': on, 'amount': amount, 'card': card})


def over_limit(contract: Contract, *, amount: Decimal, limit: Decimal, card: str, key: str) -> None:
    """Tell that the limit of the month does not let a payment through; rubles."""
    _queue('autopay_over_limit', contract, key, {'amount': amount, 'limit': limit, 'card': card})


def failed(contract: Contract, *, amount: Decimal, card: str, again_on: date | None, key: str) -> None:
    """Tell that the bank did not take a payment, and when it is tried again."""
    _queue('autopay_failed', contract, key, {'amount': amount, 'card': card, 'again_on': again_on})


def stopped(contract: Contract, *, card: str, why: Why, key: str) -> None:
    """Tell that autopay has stopped by itself."""
    _queue('autopay_stopped', contract, key, {'card': card, 'why': str(why)})


def _queue(letter: str, contract: Contract, key: str, facts: dict[str, object]) -> None:
    owner = contract.subscriber
    mail = (owner.user.email if owner.user else '') or owner.email or ''
    queue(letter, mail, key=key, name=owner.first_name, contract=contract.number, **facts)
