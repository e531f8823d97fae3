"""One line of a quote becomes one operation in the books."""

from datetime import datetime

from models.account import AccountKind, OperationKind, Quote
from models.contract import Contract
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.quotes.monthly import Line, LineKind

KINDS = {
    LineKind.TARIFF: OperationKind.MONTH,
    LineKind.TV: OperationKind.MONTH,
    LineKind.BUNDLE: OperationKind.MONTH,
    LineKind.RENT: OperationKind.EQUIPMENT,
    LineKind.ADD_ON: OperationKind.ADD_ON,
    LineKind.CONNECTION: OperationKind.CONNECTION,
    LineKind.EQUIPMENT: OperationKind.EQUIPMENT,
    LineKind.FEE: OperationKind.FEE,
}


def book(
    contract: Contract,
    line: Line,
    *,
    key: str,
    basis: str,
    quote: Quote | None = None,
    actor_id: int | None = None,
    booked_at: datetime | None = None,
) -> None:
    """Post one line of a charge; a line of nothing is not posted."""
    if line.sum:
        words = posting(line, key=key, basis=basis, quote=quote, actor_id=actor_id, booked_at=booked_at)
        ledger.post(contract, words)


def posting(
    line: Line,
    *,
    key: str,
    basis: str,
    quote: Quote | None = None,
    actor_id: int | None = None,
    booked_at: datetime | None = None,
) -> Posting:
    """Return what a line of a charge is in the books."""
    return Posting(
        key=key,
        kind=KINDS[line.kind],
        amount=-line.sum,
        title=line.title,
        formula=line.formula,
        basis=basis,
        quote=quote,
        actor_id=actor_id,
        other_side=AccountKind.REVENUE,
        booked_at=booked_at,
    )
