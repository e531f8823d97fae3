"""What the comparison with the gateway found, as the operator reads it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import fn

from models.contract import Contract
from models.payment import Payment
from models.reconciliation import DifferenceKind, PaymentDifference, Reconciliation
from services import limits

MOST = limits.count('differences_shown')


@dataclass(frozen=True)
class DifferenceView:
    """One difference: rubles of ours and theirs; `payment` is its number."""

    payment: int
    contract_number: str
    kind: DifferenceKind
    uid: str
    ours: Decimal
    theirs: Decimal
    found_at: datetime


@dataclass(frozen=True)
class Comparison:
    """The last comparison, and what differs now; `ran_at` None: never yet. `silent`: payments the bank told nothing of;
    `is_broken`: the newest one did not come to its end."""

    ran_at: datetime | None
    asked: int
    silent: int
    is_broken: bool
    count: int
    rows: tuple[DifferenceView, ...]


def read() -> Comparison:
    """Return the last comparison with what is open, the newest first. For services that have asked who reads."""
    last = Reconciliation.select().order_by(Reconciliation.day.desc()).first()
    still = PaymentDifference.closed_at.is_null()
    count = PaymentDifference.select(fn.COUNT(PaymentDifference.id)).where(still).scalar()
    return Comparison(
        ran_at=(last.ended_at or last.started_at) if last else None,
        asked=last.asked if last else 0,
        silent=last.silent if last else 0,
        is_broken=bool(last and last.ended_at is None),
        count=int(count or 0),
        rows=tuple(_view(row) for row in _rows().where(still).limit(MOST)) if count else (),
    )


def of_payment(payment: Payment) -> tuple[DifferenceView, ...]:
    """Return what differs about one payment."""
    which = PaymentDifference.closed_at.is_null() & (PaymentDifference.payment == payment)
    return tuple(_view(row) for row in _rows().where(which).limit(MOST))


def _rows() -> Any:
    query = PaymentDifference.select(PaymentDifference, Payment, Contract).join(Payment).join(Contract)
    return query.order_by(PaymentDifference.id.desc())


def _view(row: Any) -> DifferenceView:
    return DifferenceView(
        payment=row.payment_id,
        contract_number=row.payment.contract.number,
        kind=DifferenceKind(row.kind),
        uid=row.uid,
        ours=row.ours,
        theirs=row.theirs,
        found_at=row.found_at,
    )
