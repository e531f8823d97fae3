"""«Почему списано?»: what stands behind a line of a wallet: formula, rule, tariff, who, the quote, the consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import JOIN

from models.access import AccessGrant
from models.account import Entry, Operation, OperationKind, Quote
from models.application import Application
from models.catalogue import Tariff
from models.contract import Contract, TariffChange, TariffChangeState
from models.erip import PaymentForOther
from models.payment import Payment
from services.clock import local

AT_CONNECTION = (OperationKind.CONNECTION, OperationKind.EQUIPMENT, OperationKind.FEE)


class OrderedBy(StrEnum):
    """Whose doing a line is; a relative has a name beside it."""

    OWNER = 'owner'
    RELATIVE = 'relative'
    EMPLOYEE = 'employee'
    CLOCK = 'clock'
    STRANGER = 'stranger'  # somebody paid for this contract; who, is his own matter


@dataclass(frozen=True)
class QuoteLine:
    """One line of the quote that was shown: what it adds to the wallet and what is there then, rubles; `booked`: it was
    to be charged at once."""

    on: date
    what: str
    formula: str
    sum: Decimal
    balance: Decimal | None
    booked: bool


@dataclass(frozen=True)
class Proof:
    """What stands behind one operation. `tariff` is the one of that day; `shown_at` and `quote` what was seen before;
    `consent` is the version of the text agreed to with the application, empty where there was none."""

    operation_id: int
    kind: OperationKind
    sum: Decimal
    after: Decimal
    formula: str
    basis: str
    reason: str
    tariff: str
    ordered_by: OrderedBy
    name: str
    shown_at: datetime | None
    quote: tuple[QuoteLine, ...]
    application: str
    consent: str


def of_entries(contract: Contract, ids: Sequence[int]) -> dict[int, Proof]:
    """Return the proofs of entries of this contract's wallet, by entry. Two queries, none for no entries."""
    if not ids:
        return {}
    grant = (AccessGrant.user == Operation.actor) & (AccessGrant.contract == contract)
    rows: Any = (
        Entry.select(Entry, Operation, Quote, AccessGrant)
        .join(Operation)
        .join(Quote, JOIN.LEFT_OUTER, on=Operation.quote)
        .join_from(Operation, AccessGrant, JOIN.LEFT_OUTER, on=grant, attr='grant')
        .where(Entry.id.in_(list(ids)))
        .order_by(Entry.id, AccessGrant.id)
    )
    past = _Past(contract)
    return {entry.id: _proof(entry, contract, past) for entry in rows}


class _Past:
    """Which tariff a contract had on which day, and the application it came from."""

    def __init__(self, contract: Contract) -> None:
        old, new = Tariff.alias(), Tariff.alias()
        applied = (TariffChange.contract == Contract.id) & (TariffChange.state == TariffChangeState.APPLIED)
        rows: Any = (
            Contract.select(
                Tariff.name, Application.number, Application.consent_version,
                TariffChange.effective_on, old.name, new.name,
            )
            .join(Tariff)
            .join_from(Contract, Application, JOIN.LEFT_OUTER)
            .join_from(Contract, TariffChange, JOIN.LEFT_OUTER, on=applied)
            .join(old, JOIN.LEFT_OUTER, on=(TariffChange.old_tariff == old.id))
            .join_from(TariffChange, new, JOIN.LEFT_OUTER, on=(TariffChange.new_tariff == new.id))
            .where(Contract.id == contract.id)
            .order_by(TariffChange.effective_on, TariffChange.id)
            .tuples()
        )  # fmt: skip
        found = list(rows)
        self._now, self.application, self.consent = found[0][:3]
        self._changes = [row[3:] for row in found if row[3] is not None]

    def tariff_on(self, day: date) -> str:
        """Return the name of the tariff of a day."""
        name = self._changes[0][1] if self._changes else self._now
        for on, _old, new in self._changes:
            name = new if on <= day else name
        return str(name)


def _proof(entry: Any, contract: Contract, past: _Past) -> Proof:
    operation = entry.operation
    quote = operation.quote if operation.quote_id else None
    by_application = operation.kind in AT_CONNECTION and past.application and past.application in operation.basis
    ordered_by, name = _who(operation, contract)
    return Proof(
        operation_id=operation.id,
        kind=operation.kind,
        sum=entry.amount,
        after=entry.balance_after,
        formula=operation.formula,
        basis=operation.basis,
        reason=operation.reason,
        tariff=past.tariff_on(local(operation.booked_at).date()),
        ordered_by=ordered_by,
        name=name,
        shown_at=quote.created_at if quote else None,
        quote=tuple(_quote_line(line) for line in quote.lines) if quote else (),
        application=past.application if by_application else '',
        consent=past.consent if by_application else '',
    )


def _who(operation: Any, contract: Contract) -> tuple[OrderedBy, str]:
    if operation.actor_id is None:
        return OrderedBy.CLOCK, ''
    if operation.actor_id == contract.subscriber.user_id:
        return OrderedBy.OWNER, ''
    grant = getattr(operation, 'grant', None)
    if grant:
        return OrderedBy.RELATIVE, grant.name
    return (OrderedBy.STRANGER if _is_strangers(operation) else OrderedBy.EMPLOYEE), ''


def _is_strangers(operation: Any) -> bool:
    """Tell whether somebody without access paid for this contract; asked only where no owner and no relative acted."""
    prefix, _, uid = operation.key.rpartition(':')
    if not prefix.startswith('pay:'):
        return False
    query: Any = PaymentForOther.select().join(Payment).where(Payment.gateway_uid == uid)
    return bool(query.exists())


def _quote_line(line: dict[str, Any]) -> QuoteLine:
    return QuoteLine(
        on=date.fromisoformat(line['on']),
        what=line['what'],
        formula=line.get('formula') or '',
        sum=-Decimal(line['sum']),
        balance=Decimal(line['balance']) if line.get('balance') is not None else None,
        booked=bool(line.get('booked')),
    )
