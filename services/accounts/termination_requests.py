"""What subscriber and employee share when the end of a contract is asked for: the checks, the row, calling it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.account import Quote as QuoteRow
from models.catalogue import Equipment
from models.contract import Contract, ContractStatus, EquipmentUnit, Ownership, Subscriber
from models.termination import MoneyGoes, Termination, TerminationReason, TerminationState
from services import audit, rules
from services.accounts import bank_accounts, ending, equipment_returns, ledger, shown_quotes, subscriptions
from services.accounts.termination_refusals import AlreadyRequested, NothingToWithdraw, NotInForce, RestIsOut
from services.authority import Actor
from services.clock import local, now, today
from services.errors import N_, InvalidField, InvalidForm, NotFound, gathered
from services.events import ContractChanged, TerminationChanged, record
from services.input_text import clean_text
from services.messages.letters import ending as letters
from services.money import ZERO
from services.quotes import termination as quotes
from services.quotes.quote import Quote


@dataclass(frozen=True)
class Wish:
    """What was typed beside the last day: reason and words, where the rest of the money goes; `paper` is the number of
    a written application."""

    reason: str = ''
    words: str = ''
    money: str = ''
    iban: str = ''
    target: str = ''
    paper: str = ''


@dataclass(frozen=True)
class LentDevice:
    """A device of ours: rubles are charged if it is not given back; `returned_on` when it was."""

    id: int
    name: str
    serial: str
    ownership: Ownership
    price: Decimal
    returned_on: date | None


@dataclass(frozen=True)
class _Money:
    goes: MoneyGoes
    iban: str = ''
    target: Contract | None = None


def days_offered() -> tuple[date, date]:
    """Return the first and the last day one may choose as the last of a contract."""
    return today() + timedelta(days=1), today() + timedelta(days=rules.current().termination_ahead_days)


def checked_day(typed: object) -> date:
    """Return the last day that was asked for (a date or its ISO text).

    Raises:
        InvalidField: not a day, or none of those that are offered.
    """
    try:
        day = typed if isinstance(typed, date) else date.fromisoformat(str(typed)[:10])
    except ValueError as error:
        raise InvalidField('last_day', N_('Выберите день в календаре.')) from error
    earliest, latest = days_offered()
    if not earliest <= day <= latest:
        raise InvalidField('last_day', N_('Выберите день с {first} по {last}.'), first=earliest, last=latest)
    return day


def refuse_wrong(contract: Contract) -> None:
    """Refuse a request for a contract that is over, has not begun, or has one already.

    Raises:
        ContractEnded, NotInForce, AlreadyRequested: see there.
    """
    ending.require_going_on(contract)
    if not contract.is_active:
        raise NotInForce
    request = ending.open_request(contract)
    if request:
        raise AlreadyRequested(day=request.last_day)


def compute(contract: Contract, last_day: date) -> Quote:
    """Return what the end on this day does to the wallet."""
    refuse_wrong(contract)
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    return quotes.quote_termination(subscription, balance=balance, today=today(), last_day=last_day)


def file(contract: Contract, row: QuoteRow, wish: Wish, form_key: str, *, actor: Actor) -> Termination:
    """Store a request whose quote was shown, write the letter; the caller holds the contract and has asked who may.

    Raises:
        InvalidForm: what is wrong in `words`, `reason`, `money`, `iban`, `target`, `paper`.
        QuoteChanged: some figure or day is not what was shown.
    """
    reason, words, paper, money = _read(contract, wish)
    last_day = checked_day(row.request['last_day'])
    fresh = compute(contract, last_day)
    shown_quotes.book(contract, row, fresh, key=f'terminate:{form_key}', actor_id=actor.user_id)
    request = Termination.create(
        contract=contract,
        last_day=last_day,
        reason=reason,
        words=words,
        paper=paper,
        money=money.goes,
        target=money.target,
        quote=row,
        form_key=form_key,
        requested_at=now(),
        requested_by=actor.user_id,
    )
    if money.iban:
        bank_accounts.keep(request, money.iban)
    audit.note('contract.end_ask', f'contract:{contract.number}', actor=actor, on=last_day.isoformat(), paper=paper)
    letters.requested(contract, request, rest=fresh.steps[-1].after, devices=names_of(devices_of(contract)))
    tell(contract)
    return request


def redirect(request: Termination, wish: Wish, *, actor: Actor) -> None:
    """Say anew where the rest of the money goes; the same again changes nothing. The caller holds the contract.

    Raises:
        InvalidForm: what is wrong in `money`, `iban`, `target`.
        RestIsOut: the request was withdrawn or carried out.
    """
    if request.state != TerminationState.REQUESTED:
        raise RestIsOut
    contract, errors, money = request.contract, dict[str, InvalidField](), _Money(MoneyGoes.LATER)
    with gathered(errors):
        money = _money(contract, wish)
    if errors:
        raise InvalidForm(errors)
    before = _Money(MoneyGoes(request.money), bank_accounts.kept(request).replace(' ', ''), request.target)
    if money == before:
        return
    request.money, request.target, request.iban = money.goes, money.target, None
    request.save(only=[Termination.money, Termination.target, Termination.iban])
    if money.iban:
        bank_accounts.keep(request, money.iban)
    facts = {'before': str(before.goes), 'goes': str(money.goes), 'target': money.target.number if money.target else ''}
    audit.note('contract.end_money', f'contract:{contract.number}', actor=actor, **facts)
    letters.rest_redirected(contract, request, at=now())
    tell(contract)


def call_off(request: Termination, *, actor: Actor) -> None:
    """Withdraw a request: the contract goes on as it was. One that is withdrawn stays so.

    Raises:
        NothingToWithdraw: its last day has passed.
    """
    if request.state == TerminationState.CANCELLED:
        return
    if request.state != TerminationState.REQUESTED or request.last_day < today():
        raise NothingToWithdraw(day=request.last_day)
    fresh = {'state': TerminationState.CANCELLED, 'cancelled_at': now(), 'cancelled_by': actor.user_id}
    Termination.update(fresh).where(Termination.id == request.id).execute()
    contract = request.contract
    audit.note('contract.end_withdraw', f'contract:{contract.number}', actor=actor, on=request.last_day.isoformat())
    letters.withdrawn(contract, request)
    tell(contract)


def same(form_key: str, contract: Contract) -> Termination | None:
    """Return what the same click has done already.

    Raises:
        NotFound: it was done for another contract.
    """
    done: Termination | None = Termination.get_or_none(Termination.form_key == form_key)
    if done is not None and done.contract_id != contract.id:
        raise NotFound
    return done


def devices_of(contract: Contract) -> tuple[LentDevice, ...]:
    """Return the devices of ours that stand at a subscriber's, or stood there."""
    rows: Any = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment)
    ours = (EquipmentUnit.contract == contract) & EquipmentUnit.ownership.in_(equipment_returns.OURS)
    return tuple(
        LentDevice(
            id=unit.id,
            name=unit.equipment.name,
            serial=unit.serial or '',
            ownership=unit.ownership,
            price=price_of(unit.equipment),
            returned_on=local(unit.returned_at).date() if unit.returned_at else None,
        )
        for unit in rows.where(ours).order_by(EquipmentUnit.id)
    )


