"""What waits at the counter: Vera's order of a router, and the router Anna is going to bring back."""

from datetime import timedelta

from models.catalogue import Equipment
from models.contract import Contract, EquipmentUnit, Ownership
from models.equipment import EquipmentOrder, EquipmentReturn
from models.region import Office
from services import rules
from services.accounts import equipment_terms as terms
from services.accounts import shown_quotes
from services.clock import now, today
from services.demo.subscribers import ANNA, VERA_HOUSE
from services.offers.prices import fee_on
from services.quotes.equipment import ORDER


def fill() -> None:
    """Write both, as the cabinet would; neither moves money before it is handed over or accepted."""
    _order(_contract(VERA_HOUSE.number), Equipment.get(Equipment.code == 'R-AX'))
    _announce(_contract(ANNA.number))


def _order(contract: Contract, device: Equipment) -> None:
    price = fee_on(device, today())
    quote = terms.quote_device(ORDER, contract, device, Ownership.RENTED, price)
    shown = shown_quotes.show(contract, quote, {'code': device.code, 'way': 'rent'})
    EquipmentOrder.create(
        contract=contract,
        equipment=device,
        ownership=Ownership.RENTED,
        price=price,
        office=_office(contract),
        quote=shown.id,
        holds_until=today() + timedelta(days=rules.current().order_hold_days),
        form_key=f'demo:{contract.number}:order',
        ordered_at=now(),
        ordered_by=contract.subscriber.user_id,
    )


def _announce(contract: Contract) -> None:
    rented = (EquipmentUnit.contract == contract) & (EquipmentUnit.ownership == Ownership.RENTED)
    EquipmentReturn.create(
        contract=contract,
        unit=EquipmentUnit.get(rented),
        office=_office(contract),
        form_key=f'demo:{contract.number}:return',
        announced_at=now(),
        announced_by=contract.subscriber.user_id,
    )


def _contract(number: str) -> Contract:
    found: Contract = Contract.get(Contract.number == number)
    return found


def _office(contract: Contract) -> Office:
    offices = Office.select().where(Office.region == contract.region).order_by(Office.position, Office.id)
    found: Office = offices.get()
    return found
