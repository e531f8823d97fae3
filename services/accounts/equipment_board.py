"""What a subscriber sees of devices: his own, what he may take, what he ordered and is going to bring back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.access import Access
from models.catalogue import Equipment, EquipmentKind
from models.contract import Contract, EquipmentUnit, Ownership
from models.equipment import EquipmentOrder, EquipmentReturn, OrderState, ReturnState
from models.region import Office
from services import rules
from services.accounts import equipment_terms as terms
from services.accounts.equipment_refusals import NeedsInstallation, OrderedAlready
from services.authority import Actor, own_contract
from services.clock import local, today
from services.errors import DomainError
from services.offers.prices import PriceList, read_prices


@dataclass(frozen=True)
class OfficeChoice:
    """Where he may come."""

    id: int
    address: str
    hours: str


@dataclass(frozen=True)
class ComingBack:
    """A device he said he would bring; `number` is what he names in the office."""

    id: int
    number: str
    office: str
    hours: str


@dataclass(frozen=True)
class OwnUnit:
    """A device at his place: `monthly_fee` is rubles, 0 unless rented; `buy_price` is for how much he may keep it.

    `refusal` is why it is neither bought out nor brought back, None when it may be.
    """

    id: int
    name: str
    kind: EquipmentKind
    ownership: Ownership
    serial: str
    since: date | None
    monthly_fee: Decimal
    buy_price: Decimal | None
    back: ComingBack | None
    refusal: DomainError | None


@dataclass(frozen=True)
class Offer:
    """A device he may take: rubles, None where it is not sold or not rented. `refusal` is why not now."""

    code: str
    name: str
    kind: EquipmentKind
    buy_price: Decimal | None
    rent_fee: Decimal | None
    refusal: DomainError | None


@dataclass(frozen=True)
class OwnOrder:
    """A device he ordered: `price` is rubles a month or once; `is_over` when the promise of the price ran out."""

    id: int
    name: str
    ownership: Ownership
    price: Decimal
    office: str
    hours: str
    holds_until: date
    is_over: bool


@dataclass(frozen=True)
class EquipmentBoard:
    """Everything about devices of a contract; `refusal` is why nothing can be ordered at all."""

    units: tuple[OwnUnit, ...]
    orders: tuple[OwnOrder, ...]
    offers: tuple[Offer, ...]
    offices: tuple[OfficeChoice, ...]
    refusal: DomainError | None
    hold_days: int


def board(*, actor: Actor | None) -> EquipmentBoard:
    """Return the devices of the contract, its open orders and what else may be taken."""
    contract = own_contract(actor, need=Access.SEE)
    orders, prices = list_waiting(contract), read_prices()
    devices = Equipment.select().order_by(Equipment.position, Equipment.id)
    return EquipmentBoard(
        units=_units(contract),
        orders=tuple(_order(order) for order in orders),
        offers=tuple(_offer(device, orders, prices) for device in devices if device.buy_price or device.rent_fee),
        offices=_offices(contract),
        refusal=terms.why_no_order(contract),
        hold_days=rules.current().order_hold_days,
    )


def list_waiting(contract: Contract) -> list[EquipmentOrder]:
    """Return the orders of a contract that wait, the oldest first."""
    rows: Any = EquipmentOrder.select(EquipmentOrder, Equipment, Office).join(Equipment).switch(EquipmentOrder)
    waits = (EquipmentOrder.contract == contract) & (EquipmentOrder.state == OrderState.ORDERED)
    return list(rows.join(Office).where(waits).order_by(EquipmentOrder.id))


def why_not(device: Equipment, orders: list[EquipmentOrder]) -> DomainError | None:
    """Return why this device cannot be ordered now; an order whose price is over keeps nobody from a new one."""
    if device.installation_fee:
        return NeedsInstallation()
    for order in orders:
        if order.equipment.code == device.code and order.holds_until >= today():
            return OrderedAlready(until=order.holds_until)
    return None


def number_of(row: EquipmentReturn) -> str:
    """Return the number of a return as people say it."""
    return f'{row.id:06}'


def _units(contract: Contract) -> tuple[OwnUnit, ...]:
    here = (EquipmentUnit.contract == contract) & EquipmentUnit.returned_at.is_null()
    rows: Any = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment)
    rows = rows.where(here & EquipmentUnit.installed_at.is_null(False)).order_by(EquipmentUnit.id)
    waits = (EquipmentReturn.contract == contract) & (EquipmentReturn.state == ReturnState.ANNOUNCED)
    backs = {row.unit_id: row for row in EquipmentReturn.select(EquipmentReturn, Office).join(Office).where(waits)}
    return tuple(_unit(contract, unit, backs.get(unit.id)) for unit in rows)


def _unit(contract: Contract, unit: EquipmentUnit, back: EquipmentReturn | None) -> OwnUnit:
    refusal = terms.why_not_rented(contract, unit)
    return OwnUnit(
        id=unit.id,
        name=unit.equipment.name,
        kind=unit.equipment.kind,
        ownership=unit.ownership,
        serial=unit.serial or '',
        since=local(unit.installed_at).date() if unit.installed_at else None,
        monthly_fee=unit.monthly_fee if refusal else terms.unit_item(unit).fee,
        buy_price=None if refusal else unit.equipment.buy_price,
        back=ComingBack(back.id, number_of(back), *_place(back)) if back else None,
        refusal=refusal,
    )


def _place(back: EquipmentReturn) -> tuple[str, str]:
    return (back.office.address, back.office.hours) if back.office else ('', '')


def _offer(device: Equipment, orders: list[EquipmentOrder], prices: PriceList) -> Offer:
    refusal = why_not(device, orders)
    return Offer(device.code, device.name, device.kind, device.buy_price, prices.fee(device, today()) or None, refusal)


def _order(row: EquipmentOrder) -> OwnOrder:
    return OwnOrder(
        id=row.id,
        name=row.equipment.name,
        ownership=row.ownership,
        price=row.price,
        office=row.office.address,
        hours=row.office.hours,
        holds_until=row.holds_until,
        is_over=row.holds_until < today(),
    )


def _offices(contract: Contract) -> tuple[OfficeChoice, ...]:
    rows = Office.select().where(Office.region == contract.region).order_by(Office.position, Office.id)
    return tuple(OfficeChoice(row.id, row.address, row.hours) for row in rows)
