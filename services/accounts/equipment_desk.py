"""At the counter: a device is handed over and charged, a device is accepted and its rent comes back, each once."""

from decimal import Decimal
from typing import Any

from models.catalogue import Equipment
from models.contract import Contract, EquipmentUnit, Ownership
from models.equipment import UNANNOUNCED, EquipmentOrder, EquipmentReturn, OrderState, ReturnState
from services import audit
from services.accounts import billing, debt_blocks, equipment_orders, equipment_returns, shown_quotes, subscriptions
from services.accounts import equipment_terms as terms
from services.accounts.equipment_refusals import OwnEquipment, PriceOver
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, require_operator
from services.clock import now, today
from services.errors import NotFound, WrongTransition
from services.events import ContractChanged, EquipmentChanged, record
from services.input_text import clean_text
from services.money import ZERO
from services.quotes.equipment import HAND_OVER, RETURN
from services.quotes.quote import Quote
from services.runner import transactional
from services.visits import equipment


@transactional
def quote_hand_over(order_id: int, *, actor: Actor | None) -> ShownQuote:
    """Return and store what is charged if an ordered device is handed over today.

    Raises:
        NotFound: no such order.
        WrongTransition: it does not wait any more.
        EquipmentRefused: it is not possible; the class says why.
    """
    actor = require_operator(actor)
    order, contract = _locked_order(order_id, actor)
    billing.catch_up(contract)
    return shown_quotes.show(contract, _quote(order, contract), {'order': order.id})


@transactional
def hand_over(order_id: int, quote_id: int, serial: str, mac: str, *, actor: Actor | None) -> str:
    """Hand an ordered device over and charge what was shown; returns its serial number as it is kept.

    The same click again changes nothing.

    Raises:
        NotFound: no such order, or not its quote.
        InvalidField: `serial` or `mac` is malformed, or stands at another subscriber's already.
        WrongTransition: it was handed over or called off meanwhile.
        QuoteChanged, NotEnoughMoney, EquipmentRefused: nothing has changed.
    """
    actor = require_operator(actor)
    order, contract = _locked_order(order_id, actor, ended=True)
    row = shown_quotes.find(contract, quote_id, HAND_OVER)
    if row.request['order'] != order.id:
        raise NotFound
    if order.state != OrderState.ORDERED:
        return _handed_over(order, serial, actor)
    billing.catch_up(contract)
    fresh = _quote(order, contract)
    kept = equipment.read_sticker(order.equipment, serial, mac)
    shown_quotes.book(contract, row, fresh, key=f'equipment:{order.id}', actor_id=actor.user_id)
    unit = _put(order, contract, *kept)
    equipment_orders.close(order, OrderState.HANDED_OVER, actor, unit=unit)
    facts: dict[str, Any] = {'code': order.equipment.code, 'serial': kept[0], 'order': order.id}
    audit.note('equipment.hand_over', f'contract:{contract.number}', actor=actor, charged=str(fresh.due), **facts)
    _changed(contract)
    return kept[0]


