"""Ending one's own contract: the last day, the money shown before, the request and taking it back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from models.contract import Contract, ContractStatus
from models.termination import MoneyGoes, Termination, TerminationState
from services import form_keys
from services.accounts import bank_accounts, billing, ending, ledger, shown_quotes, termination_requests
from services.accounts.shown_quotes import ShownQuote
from services.accounts.termination_requests import LentDevice, Wish
from services.authority import Actor, own_contract
from services.errors import DomainError, NotFound
from services.identity import step_up
from services.offers.offices import OfficeView, list_offices
from services.quotes import termination as quotes
from services.runner import transactional


@dataclass(frozen=True)
class ShownLine:
    """One line of what was shown or booked: its day, words, rubles (plus is returned)."""

    on: date
    title: str
    formula: str
    sum: Decimal


@dataclass(frozen=True)
class TerminationView:
    """A request, or what came of it. `lines` are those of its quote, `rest` what it left; `account` is the bank account
    in part; `was_recounted`: on the last day the sums were others than shown."""

    id: int
    state: TerminationState
    last_day: date
    requested_at: datetime
    paper: str
    money: MoneyGoes
    account: str
    target: str
    lines: tuple[ShownLine, ...]
    was_recounted: bool


@dataclass(frozen=True)
class TerminationBoard:
    """What the page shows: the request that waits or the end that was, else the days one may choose from; `devices` of
    ours, where they can be brought, `balance` in rubles, other contracts of the same person."""

    current: TerminationView | None
    is_over: bool
    last_day: date | None
    refusal: DomainError | None
    earliest: date
    latest: date
    balance: Decimal
    devices: tuple[LentDevice, ...]
    offices: tuple[OfficeView, ...]
    others: tuple[str, ...]


def board(*, actor: Actor | None) -> TerminationBoard:
    """Return what stands about the end of the actor's own contract."""
    contract = own_contract(actor)
    is_over = contract.status == ContractStatus.TERMINATED
    current = newest_end(contract) if is_over else ending.open_request(contract)
    earliest, latest = termination_requests.days_offered()
    return TerminationBoard(
        current=view(current) if current else None,
        is_over=is_over,
        last_day=ending.last_day_of(contract),
        refusal=None if current or is_over else why_not(contract),
        earliest=earliest,
        latest=latest,
        balance=ledger.balance(contract),
        devices=termination_requests.devices_of(contract),
        offices=list_offices(contract.region.slug),
        others=termination_requests.other_contracts(contract),
    )


@transactional
def quote(last_day: date | str, *, actor: Actor | None) -> ShownQuote:
    """Return and store what the end on this day (a date or its ISO text) does to the wallet.

    Raises:
        InvalidField: `last_day` is none of the days that are offered.
        ContractEnded, TerminationRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True)
    day = termination_requests.checked_day(last_day)
    billing.catch_up(contract)
    return shown_quotes.show(contract, termination_requests.compute(contract, day), {'last_day': day.isoformat()})


@transactional
def request(quote_id: int, form_key: str, wish: Wish, *, actor: Actor | None) -> date:
    """Ask for the end a shown quote tells of, and return the last day; the same key again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        StepUpRequired: who is here was shown too long ago.
        InvalidForm: what is wrong in the fields of `wish`.
        QuoteChanged, ContractEnded, TerminationRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True)
    form_key = form_keys.checked(form_key)
    done = termination_requests.same(form_key, contract)
    if done is not None:
        return done.last_day
    row = shown_quotes.find(contract, quote_id, quotes.ACTION)
    actor = step_up.require_fresh(actor)
    billing.catch_up(contract)
    filed = termination_requests.file(contract, row, wish, form_key, actor=actor)
    return filed.last_day


@transactional
def redirect_rest(termination_id: int, wish: Wish, *, actor: Actor | None) -> None:
    """Say anew where the rest of the money goes, until the end is carried out; only that part of `wish` is read.

    Raises:
        NotFound: not a request of this contract.
        StepUpRequired: who is here was shown too long ago.
        InvalidForm: what is wrong in `money`, `iban`, `target`.
        RestIsOut: the request was withdrawn or carried out.
    """
    contract = own_contract(actor, lock=True)
    row = find(contract, termination_id)
    termination_requests.redirect(row, wish, actor=step_up.require_fresh(actor))


@transactional
def withdraw(termination_id: int, *, actor: Actor | None) -> None:
    """Take a request back, until its last day and on it; the contract goes on. Twice is the same as once.

    Raises:
        NotFound: not a request of this contract.
        NothingToWithdraw: the last day has passed.
    """
    contract = own_contract(actor, lock=True)
    assert actor is not None  # own_contract has refused a stranger
    termination_requests.call_off(find(contract, termination_id), actor=actor)


def find(contract: Contract, termination_id: object) -> Termination:
    """Return a request of this contract, or raise NotFound."""
    if not isinstance(termination_id, int) or isinstance(termination_id, bool) or not 0 < termination_id < 2**31:
        raise NotFound
    of_it = (Termination.id == termination_id) & (Termination.contract == contract)
    found: Termination | None = Termination.get_or_none(of_it)
    if found is None:
        raise NotFound
    return found


def view(row: Termination, *, whole_account: bool = False) -> TerminationView:
    """Return a request as a page shows it; the bank account in part unless the whole one is needed."""
    account = bank_accounts.kept(row)
    return TerminationView(
        id=row.id,
        state=row.state,
        last_day=row.last_day,
        requested_at=row.requested_at,
        paper=row.paper,
        money=row.money,
        account=account if whole_account or not account else f'{account[:4]} … {account[-4:]}',
        target=row.target.number if row.target else '',
        lines=tuple(_line(line) for line in row.quote.lines),
        was_recounted=row.was_recounted,
    )


def _line(stored: dict[str, str]) -> ShownLine:
    on = date.fromisoformat(stored['on'])
    return ShownLine(on, stored['what'], stored['formula'], -Decimal(stored['sum']))


def newest_end(contract: Contract) -> Termination | None:
    """Return the request by which a contract ended, if it did."""
    done = (Termination.contract == contract) & (Termination.state == TerminationState.EXECUTED)
    found: Termination | None = Termination.select().where(done).order_by(Termination.id.desc()).first()
    return found


def why_not(contract: Contract) -> DomainError | None:
    """Return why no end can be asked for now, or None."""
    try:
        termination_requests.refuse_wrong(contract)
    except DomainError as refusal:
        return refusal
    return None
