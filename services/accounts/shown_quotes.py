"""Quotes that were shown: stored when drawn, executed only as long as nothing in them has changed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.account import Quote as QuoteRow
from models.contract import Contract
from services.accounts import books, ledger
from services.accounts.line_postings import book as book_line
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.money import ZERO
from services.quotes.quote import Quote


class QuoteChanged(DomainError):
    """What the quote was made of is not so any more; the page asks for a new one and shows it."""

    message = N_('Пока вы смотрели, расчёт изменился. Проверьте новые суммы.')
    status = 409


class NotEnoughMoney(DomainError):
    """The wallet does not hold what would be charged at once; `missing` is rubles."""

    message = N_('На счёте не хватает {missing} Пополните счёт и попробуйте снова.')


@dataclass(frozen=True)
class ShownQuote:
    """A stored quote: its id goes into the button, `request` is what was asked for; `missing` is rubles to top up."""

    id: int
    quote: Quote
    request: dict[str, Any]
    missing: Decimal


def show(contract: Contract, quote: Quote, request: dict[str, Any]) -> ShownQuote:
    """Store a quote that is about to be shown; the same one shown again is the same row."""
    facts = quote.facts()
    row = (
        QuoteRow.select()
        .where(
            (QuoteRow.contract == contract)
            & (QuoteRow.action == quote.action)
            & (QuoteRow.facts == facts)
            & QuoteRow.executed_at.is_null()
        )
        .first()
    )
    if row is None or row.request != request:
        row = QuoteRow.create(
            contract=contract,
            action=quote.action,
            request=request,
            facts=facts,
            lines=quote.rows(),
            created_at=now(),
        )
    return ShownQuote(row.id, quote, request, missing_for(contract, quote))


def find(contract: Contract, quote_id: object, action: str) -> QuoteRow:
    """Return a stored quote of this contract.

    Raises:
        NotFound: there is none with this id, or it is somebody else's, or for another action.
    """
    if not isinstance(quote_id, int) or isinstance(quote_id, bool) or not 0 < quote_id < 2**31:
        raise NotFound
    row: QuoteRow | None = QuoteRow.get_or_none(
        (QuoteRow.id == quote_id) & (QuoteRow.contract == contract) & (QuoteRow.action == action)
    )
    if row is None:
        raise NotFound
    return row


def book(contract: Contract, row: QuoteRow, fresh: Quote, *, key: str, actor_id: int) -> None:
    """Book the charges of a shown quote, if a fresh calculation gives the same and the money is there.

    Args:
        key: the business fact; each line adds its kind and code.

    Raises:
        QuoteChanged: some figure or day is not what was shown, or this quote was executed before.
        NotEnoughMoney: the wallet does not hold it.
        ChargingStopped: the books do not agree.
    """
    books.require_open()
    if row.facts != fresh.facts() or row.executed_at is not None:
        raise QuoteChanged
    missing = missing_for(contract, fresh)
    if missing:
        raise NotEnoughMoney(missing=missing)
    for line in fresh.charges:
        line_key = f'{key}:{line.kind}:{line.code}'
        basis = f'Договор № {contract.number}. {line.basis}'
        book_line(contract, line, key=line_key, basis=basis, quote=row, actor_id=actor_id)
    QuoteRow.update(executed_at=now()).where(QuoteRow.id == row.id).execute()


def missing_for(contract: Contract, quote: Quote) -> Decimal:
    """Return how many rubles the wallet lacks for what is charged at once; zero when it is enough or a return."""
    if quote.due <= ZERO:
        return ZERO
    return max(ZERO, quote.due - ledger.balance(contract))
