"""Ordering a further device: the price is shown and promised, the money is taken when the device is handed over."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from models.access import Access
from models.catalogue import Equipment
from models.contract import Contract, Ownership
from models.equipment import EquipmentOrder, OrderState
from services import audit, form_keys, rules
from services.accounts import billing, books, equipment_board, shown_quotes
from services.accounts import equipment_terms as terms
from services.accounts.equipment_refusals import NotRented, NotSold
from services.accounts.shown_quotes import QuoteChanged, ShownQuote
from services.authority import Actor, own_contract
from services.clock import now, today
from services.errors import NotFound, WrongTransition
from services.events import ContractChanged, EquipmentChanged, record
from services.money import ZERO
from services.offers.prices import fee_on
from services.quotes.equipment import ORDER
from services.quotes.quote import Quote
from services.runner import transactional

WAYS = {'rent': Ownership.RENTED, 'buy': Ownership.SOLD}


@transactional
def quote(code: str, way: str, *, actor: Actor | None) -> ShownQuote:
    """Return and store what a device costs if it is taken today; nothing is missing yet, since nothing is charged.

    Args:
        way: `rent` or `buy`.

    Raises:
        NotFound: no such device or way.
        EquipmentRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    fresh, _price = _quote(contract, code, way)
    return replace(shown_quotes.show(contract, fresh, {'code': code, 'way': way}), missing=ZERO)


@transactional
def order(quote_id: int, office_id: int, form_key: str, *, actor: Actor | None) -> int:
    """Order what a shown quote is about and return the id of the order; the same key again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        InvalidField: `office` is not one of his town.
        QuoteChanged, EquipmentRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    done = EquipmentOrder.get_or_none(EquipmentOrder.form_key == form_key)
    if done is not None:
        if done.contract.id != contract.id:
            raise NotFound
        return int(done.id)
    row = shown_quotes.find(contract, quote_id, ORDER)
    office = terms.find_office(contract, office_id)
    billing.catch_up(contract)
    books.require_open()
    code, way = row.request['code'], row.request['way']
    fresh, price = _quote(contract, code, way)
    if row.facts != fresh.facts():
        raise QuoteChanged
    assert actor is not None  # own_contract has refused a stranger
    _drop_those_over(contract, code, actor)
    made = EquipmentOrder.create(
        contract=contract,
        equipment=Equipment.get(Equipment.code == code),
        ownership=WAYS[way],
        price=price,
        office=office,
        quote=row,
        holds_until=today() + timedelta(days=rules.current().order_hold_days),
        form_key=form_key,
        ordered_at=now(),
        ordered_by=actor.user_id,
    )
    _noted('equipment.order', contract, actor, code=code, way=way, price=str(price), order=made.id)
    return int(made.id)


@transactional
def cancel(order_id: int, *, actor: Actor | None) -> None:
    """Call one's own order off; doing it twice is the same as once.

    Raises:
        NotFound: not an order of this contract.
        WrongTransition: the device is handed over already.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    found = None
    if terms.is_id(order_id):
        mine = (EquipmentOrder.id == order_id) & (EquipmentOrder.contract == contract)
        found = EquipmentOrder.get_or_none(mine)
    if found is None:
        raise NotFound
    if found.state == OrderState.HANDED_OVER:
        raise WrongTransition
    if found.state == OrderState.ORDERED:
        assert actor is not None  # own_contract has refused a stranger
        close(found, OrderState.CANCELLED, actor)
        _noted('equipment.cancel', contract, actor, order=found.id)


def close(row: EquipmentOrder, state: OrderState, actor: Actor, **fields: object) -> None:
    """End an order that waits."""
    closed = {'state': state, 'closed_at': now(), 'closed_by': actor.user_id, **fields}
    EquipmentOrder.update(**closed).where(EquipmentOrder.id == row.id).execute()


def _quote(contract: Contract, code: object, way: object) -> tuple[Quote, Decimal]:
    """Return the quote and the price that is promised."""
    device = Equipment.get_or_none(Equipment.code == code) if isinstance(code, str) else None
    ownership = WAYS.get(way) if isinstance(way, str) else None
    if device is None or ownership is None:
        raise NotFound
    refusal = terms.why_no_order(contract)
    if refusal:
        raise refusal
    price = fee_on(device, today()) if ownership == Ownership.RENTED else device.buy_price
    if not price:
        raise NotRented if ownership == Ownership.RENTED else NotSold
    refusal = equipment_board.why_not(device, equipment_board.list_waiting(contract))
    if refusal:
        raise refusal
    return terms.quote_device(ORDER, contract, device, ownership, price), price


def _drop_those_over(contract: Contract, code: str, actor: Actor) -> None:
    """A new order takes the place of one whose price is over."""
    for row in equipment_board.list_waiting(contract):
        if row.equipment.code == code:
            close(row, OrderState.CANCELLED, actor)


def _noted(action: str, contract: Contract, actor: Actor, **facts: Any) -> None:
    audit.note(action, f'contract:{contract.number}', actor=actor, **facts)
    record(ContractChanged(contract.id))
    record(EquipmentChanged(contract.id))
