"""One contract as an operator reads it while the subscriber is on the phone."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN

from models.account import Account, AccountKind, Entry, Operation
from models.application import Application, ApplicationStatus
from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.chat import ChatMessage, ChatThread
from models.contract import ConnectedAddOn, Contract, EquipmentUnit, Ownership, Subscriber
from models.region import Region
from services import audit, limits, rules
from services.accounts import ending, ledger, snapshots
from services.authority import Actor, require_operator
from services.clock import now, today
from services.contracts.access_board import GrantView, list_living
from services.contracts.contract_states import ContractState, states_of
from services.contracts.subscriber_sessions import count_open
from services.errors import NotFound
from services.offers.prices import PriceList, fee_on, read_prices
from services.rules import Rules
from services.runner import transactional

LATEST = limits.count('card_operations')
"""Operations shown; the rest is the subscriber's history."""


@dataclass(frozen=True)
class AddOnView:
    """A connected add-on: rubles a month, or once until `ends_at`."""

    name: str
    price: Decimal
    is_monthly: bool
    ends_at: datetime | None


@dataclass(frozen=True)
class UnitView:
    """A device at the subscriber's; `monthly_fee` is rubles, 0 unless rented."""

    name: str
    ownership: Ownership
    monthly_fee: Decimal
    serial: str
    mac: str
    returned_at: datetime | None


@dataclass(frozen=True)
class OperationView:
    """A line of the account: rubles, plus came in, minus was charged; `balance` is what was left."""

    at: datetime
    title: str
    sum: Decimal
    balance: Decimal


@dataclass(frozen=True)
class PastApplication:
    """The application a contract came from."""

    number: str
    status: ApplicationStatus
    created_at: datetime


@dataclass(frozen=True)
class SubscriberCard:
    """Everything about one contract, read only; identity papers are not in it. `speed` is kbit/s, `grants` are the
    accesses of relatives and the invitations that are not over."""

    contract_id: int
    number: str
    state: ContractState
    name: str
    phone: str
    email: str
    address: str
    region: str
    tariff: str
    speed: int
    monthly_fee: Decimal
    tv: str
    balance: Decimal
    active_on: date | None
    last_day: date | None
    add_ons: tuple[AddOnView, ...]
    equipment: tuple[UnitView, ...]
    operations: tuple[OperationView, ...]
    applications: tuple[PastApplication, ...]
    chat_messages: int
    other_contracts: tuple[str, ...]
    open_sessions: int
    grants: tuple[GrantView, ...]


@transactional
def get_card(number: str, *, actor: Actor | None) -> SubscriberCard:
    """Return one contract; that its personal data were read is noted in the audit log.

    Raises:
        NotFound: no such contract.
    """
    actor = require_operator(actor)
    contract = _find(number)
    audit.note_reading(f'contract:{contract.number}', actor=actor)
    owner, tariff = contract.subscriber, contract.tariff
    return SubscriberCard(
        contract_id=contract.id,
        number=contract.number,
        state=states_of([contract])[contract.id],
        name=owner.full_name,
        phone=owner.phone,
        email=owner.email,
        address=contract.address,
        region=contract.region.name,
        tariff=tariff.name,
        speed=tariff.down_kbit,
        monthly_fee=fee_on(tariff, today()),
        tv=contract.tv_package.name if contract.tv_package else '',
        balance=ledger.balance(contract),
        active_on=contract.active_on,
        last_day=ending.last_day_of(contract),
        add_ons=_add_ons(contract),
        equipment=_equipment(contract),
        operations=_operations(contract),
        applications=_applications(contract),
        chat_messages=ChatMessage.select().join(ChatThread).where(ChatThread.contract == contract).count(),
        other_contracts=_other_contracts(contract),
        open_sessions=count_open(owner.user.id) if owner.user else 0,
        grants=list_living(contract),
    )


def _find(number: object) -> Any:
    """Return the contract with its people and prices in one query."""
    if not isinstance(number, str) or len(number) > 16:
        raise NotFound
    query = Contract.select(Contract, Subscriber, Tariff, TvPackage, Region).join(Subscriber).switch(Contract)
    query = query.join(Tariff).switch(Contract).join(TvPackage, JOIN.LEFT_OUTER).switch(Contract).join(Region)
    contract = query.where(Contract.number == number).get_or_none()
    if contract is None:
        raise NotFound
    return contract


def _add_ons(contract: Contract) -> tuple[AddOnView, ...]:
    """Return what is connected now."""
    moment = now()
    rows: Any = (
        ConnectedAddOn.select(ConnectedAddOn, AddOn)
        .join(AddOn)
        .where(
            (ConnectedAddOn.contract == contract)
            & (ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > moment))
        )
        .order_by(ConnectedAddOn.starts_at)
    )
    prices = read_prices()
    return tuple(AddOnView(row.add_on.name, _fee(row, prices), row.add_on.is_monthly, row.ends_at) for row in rows)


def _fee(row: Any, prices: PriceList) -> Decimal:
    """Return what a month of it costs today; a one-off was paid once."""
    return snapshots.add_on_item(row, prices).fee if row.add_on.is_monthly else row.price


def _equipment(contract: Contract) -> tuple[UnitView, ...]:
    rows: Any = (
        EquipmentUnit.select(EquipmentUnit, Equipment)
        .join(Equipment)
        .where(EquipmentUnit.contract == contract)
        .order_by(EquipmentUnit.id)
    )
    prices, terms = read_prices(), rules.current()
    return tuple(
        UnitView(u.equipment.name, u.ownership, _rent(u, terms, prices), u.serial or '', u.mac or '', u.returned_at)
        for u in rows
    )


def _rent(unit: Any, terms: Rules, prices: PriceList) -> Decimal:
    """Return what a month of a device costs today; of one that came back, what it cost when it was handed over."""
    is_paid = unit.ownership == Ownership.RENTED and unit.returned_at is None
    return snapshots.unit_item(unit, terms, prices).fee if is_paid else unit.monthly_fee


def _operations(contract: Contract) -> tuple[OperationView, ...]:
    rows: Any = (
        Entry.select(Entry, Operation)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
        .order_by(Operation.booked_at.desc(), Entry.id.desc())
        .limit(LATEST)
    )
    return tuple(OperationView(e.operation.booked_at, e.operation.title, e.amount, e.balance_after) for e in rows)


def _applications(contract: Any) -> tuple[PastApplication, ...]:
    rows = Application.select().where(Application.id == contract.application_id)
    return tuple(PastApplication(a.number, a.status, a.created_at) for a in rows)


def _other_contracts(contract: Any) -> tuple[str, ...]:
    """Return the numbers of the same person's other contracts."""
    same = Contract.select(Contract.number).where(
        (Contract.subscriber == contract.subscriber) & (Contract.id != contract.id)
    )
    return tuple(row.number for row in same.order_by(Contract.number))
