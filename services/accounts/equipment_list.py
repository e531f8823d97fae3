"""What waits at the counter: devices to hand over, devices that are to come back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN, fn

from models.catalogue import Equipment
from models.contract import Contract, ContractStatus, EquipmentUnit, Ownership, Subscriber
from models.equipment import EquipmentOrder, EquipmentReturn, OrderState, ReturnState
from models.region import Office
from services import audit, limits, rules
from services.accounts.equipment_board import number_of
from services.accounts.snapshots import unit_item
from services.authority import Actor, require_operator
from services.clock import local, today
from services.offers.prices import read_prices
from services.visits.equipment import WITHOUT_MAC

PAGE = limits.count('equipment_page')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')
ORDERS, RETURNS = 'orders', 'returns'


@dataclass(frozen=True)
class DeskOrder:
    """A device somebody comes for: `price` is rubles a month or once; `is_over` when its promise ran out.

    `may_handle`: the contract is not the reader's own.
    """

    id: int
    contract_number: str
    subscriber: str
    name: str
    ownership: Ownership
    price: Decimal
    office: str
    ordered_at: datetime
    holds_until: date
    is_over: bool
    needs_mac: bool
    may_handle: bool


@dataclass(frozen=True)
class DeskUnit:
    """A rented device that may come back: `number` and `office` are empty when nobody announced it."""

    id: int
    number: str
    contract_number: str
    subscriber: str
    name: str
    serial: str
    mac: str
    monthly_fee: Decimal
    since: date | None
    office: str
    announced_at: datetime | None
    may_handle: bool


@dataclass(frozen=True)
class EquipmentDesk:
    """A page of one part of the list, counted from 1; the two numbers are how many wait in all."""

    orders: tuple[DeskOrder, ...]
    units: tuple[DeskUnit, ...]
    page: int
    has_more: bool
    to_hand_over: int
    to_accept: int


def list_desk(part: str = ORDERS, number: str = '', page: int = 1, *, actor: Actor | None) -> EquipmentDesk:
    """Return what waits, the oldest first.

    Args:
        part: ORDERS or RETURNS; another word is ORDERS.
        number: of a contract: its orders, and all devices it rents, announced or not; empty for everybody's.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:equipment', actor=actor)
    wanted = page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1
    one = number if isinstance(number, str) and len(number) <= 16 else ''
    orders, units = _orders(one), _units(one)
    shown = list((units if part == RETURNS else orders).offset((wanted - 1) * PAGE).limit(PAGE + 1))
    return EquipmentDesk(
        orders=() if part == RETURNS else tuple(_order(row, actor.user_id) for row in shown[:PAGE]),
        units=_units_of(shown[:PAGE], actor.user_id) if part == RETURNS else (),
        page=wanted,
        has_more=len(shown) > PAGE,
        to_hand_over=_count(orders, EquipmentOrder.id),
        to_accept=_count(units, EquipmentUnit.id),
    )


def _units_of(rows: list[Any], reader_id: int) -> tuple[DeskUnit, ...]:
    terms, prices = rules.current(), read_prices()
    return tuple(_unit(row, reader_id, unit_item(row, terms, prices).fee) for row in rows)


def _count(query: Any, key: Any) -> int:
    return int(query.clone().order_by().select(fn.COUNT(key)).scalar() or 0)


def _orders(number: str) -> Any:
    query = (
        EquipmentOrder.select(EquipmentOrder, Contract, Subscriber, Equipment, Office)
        .join(Contract)
        .join(Subscriber)
        .join_from(EquipmentOrder, Equipment)
        .join_from(EquipmentOrder, Office)
        .where(EquipmentOrder.state == OrderState.ORDERED)
    )
    return (query.where(Contract.number == number) if number else query).order_by(EquipmentOrder.id)


def _units(number: str) -> Any:
    """Return rented devices that stand at somebody's: those that were announced, or all of one contract."""
    waits = (EquipmentReturn.unit == EquipmentUnit.id) & (EquipmentReturn.state == ReturnState.ANNOUNCED)
    query = (
        EquipmentUnit.select(EquipmentUnit, Equipment, Contract, Subscriber, EquipmentReturn, Office)
        .join(Equipment)
        .join_from(EquipmentUnit, Contract)
        .join(Subscriber)
        .join_from(EquipmentUnit, EquipmentReturn, JOIN.LEFT_OUTER, on=waits, attr='back')
        .join(Office, JOIN.LEFT_OUTER)
        .where(
            (EquipmentUnit.ownership == Ownership.RENTED)
            & EquipmentUnit.returned_at.is_null()
            & EquipmentUnit.installed_at.is_null(False)
            & (Contract.status == ContractStatus.ACTIVE)
        )
    )
    chosen = Contract.number == number if number else EquipmentReturn.id.is_null(False)
    return query.where(chosen).order_by(EquipmentReturn.id, EquipmentUnit.id)


def _order(row: Any, reader_id: int) -> DeskOrder:
    return DeskOrder(
        id=row.id,
        contract_number=row.contract.number,
        subscriber=row.contract.subscriber.full_name,
        name=row.equipment.name,
        ownership=row.ownership,
        price=row.price,
        office=row.office.address,
        ordered_at=row.ordered_at,
        holds_until=row.holds_until,
        is_over=row.holds_until < today(),
        needs_mac=row.equipment.kind not in WITHOUT_MAC,
        may_handle=row.contract.subscriber.user_id != reader_id,
    )


def _unit(row: Any, reader_id: int, fee: Decimal) -> DeskUnit:
    back = getattr(row, 'back', None)
    back = back if back is not None and back.id is not None else None
    return DeskUnit(
        id=row.id,
        number=number_of(back) if back else '',
        contract_number=row.contract.number,
        subscriber=row.contract.subscriber.full_name,
        name=row.equipment.name,
        serial=row.serial or '',
        mac=row.mac or '',
        monthly_fee=fee,
        since=local(row.installed_at).date() if row.installed_at else None,
        office=back.office.address if back and back.office_id else '',
        announced_at=back.announced_at if back else None,
        may_handle=row.contract.subscriber.user_id != reader_id,
    )
