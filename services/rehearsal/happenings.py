"""What the jobs did to contracts at one moment of a rehearsal, read from the rows they wrote on the copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import fn

from models.account import Account, AccountKind, Entry, Operation
from models.application import Redemption
from models.base import BaseModel
from models.catalogue import AddOn, Equipment, PromoCode, Tariff, TvPackage
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    DebtBlock,
    Discount,
    EquipmentUnit,
    Ownership,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.outbox import OutgoingMessage
from models.price import CataloguePrice
from services.accounts.billing_run import month_before
from services.clock import local, now
from services.money import ZERO


class What(StrEnum):
    """What happens; in the order in which things of one moment are told."""

    SUSPENDED = 'suspended'
    RESUMED = 'resumed'
    PRICE = 'price'
    PROMO_ENDED = 'promo_ended'
    ADD_ON_ENDED = 'add_on_ended'
    TARIFF = 'tariff'
    TARIFF_CALLED_OFF = 'tariff_called_off'
    MONEY = 'money'
    PROMISE_KEPT = 'promise_kept'
    PROMISE_LAPSED = 'promise_lapsed'
    UNBLOCKED = 'unblocked'
    BLOCKED = 'blocked'
    TERMINATED = 'terminated'
    LETTER = 'letter'


@dataclass(frozen=True)
class Happening:
    """One thing: `number` of the contract, empty for a letter of the house; `name` of a tariff, an add-on, a letter, an
    operation; of money its `sum`, the wallet `after` it, and why. Rubles."""

    at: datetime
    number: str
    what: What
    name: str = ''
    sum: Decimal | None = None
    after: Decimal | None = None
    formula: str = ''
    basis: str = ''


class Watch:
    """Looks after each round of the jobs at what is new since the round before."""

    def __init__(self) -> None:
        self._entry, self._letter = _last(Entry), _last(OutgoingMessage)
        self._planned = _planned()
        self._at, self._day = now(), local(now()).date()

    def look(self) -> list[Happening]:
        """Return what has happened by now, in the order it is told."""
        moment, day = now(), local(now()).date()
        found = [*self._changes(moment), *self._money(), *self._letters()]
        if day != self._day:
            found += _of_the_calendar(day)
        self._at, self._day = moment, day
        order = list(What)
        return sorted(found, key=lambda each: (order.index(each.what), each.number))

    def _changes(self, moment: datetime) -> Iterator[Happening]:
        at_once = (
            (What.BLOCKED, DebtBlock, DebtBlock.started_at),
            (What.UNBLOCKED, DebtBlock, DebtBlock.ended_at),
            (What.PROMISE_KEPT, PromisedPayment, PromisedPayment.fulfilled_at),
            (What.PROMISE_LAPSED, PromisedPayment, PromisedPayment.lapsed_at),
        )
        for what, model, column in at_once:
            for number, _ in _named(model, Contract.number, column == moment):
                yield Happening(moment, number, what)
        ended = (ConnectedAddOn.ends_at > self._at) & (ConnectedAddOn.ends_at <= moment)
        for number, name in _named(ConnectedAddOn, AddOn.name, ended, join=AddOn):
            yield Happening(moment, number, What.ADD_ON_ENDED, name)
        waiting = _planned()
        for change_id in set(self._planned) - set(waiting):
            is_off = TariffChange.get_by_id(change_id).state == TariffChangeState.CANCELLED
            number, name = self._planned[change_id]
            yield Happening(moment, number, What.TARIFF_CALLED_OFF if is_off else What.TARIFF, name)
        self._planned = waiting

    def _money(self) -> Iterator[Happening]:
        rows: Any = (
            Entry.select(Entry, Operation, Account, Contract)
            .join(Operation)
            .switch(Entry)
            .join(Account)
            .join(Contract)
            .where((Entry.id > self._entry) & (Account.kind == AccountKind.WALLET))
            .order_by(Entry.id)
        )
        for entry in rows:
            operation, number = entry.operation, entry.account.contract.number
            facts = (operation.title, entry.amount, entry.balance_after, operation.formula, operation.basis)
            yield Happening(now(), number, What.MONEY, *facts)
        self._entry = _last(Entry)

    def _letters(self) -> Iterator[Happening]:
        rows: Any = OutgoingMessage.select().where(OutgoingMessage.id > self._letter).order_by(OutgoingMessage.id)
        for letter in rows:
            yield Happening(now(), letter.contract_number or '', What.LETTER, letter.subject or letter.text[:80])
        self._letter = _last(OutgoingMessage)


def _of_the_calendar(day: date) -> Iterator[Happening]:
    """Return what a day brings by itself: no job writes it down."""
    goes_on = Suspension.resumed_on.is_null()
    for what, column in ((What.SUSPENDED, Suspension.starts_on), (What.RESUMED, Suspension.ends_on)):
        for number, _ in _named(Suspension, Contract.number, (column == day) & goes_on):
            yield Happening(now(), number, what)
    over = (Contract.status == ContractStatus.TERMINATED) & (Contract.terminated_on == day)
    ended: Any = Contract.select(Contract.number).where(over)
    for (number,) in ended.tuples():
        yield Happening(now(), number, What.TERMINATED)
    if day.day != 1:
        return
    last = (Discount.last_month == month_before(day)) & Discount.ended_at.is_null()
    rows: Any = Discount.select(Contract.number, PromoCode.code).join(Contract).switch(Discount)
    rows = rows.left_outer_join(Redemption).left_outer_join(PromoCode).where(last)
    for number, code in rows.tuples():
        yield Happening(now(), number, What.PROMO_ENDED, code or '')
    yield from _prices(day)


def _prices(day: date) -> Iterator[Happening]:
    """Return the announced prices that begin on this day, for everybody who has the thing by then."""
    begins = (CataloguePrice.starts_on == day) & CataloguePrice.withdrawn_at.is_null()
    is_served = Contract.status == ContractStatus.ACTIVE
    goes_on = ConnectedAddOn.disconnected_at.is_null() & ConnectedAddOn.ends_at.is_null()
    columns = (Contract.number, CataloguePrice.monthly_fee)
    with_add_on = ConnectedAddOn.select(AddOn.name, *columns).join(Contract).switch(ConnectedAddOn).join(AddOn)
    rented = (EquipmentUnit.ownership == Ownership.RENTED) & EquipmentUnit.returned_at.is_null()
    with_rent = EquipmentUnit.select(Equipment.name, *columns).join(Contract).switch(EquipmentUnit).join(Equipment)
    holders: tuple[Any, ...] = (
        Contract.select(Tariff.name, *columns).join(Tariff).join(CataloguePrice).where(begins & is_served),
        Contract.select(TvPackage.name, *columns).join(TvPackage).join(CataloguePrice).where(begins & is_served),
        with_add_on.join(CataloguePrice).where(begins & is_served & goes_on),
        with_rent.join(CataloguePrice).where(begins & is_served & rented),
    )
    for rows in holders:
        for name, number, fee in rows.tuples():
            yield Happening(now(), number, What.PRICE, name, ZERO + fee)


def _named(model: type[BaseModel], name: Any, which: Any, *, join: Any = None) -> list[tuple[str, str]]:
    """Return (number of the contract, name) of the rows of a table that hangs on contracts."""
    rows: Any = model.select(Contract.number, name).join(Contract)
    rows = rows.switch(model).join(join) if join else rows
    return list(rows.where(which).order_by(model.id).tuples())


def _planned() -> dict[int, tuple[str, str]]:
    """Return the changes of tariff that wait: (number of the contract, the new tariff) by id."""
    new = TariffChange.new_tariff == Tariff.id
    rows: Any = TariffChange.select(TariffChange.id, Contract.number, Tariff.name).join(Contract)
    rows = rows.join_from(TariffChange, Tariff, on=new).where(TariffChange.state == TariffChangeState.PLANNED)
    return {change_id: (number, name) for change_id, number, name in rows.tuples()}


def _last(model: type[BaseModel]) -> int:
    return int(model.select(fn.COALESCE(fn.MAX(model.id), 0)).scalar())
