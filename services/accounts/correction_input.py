"""What an employee typed and named when he corrects a wallet."""

from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract, Subscriber
from services import field_rules, limits
from services.errors import N_, InvalidField, InvalidForm, NotFound, gathered
from services.input_text import clean_text
from services.money import KOPECK, ZERO
from services.payments.payments import read_amount

MOST = limits.money('correction_largest')


def read(amount: object, reason: object) -> tuple[Decimal, str]:
    """Return rubles and the reason.

    Raises:
        InvalidForm: what is wrong in `amount`, `reason`.
    """
    errors: dict[str, InvalidField] = {}
    rubles, why = ZERO, ''
    with gathered(errors):
        rubles = read_amount(amount, least=KOPECK, most=MOST)
    with gathered(errors):
        why = read_reason(reason)
    if errors:
        raise InvalidForm(errors)
    return rubles, why


def read_reason(reason: object) -> str:
    """Return why a wallet is corrected; the subscriber reads it.

    Raises:
        InvalidField: it says too little, or too much.
    """
    why = clean_text('reason', reason, rule='correction_reason', required=True)
    if len(why) < (field_rules.rule('correction_reason').least or 0):
        raise InvalidField('reason', N_('Напишите подробнее: причину увидит абонент.'))
    return why


def row_id(value: object) -> int:
    """Return the id of a row as a page sends it, or raise NotFound."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise NotFound
    return value


def contract_of(where: Any) -> Contract | None:
    """Return a contract with its subscriber."""
    found: Contract | None = Contract.select(Contract, Subscriber).join(Subscriber).where(where).get_or_none()
    return found


def wallet_entry(operation_id: object) -> Entry:
    """Return the entry of an operation on a subscriber's wallet, or raise NotFound."""
    entry: Entry | None = (
        Entry.select(Entry, Operation, Account)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where((Operation.id == row_id(operation_id)) & (Account.kind == AccountKind.WALLET))
        .get_or_none()
    )
    if entry is None:
        raise NotFound
    return entry