@transactional
def cancel(order_id: int, reason: str, *, actor: Actor | None) -> None:
    """Call an order off for the subscriber: it is not there, or he does not come.

    Raises:
        NotFound: no such order.
        InvalidField: `reason` is empty or too long.
        WrongTransition: it was handed over or called off meanwhile.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    order, contract = _locked_order(order_id, actor)
    equipment_orders.close(order, OrderState.CANCELLED, actor, reason=why)
    audit.note('equipment.cancel', f'contract:{contract.number}', actor=actor, order=order.id, reason=why)
    _changed(contract)


@transactional
def quote_return(unit_id: int, *, actor: Actor | None) -> ShownQuote:
    """Return and store what comes back to the account if a rented device is accepted today.

    Raises:
        NotFound: no such device, or it came back.
        EquipmentRefused: it is not rented, or one's own.
    """
    actor = require_operator(actor)
    unit, contract = _locked_unit(unit_id, actor)
    _refuse_not_rented(contract, unit)
    billing.catch_up(contract)
    return shown_quotes.show(contract, terms.quote_return(contract, unit), {'unit': unit.id})


@transactional
def accept(unit_id: int, quote_id: int, condition: str, *, actor: Actor | None) -> Decimal:
    """Accept a rented device, announced or not, and return its rent from tomorrow on; returns the rubles.

    The same click again changes nothing.

    Args:
        condition: how it looks; may be empty.

    Raises:
        NotFound: no such device, or not its quote.
        InvalidField: `condition` is too long.
        WrongTransition: a colleague accepted it.
        QuoteChanged, EquipmentRefused: nothing has changed.
    """
    actor = require_operator(actor)
    words = clean_text('condition', condition, rule='device_condition')
    unit, contract = _locked_unit(unit_id, actor, returned=True)
    row = shown_quotes.find(contract, quote_id, RETURN)
    if row.request['unit'] != unit.id:
        raise NotFound
    if unit.returned_at is not None:
        return _accepted(unit, sum((-Decimal(line['sum']) for line in row.lines if line['booked']), ZERO), actor)
    _refuse_not_rented(contract, unit)
    billing.catch_up(contract)
    fresh = terms.quote_return(contract, unit)
    shown_quotes.book(contract, row, fresh, key=f'equipment-return:{unit.id}', actor_id=actor.user_id)
    _keep(unit, contract, words, actor)
    equipment_returns.accept_return(unit, actor=actor)
    _changed(contract)
    debt_blocks.review(contract)
    return -fresh.due


def _locked_order(order_id: object, actor: Actor, *, ended: bool = False) -> tuple[EquipmentOrder, Contract]:
    """Return an order that waits with its contract, held; one that has ended only if asked for."""
    found = EquipmentOrder.get_or_none(EquipmentOrder.id == order_id) if terms.is_id(order_id) else None
    if found is None:
        raise NotFound
    contract = _held(found.contract, actor)
    order: EquipmentOrder = EquipmentOrder.get_by_id(found.id)
    if order.state != OrderState.ORDERED and not ended:
        raise WrongTransition
    return order, contract


def _locked_unit(unit_id: object, actor: Actor, *, returned: bool = False) -> tuple[EquipmentUnit, Contract]:
    """Return a device that stands at somebody's with its contract, held; one that came back only if asked for."""
    found = EquipmentUnit.get_or_none(EquipmentUnit.id == unit_id) if terms.is_id(unit_id) else None
    if found is None:
        raise NotFound
    contract = _held(found.contract, actor)
    unit = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment).where(EquipmentUnit.id == found.id).get()
    if unit.installed_at is None or (unit.returned_at is not None and not returned):
        raise NotFound
    return unit, contract


def _held(contract: Contract, actor: Actor) -> Contract:
    held = subscriptions.reload_locked(contract)
    if held.subscriber.user_id == actor.user_id:
        raise OwnEquipment
    return held


def _refuse_not_rented(contract: Contract, unit: EquipmentUnit) -> None:
    refusal = terms.why_not_rented(contract, unit)
    if refusal:
        raise refusal


def _quote(order: EquipmentOrder, contract: Contract) -> Quote:
    """Return what an order costs today, at the price that was promised."""
    if order.holds_until < today():
        raise PriceOver(until=order.holds_until)
    refusal = terms.why_no_order(contract)
    if refusal:
        raise refusal
    return terms.quote_device(HAND_OVER, contract, order.equipment, order.ownership, order.price)


def _put(order: EquipmentOrder, contract: Contract, serial: str, mac: str) -> EquipmentUnit:
    """Write down that the device stands at the subscriber's from now on."""
    made: EquipmentUnit = EquipmentUnit.create(
        contract=contract,
        equipment=order.equipment,
        ownership=order.ownership,
        monthly_fee=order.price if order.ownership == Ownership.RENTED else ZERO,
        serial=serial,
        mac=mac or None,
        installed_at=now(),
    )
    return made


def _handed_over(order: EquipmentOrder, serial: object, actor: Actor) -> str:
    """A repeat of one's own click is told what it did; whoever comes second with another device is not."""
    unit = order.unit
    typed = serial.strip().upper() if isinstance(serial, str) else ''
    if unit is None or order.closed_by_id != actor.user_id or unit.serial != typed:
        raise WrongTransition
    return str(unit.serial)


def _accepted(unit: EquipmentUnit, refunded: Decimal, actor: Actor) -> Decimal:
    mine = (EquipmentReturn.unit == unit) & (EquipmentReturn.closed_by == actor.user_id)
    if not EquipmentReturn.select().where(mine & (EquipmentReturn.state == ReturnState.ACCEPTED)).exists():
        raise WrongTransition
    return refunded


def _keep(unit: EquipmentUnit, contract: Contract, condition: str, actor: Actor) -> None:
    """End the announcement; a device nobody announced gets its row now."""
    closed = {'state': ReturnState.ACCEPTED, 'closed_at': now(), 'closed_by': actor.user_id, 'condition': condition}
    known = terms.announced(unit)
    if known is not None:
        EquipmentReturn.update(**closed).where(EquipmentReturn.id == known.id).execute()
        return
    begun = {'form_key': f'{UNANNOUNCED}{unit.id}', 'announced_at': now(), 'announced_by': actor.user_id}
    EquipmentReturn.create(contract=contract, unit=unit, **begun, **closed)


def _changed(contract: Contract) -> None:
    record(ContractChanged(contract.id))
    record(EquipmentChanged(contract.id))
