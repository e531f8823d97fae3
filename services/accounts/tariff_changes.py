"""Changing the tariff: what it costs, now, from the next 1st or on a day, doing it, and calling it off."""

from datetime import date, timedelta

from models.access import Access
from models.catalogue import Tariff
from models.contract import Contract, TariffChange, TariffChangeState
from services import audit, form_keys, rules
from services.accounts import billing, ledger, planned_tariffs, shown_quotes, snapshots, subscriptions, trust_credits
from services.accounts.shown_quotes import ShownQuote
from services.accounts.tariff_refusals import (
    NothingPlanned,
    WrongDay,
    refuse_down,
    why_not,
    why_not_now,
)
from services.authority import Actor, own_contract
from services.clock import now, today
from services.errors import NotFound
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.offers.house_lines import technologies_at
from services.quotes import tariff_change as quotes
from services.quotes.quote import Quote
from services.quotes.subscription import next_month
from services.runner import transactional

NOW, NEXT = 'now', 'next'


@transactional
def quote(to: str, when: str = NOW, *, actor: Actor | None) -> ShownQuote:
    """Return and store the price of moving to the tariff with this code; `when` is now, next (the 1st) or an ISO date.

    Raises:
        NotFound: no such tariff.
        TariffRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    return shown_quotes.show(contract, _quote(contract, to, when), {'to': to, 'when': when})


@transactional
def execute(quote_id: int, form_key: str, *, actor: Actor | None) -> date:
    """Do what a shown quote says and return the first day of the new tariff; the same key again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        QuoteChanged, NotEnoughMoney, TariffRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    done = TariffChange.get_or_none(TariffChange.form_key == form_key)
    if done is not None:
        return _same(done, contract)
    row = shown_quotes.find(contract, quote_id, quotes.ACTION)
    billing.catch_up(contract)
    contract = subscriptions.reload_locked(contract)
    to, when = row.request['to'], row.request['when']
    fresh, on = _quote(contract, to, when), _day(when)
    shown_quotes.book(contract, row, fresh, key=f'tariff:{form_key}', actor_id=_id(actor))
    new = Tariff.get(Tariff.code == to)
    change = _record_change(contract, new, on, form_key, _id(actor))
    facts = {'from': contract.tariff.code, 'to': to, 'on': change.effective_on.isoformat(), 'charged': str(fresh.due)}
    if on == today():
        planned_tariffs.put_into_force(contract, new)
    audit.note('tariff.change', f'contract:{contract.number}', actor=actor, **facts)
    letters.tariff_changed(contract, new, on=change.effective_on, charged=fresh.due, form_key=form_key)
    record(ContractChanged(contract.id))
    return change.effective_on


@transactional
def cancel_planned(change_id: int, *, actor: Actor | None) -> None:
    """Call off a planned change; one that is called off already stays so.

    Raises:
        NotFound: not a change of this contract.
        NothingPlanned: it has come into force meanwhile.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    change = TariffChange.get_or_none((TariffChange.id == change_id) & (TariffChange.contract == contract))
    if change is None:
        raise NotFound
    if change.state == TariffChangeState.CANCELLED:
        return
    if change.state != TariffChangeState.PLANNED:
        raise NothingPlanned
    TariffChange.update(state=TariffChangeState.CANCELLED).where(TariffChange.id == change.id).execute()
    audit.note('tariff.cancel', f'contract:{contract.number}', actor=actor, change=change.id)
    record(ContractChanged(contract.id))


def _quote(contract: Contract, to: str, when: str) -> Quote:
    tariff = Tariff.get_or_none(Tariff.code == to) if isinstance(to, str) else None
    if tariff is None:
        raise NotFound
    on = _day(when)
    refusal = why_not_now(contract) or why_not(contract, tariff, technologies_at(contract))
    if refusal:
        raise refusal
    if snapshots.is_down(contract.tariff, tariff, on):
        refuse_down(contract, on)
    if on == today() and trust_credits.ends_with(contract, tariff) and (owed := trust_credits.why_not_leave(contract)):
        raise owed
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    new = snapshots.planned_terms(tariff, contract.tariff, on)
    calculate = quotes.quote_now if on == today() else quotes.quote_planned
    return calculate(subscription, new, balance=balance, today=today())


def _day(when: object) -> date:
    """Return the day asked for: `now`, `next` (the next 1st) or an ISO date from tomorrow on."""
    last = today() + timedelta(days=rules.current().tariff_ahead_days)
    if when in (NOW, NEXT):
        return today() if when == NOW else next_month(today())
    try:
        day = date.fromisoformat(when) if isinstance(when, str) else None
    except ValueError:
        day = None
    if day is None or not today() < day <= last:
        raise WrongDay(last=last)
    return day


def _record_change(contract: Contract, new: Tariff, on: date, form_key: str, actor_id: int) -> TariffChange:
    return TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff,
        new_tariff=new,
        effective_on=on,
        state=TariffChangeState.APPLIED if on == today() else TariffChangeState.PLANNED,
        form_key=form_key,
        created_at=now(),
        actor=actor_id,
    )


def _same(done: TariffChange, contract: Contract) -> date:
    if done.contract.id != contract.id:
        raise NotFound
    return done.effective_on


def _id(actor: Actor | None) -> int:
    assert actor is not None  # own_contract has refused a stranger
    return actor.user_id
