"""Buying the rented device out: at once, with the money on the account."""

from models.access import Access
from models.contract import Contract, EquipmentUnit, Ownership
from services import audit, form_keys, rules
from services.accounts import billing, debt_blocks, ledger, shown_quotes, subscriptions
from services.accounts import equipment_terms as terms
from services.accounts.equipment_refusals import AnnouncedAlready, NotSold
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, own_contract
from services.clock import today
from services.events import ContractChanged, EquipmentChanged, record
from services.money import ZERO
from services.quotes import equipment as quotes
from services.quotes.quote import Quote
from services.runner import transactional


@transactional
def quote(unit_id: int, *, actor: Actor | None) -> ShownQuote:
    """Return and store what it costs to keep a rented device.

    Raises:
        NotFound: no such device at this subscriber's.
        EquipmentRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    unit = terms.find_unit(contract, unit_id)
    return shown_quotes.show(contract, _quote(contract, unit), {'unit': unit.id})


@transactional
def buy_out(quote_id: int, form_key: str, *, actor: Actor | None) -> str:
    """Buy what a shown quote is about and return its name; the same quote again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        QuoteChanged, NotEnoughMoney, EquipmentRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_keys.checked(form_key)
    row = shown_quotes.find(contract, quote_id, quotes.BUY_OUT)
    unit = terms.find_unit(contract, row.request['unit'])
    if row.executed_at is not None and unit.ownership == Ownership.SOLD:
        return str(unit.equipment.name)
    billing.catch_up(contract)
    fresh = _quote(contract, unit)
    assert actor is not None  # own_contract has refused a stranger
    shown_quotes.book(contract, row, fresh, key=f'buy-out:{unit.id}', actor_id=actor.user_id)
    EquipmentUnit.update(ownership=Ownership.SOLD, monthly_fee=ZERO).where(EquipmentUnit.id == unit.id).execute()
    facts = {'code': unit.equipment.code, 'serial': unit.serial or '', 'charged': str(fresh.due)}
    audit.note('equipment.buy_out', f'contract:{contract.number}', actor=actor, **facts)
    record(ContractChanged(contract.id))
    record(EquipmentChanged(contract.id))
    debt_blocks.review(contract)
    return str(unit.equipment.name)


def _quote(contract: Contract, unit: EquipmentUnit) -> Quote:
    refusal = terms.why_not_rented(contract, unit)
    if refusal:
        raise refusal
    if terms.announced(unit):
        raise AnnouncedAlready
    if not unit.equipment.buy_price:
        raise NotSold
    return quotes.quote_buy_out(
        subscriptions.load(contract),
        terms.rented(contract, unit),
        terms.rents_without(contract, unit),
        balance=ledger.balance(contract),
        today=today(),
        counted_percent=rules.current().buyout_rent_percent,
    )
