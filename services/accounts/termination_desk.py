"""The end of one contract as an employee works on it: the request by a paper, the devices, what is left."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.contract import Contract, ContractStatus
from models.correction import CorrectionState
from models.termination import Payout, Termination, TerminationReason
from models.user import User
from services import audit, form_keys, rules
from services.accounts import (
    billing,
    correction_input,
    ending,
    ledger,
    payouts,
    shown_quotes,
    termination_requests,
    terminations,
)
from services.accounts.shown_quotes import ShownQuote
from services.accounts.termination_requests import LentDevice, Wish
from services.accounts.terminations import TerminationView
from services.authority import Actor, locked, require_operator
from services.errors import N_, DomainError, InvalidField, NotFound
from services.identity import step_up
from services.quotes import termination as quotes
from services.runner import transactional


@dataclass(frozen=True)
class PayoutView:
    """A payout: rubles, number of the payment order; `may_decide`: it waits, and the reader is not who asked."""

    id: int
    amount: Decimal
    paper: str
    state: CorrectionState
    asked_by: str
    refusal: str
    may_decide: bool


@dataclass(frozen=True)
class TerminationDesk:
    """Everything about the end of one contract. `current` is the request that waits or the last one that came to
    something, with the whole bank account; above `limit` rubles a payout waits for a second employee. `is_fresh`: the
    reader may record one without showing that it is he."""

    contract_id: int
    number: str
    name: str
    is_over: bool
    is_own: bool
    current: TerminationView | None
    reason: TerminationReason
    words: str
    asked_by: str
    refusal: DomainError | None
    earliest: date
    latest: date
    balance: Decimal
    devices: tuple[LentDevice, ...]
    others: tuple[str, ...]
    payouts: tuple[PayoutView, ...]
    limit: Decimal
    is_fresh: bool


def get_desk(number: str, *, actor: Actor | None) -> TerminationDesk:
    """Return the page of one contract; that it was read is noted in the audit log.

    Raises:
        NotFound: no such contract.
    """
    actor = require_operator(actor)
    contract = _find(number)
    audit.note_reading(f'contract:{contract.number}', actor=actor)
    row = _newest(contract)
    earliest, latest = termination_requests.days_offered()
    return TerminationDesk(
        contract_id=contract.id,
        number=contract.number,
        name=contract.subscriber.full_name,
        is_over=contract.status == ContractStatus.TERMINATED,
        is_own=contract.subscriber.user_id == actor.user_id,
        current=terminations.view(row, whole_account=True) if row else None,
        reason=row.reason if row else TerminationReason.NOT_SAID,
        words=row.words if row else '',
        asked_by=row.requested_by.name if row else '',
        refusal=terminations.why_not(contract),
        earliest=earliest,
        latest=latest,
        balance=ledger.balance(contract),
        devices=termination_requests.devices_of(contract),
        others=termination_requests.other_contracts(contract),
        payouts=tuple(_payout(payout, actor.user_id) for payout in _payouts_of(contract)),
        limit=rules.current().four_eyes_above,
        is_fresh=step_up.is_fresh(actor),
    )


@transactional
def quote_for(number: str, last_day: str, *, actor: Actor | None) -> ShownQuote:
    """Return and store what the end of a contract on this day does to its wallet, before it is entered.

    Raises:
        InvalidField: `last_day` is none of the days that are offered.
        NotFound, OwnContract, ContractEnded, TerminationRefused: see there.
    """
    actor = require_operator(actor)
    contract = payouts.own_of(number, actor)
    day = termination_requests.checked_day(last_day)
    locked(contract)
    billing.catch_up(contract)
    return shown_quotes.show(contract, termination_requests.compute(contract, day), {'last_day': day.isoformat()})


@transactional
def request_for(number: str, quote_id: int, form_key: str, wish: Wish, *, actor: Actor | None) -> date:
    """Enter a written application as a shown quote tells of it; the same key again does nothing twice.

    Raises:
        InvalidForm: what is wrong in the fields of `wish`, the number of the paper included.
        NotFound: no such contract, or no quote of it. OwnContract: one's own.
        QuoteChanged, ContractEnded, TerminationRefused: nothing has changed.
    """
    actor = require_operator(actor)
    contract = payouts.own_of(number, actor)
    form_key = form_keys.checked(form_key)
    locked(contract)
    done = termination_requests.same(form_key, contract)
    if done is not None:
        return done.last_day
    if not isinstance(wish.paper, str) or not wish.paper.strip():
        raise InvalidField('paper', N_('Впишите номер заявления абонента.'))
    row = shown_quotes.find(contract, quote_id, quotes.ACTION)
    billing.catch_up(contract)
    filed = termination_requests.file(contract, row, wish, form_key, actor=actor)
    return filed.last_day


@transactional
def withdraw_for(number: str, *, actor: Actor | None) -> None:
    """Take the request of a contract back, as the subscriber asked: see `terminations.withdraw`.

    Raises:
        NotFound: no such contract, or no request. OwnContract: one's own.
        NothingToWithdraw: the last day has passed.
    """
    actor = require_operator(actor)
    contract = payouts.own_of(number, actor)
    locked(contract)
    row = ending.open_request(contract)
    if row is None:
        raise NotFound
    row.contract = contract
    termination_requests.call_off(row, actor=actor)


def _find(number: object) -> Contract:
    contract = correction_input.contract_of(Contract.number == number) if _is_number(number) else None
    if contract is None:
        raise NotFound
    return contract


def _is_number(number: object) -> bool:
    return isinstance(number, str) and len(number) <= 16


def _newest(contract: Contract) -> Termination | None:
    waits = ending.open_request(contract)
    return waits or terminations.newest_end(contract)


def _payouts_of(contract: Contract) -> list[Payout]:
    rows = Payout.select(Payout, User).join(User, on=(Payout.asked_by == User.id), attr='asker')
    return list(rows.where(Payout.contract == contract).order_by(Payout.id.desc()))


def _payout(row: Payout, reader_id: int) -> PayoutView:
    return PayoutView(
        id=row.id,
        amount=row.amount,
        paper=row.paper,
        state=row.state,
        asked_by=row.asker.name,  # type: ignore[attr-defined]  # joined
        refusal=row.refusal,
        may_decide=row.state == CorrectionState.WAITING and row.asked_by_id != reader_id,
    )
