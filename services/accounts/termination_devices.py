"""The devices of a contract that ends or is over: what came back is accepted, what did not is charged."""

from datetime import date

from models.account import Operation
from models.contract import ContractStatus, EquipmentUnit, Ownership
from services import audit, rules
from services.accounts import correction_input, debt_blocks, equipment_returns, payouts, termination_requests
from services.accounts.line_postings import book as book_line
from services.accounts.termination_refusals import NoPrice, NotEnded, RentRunsOn
from services.authority import Actor, locked, require_operator
from services.clock import today
from services.errors import N_, InvalidField, NotFound
from services.messages.letters import ending as letters
from services.money import ZERO
from services.quotes import termination as quotes
from services.quotes.monthly import Item, LineKind
from services.runner import transactional


@transactional
def accept(unit_id: int, on: str, *, actor: Actor | None) -> None:
    """Write down that a device came back on a day (ISO text, today when empty); twice is the same as once.

    Raises:
        NotFound: no such device. OwnContract: one's own.
        InvalidField: `on` is not a day on which it can have come. NotOurs: it belongs to the subscriber.
        RentRunsOn: its rent is paid ahead: `equipment_desk.accept` returns what is left of it.
    """
    actor = require_operator(actor)
    unit = _unit(unit_id, actor)
    is_rented = unit.ownership == Ownership.RENTED and unit.returned_at is None
    if is_rented and unit.contract.status != ContractStatus.TERMINATED:
        raise RentRunsOn
    if equipment_returns.accept_return(unit, on=_day(on), actor=actor):
        termination_requests.tell(unit.contract)


@transactional
def charge_device(unit_id: int, reason: str, *, actor: Actor | None) -> None:
    """Charge a device that was not given back after the end, at the price of the catalogue; it is his from then on.

    Once for a device: the same again books nothing.

    Raises:
        InvalidField: the reason says too little.
        NotFound: no such device. OwnContract: one's own. NotEnded: the contract goes on. NoPrice: see there.
        NotOurs: it belongs to the subscriber, or is back.
    """
    actor = require_operator(actor)
    why = correction_input.read_reason(reason)
    unit = _unit(unit_id, actor)
    key = f'unreturned:{unit.id}'
    contract = unit.contract
    if Operation.select().where(Operation.key == key).exists():
        return
    if contract.status != ContractStatus.TERMINATED:
        raise NotEnded
    if unit.ownership not in equipment_returns.OURS or unit.returned_at is not None:
        raise equipment_returns.NotOurs
    device, price = unit.equipment, termination_requests.price_of(unit.equipment)
    if not price:
        raise NoPrice
    item = Item(LineKind.EQUIPMENT, device.code, device.name, price, rules.current().vat_goods)
    line = quotes.kept_line(item, today())
    basis = f'Договор № {contract.number}. {line.basis}'
    book_line(contract, line, key=key, basis=basis, actor_id=actor.user_id)
    EquipmentUnit.update(ownership=Ownership.SOLD, monthly_fee=ZERO).where(EquipmentUnit.id == unit.id).execute()
    debt_blocks.review(contract)
    facts = {'code': device.code, 'serial': unit.serial or '', 'amount': str(line.sum), 'reason': why}
    audit.note('equipment.charge', f'contract:{contract.number}', actor=actor, **facts)
    letters.device_charged(contract, unit_id=unit.id, name=device.name, price=line.sum, reason=why)
    termination_requests.tell(contract)


def _unit(unit_id: object, actor: Actor) -> EquipmentUnit:
    """Return a device as it is now, its contract held."""
    place = correction_input.row_id(unit_id)
    unit: EquipmentUnit | None = EquipmentUnit.get_or_none(EquipmentUnit.id == place)
    if unit is None:
        raise NotFound
    locked(payouts.own_of(unit.contract.number, actor))
    fresh: EquipmentUnit = EquipmentUnit.get_by_id(place)
    return fresh


def _day(typed: object) -> date | None:
    if typed in ('', None):
        return None
    try:
        return date.fromisoformat(str(typed)[:10])
    except ValueError as error:
        raise InvalidField('on', N_('Выберите день в календаре.')) from error
