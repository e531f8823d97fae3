"""What a device is to the calculator, and what keeps a contract from arranging anything about one."""

from datetime import date
from decimal import Decimal

from models.catalogue import Equipment
from models.contract import Contract, EquipmentUnit, Ownership
from models.equipment import EquipmentReturn, ReturnState
from models.region import Office
from services import rules
from services.accounts import contract_rows, debt_blocks, ledger, snapshots, subscriptions
from services.accounts.equipment_refusals import BelongsToLine, BlockedForDebt, NotActive, NotYourRent
from services.clock import local, today
from services.errors import N_, DomainError, InvalidField, NotFound
from services.money import ZERO
from services.offers.prices import read_prices
from services.quotes import equipment as quotes
from services.quotes.equipment import Rented
from services.quotes.monthly import DatedFee, Item, LineKind
from services.quotes.quote import Quote


def rent_item(device: Equipment, fee: Decimal) -> Item:
    """Return a device that is rented from today at this price as a line of the month."""
    vat, coming = rules.current().vat_services, read_prices([device]).announced(device)
    later = (DatedFee(price.since, price.fee, price.vat_rate) for price in coming if price.since > today())
    fees = (DatedFee(date.min, fee, vat), *later)
    return Item(LineKind.RENT, device.code, f'Аренда: {device.name}', fee, vat, fees)


def bought_item(device: Equipment, price: Decimal) -> Item:
    """Return a device as something that is bought once."""
    return Item(LineKind.EQUIPMENT, device.code, f'Покупка: {device.name}', price, rules.current().vat_goods)


def quote_device(action: str, contract: Contract, device: Equipment, ownership: Ownership, price: Decimal) -> Quote:
    """Return what a further device costs from today; `price` is rubles a month for a rented one, else once."""
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    if ownership == Ownership.RENTED:
        item = rent_item(device, price)
        return quotes.quote_rent(action, subscription, item, balance=balance, today=today())
    item = bought_item(device, price)
    return quotes.quote_buy(action, subscription, item, balance=balance, today=today())


def quote_return(contract: Contract, unit: EquipmentUnit) -> Quote:
    """Return what bringing a rented device back today gives."""
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    return quotes.quote_return(
        subscription, rented(contract, unit), rents_without(contract, unit), balance=balance, today=today()
    )


def rented(contract: Contract, unit: EquipmentUnit) -> Rented:
    """Return a rented device as the calculator needs it; its first day is never before the first paid one."""
    came = local(unit.installed_at).date() if unit.installed_at else today()
    since = max(came, contract.active_on or came)
    return Rented(unit_item(unit), since, unit.equipment.buy_price or ZERO)


def rents_without(contract: Contract, unit: EquipmentUnit) -> tuple[Item, ...]:
    """Return what is still rented when this device is not."""
    others = [each for each in contract_rows.rented_units([contract.id]) if each.id != unit.id]
    return snapshots.rent_items(others, rules.current(), read_prices(each.equipment for each in others))


def unit_item(unit: EquipmentUnit) -> Item:
    """Return a rented device with its price of today, and those to come."""
    return snapshots.unit_item(unit, rules.current(), read_prices([unit.equipment]))


def find_unit(contract: Contract, unit_id: object) -> EquipmentUnit:
    """Return a device that stands at this subscriber's.

    Raises:
        NotFound: it never did, or does not any more.
    """
    if not is_id(unit_id):
        raise NotFound
    here = (EquipmentUnit.contract == contract) & EquipmentUnit.returned_at.is_null()
    rows = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment)
    unit: EquipmentUnit | None = rows.where(here & (EquipmentUnit.id == unit_id)).get_or_none()
    if unit is None or unit.installed_at is None:
        raise NotFound
    return unit


def find_office(contract: Contract, office_id: object) -> Office:
    """Return an office of the town of this contract.

    Raises:
        InvalidField: `office`: there is none with this id.
    """
    found: Office | None = None
    if is_id(office_id):
        found = Office.get_or_none((Office.id == office_id) & (Office.region == contract.region))
    if found is None:
        raise InvalidField('office', N_('Выберите офис из списка.'))
    return found


def announced(unit: EquipmentUnit) -> EquipmentReturn | None:
    """Return the announcement of a device that is to come back, if there is one."""
    waits = EquipmentReturn.state == ReturnState.ANNOUNCED
    found: EquipmentReturn | None = EquipmentReturn.get_or_none((EquipmentReturn.unit == unit) & waits)
    return found


def why_no_order(contract: Contract) -> DomainError | None:
    """Return what keeps this contract from a further device, whatever it is."""
    if not contract.is_active:
        return NotActive()
    balance = ledger.balance(contract)
    if balance < ZERO and debt_blocks.open_block(contract):
        return BlockedForDebt(debt=-balance)
    return None


def why_not_rented(contract: Contract, unit: EquipmentUnit) -> DomainError | None:
    """Return why a device is neither bought out nor brought back."""
    if unit.ownership == Ownership.LENT:
        return BelongsToLine()
    if unit.ownership != Ownership.RENTED:
        return NotYourRent()
    return None if contract.is_active else NotActive()


def is_id(value: object) -> bool:
    """Tell whether this can be the id of a row."""
    return type(value) is int and 0 < value < 2**31