def price_of(device: Equipment) -> Decimal:
    """Return what a device costs that is not given back, rubles; zero where the catalogue names no price."""
    return device.lost_price or device.buy_price or ZERO


def names_of(devices: Sequence[LentDevice]) -> list[str]:
    """Return what is still to be given back, in words of the catalogue."""
    return [each.name for each in devices if each.returned_on is None]


def other_contracts(contract: Contract) -> tuple[str, ...]:
    """Return the numbers of the same person's contracts that go on."""
    owner = contract.subscriber
    mine = (Subscriber.user == owner.user_id) if owner.user_id else (Subscriber.id == owner.id)
    rows: Any = Contract.select(Contract).join(Subscriber).where(mine & (Contract.id != contract.id))
    going_on = rows.where(Contract.status == ContractStatus.ACTIVE).order_by(Contract.number)
    return tuple(row.number for row in going_on if ending.last_day_of(row) is None)


def tell(contract: Contract) -> None:
    """Record that something about the end of a contract changed."""
    record(TerminationChanged(contract.id))
    record(ContractChanged(contract.id))


def _read(contract: Contract, wish: Wish) -> tuple[TerminationReason, str, str, _Money]:
    errors: dict[str, InvalidField] = {}
    reason, words, paper, money = TerminationReason.NOT_SAID, '', '', _Money(MoneyGoes.LATER)
    with gathered(errors):
        reason = _reason(wish.reason)
    with gathered(errors):
        words = clean_text('words', wish.words, rule='termination_words')
    with gathered(errors):
        paper = clean_text('paper', wish.paper, rule='paper_number')
    with gathered(errors):
        money = _money(contract, wish)
    if errors:
        raise InvalidForm(errors)
    return reason, words, paper, money


def _reason(typed: object) -> TerminationReason:
    if typed in ('', None):
        return TerminationReason.NOT_SAID
    try:
        return TerminationReason(typed)  # type: ignore[arg-type]  # whatever a forged form brings
    except ValueError as error:
        raise InvalidField('reason', N_('Выберите причину из списка.')) from error


def _money(contract: Contract, wish: Wish) -> _Money:
    if wish.money in ('', MoneyGoes.LATER):
        return _Money(MoneyGoes.LATER)
    if wish.money == MoneyGoes.ACCOUNT:
        return _Money(MoneyGoes.ACCOUNT, iban=bank_accounts.checked(wish.iban))
    if wish.money != MoneyGoes.CONTRACT:
        raise InvalidField('money', N_('Выберите, куда вернуть остаток.'))
    if wish.target not in other_contracts(contract):
        raise InvalidField('target', N_('Выберите другой свой договор, который действует.'))
    return _Money(MoneyGoes.CONTRACT, target=Contract.get(Contract.number == wish.target))
