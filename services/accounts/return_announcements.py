"""Bringing a rented device back: announced in the cabinet, accepted in an office; until then the rent goes on."""

from typing import Any

from models.access import Access
from models.contract import Contract, EquipmentUnit
from models.equipment import EquipmentReturn, ReturnState
from services import audit, form_keys
from services.accounts import billing, equipment_board, shown_quotes
from services.accounts import equipment_terms as terms
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import NotFound, WrongTransition
from services.events import ContractChanged, EquipmentChanged, record
from services.messages.letters import devices as letters
from services.runner import transactional


@transactional
def quote(unit_id: int, *, actor: Actor | None) -> ShownQuote:
    """Return and store what comes back if the device is brought today.

    Raises:
        NotFound: no such device at this subscriber's.
        EquipmentRefused: it is not rented.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    unit = _rented(contract, unit_id)
    return shown_quotes.show(contract, terms.quote_return(contract, unit), {'unit': unit.id})


@transactional
def announce(unit_id: int, office_id: int, form_key: str, *, actor: Actor | None) -> str:
    """Say that a rented device will be brought; returns the number to name in the office.

    A device that is announced already keeps its number, whatever form is sent; another office replaces the first.

    Raises:
        NotFound: no such device at this subscriber's.
        InvalidField: `office` is not one of his town.
        EquipmentRefused: it is not rented.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    unit = _rented(contract, unit_id)
    office = terms.find_office(contract, office_id)
    known = terms.announced(unit) or EquipmentReturn.get_or_none(EquipmentReturn.form_key == form_key)
    assert actor is not None  # own_contract has refused a stranger
    if known is not None:
        if known.unit_id != unit.id or known.state != ReturnState.ANNOUNCED:
            raise WrongTransition
        EquipmentReturn.update(office=office).where(EquipmentReturn.id == known.id).execute()
        return equipment_board.number_of(known)
    fields = {'form_key': form_key, 'announced_at': now(), 'announced_by': actor.user_id}
    made = EquipmentReturn.create(contract=contract, unit=unit, office=office, **fields)
    _noted('equipment.announce', contract, actor, unit=unit.id, code=unit.equipment.code)
    number = equipment_board.number_of(made)
    letters.return_announced(contract, made, number=number, name=unit.equipment.name)
    return number


@transactional
def call_off(return_id: int, *, actor: Actor | None) -> None:
    """Keep the device after all; doing it twice is the same as once.

    Raises:
        NotFound: not an announcement of this contract.
        WrongTransition: the device was accepted already.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    found: EquipmentReturn | None = None
    if terms.is_id(return_id):
        mine = (EquipmentReturn.id == return_id) & (EquipmentReturn.contract == contract)
        found = EquipmentReturn.get_or_none(mine)
    if found is None:
        raise NotFound
    if found.state == ReturnState.ACCEPTED:
        raise WrongTransition
    if found.state == ReturnState.ANNOUNCED:
        assert actor is not None  # own_contract has refused a stranger
        closed = {'state': ReturnState.CALLED_OFF, 'closed_at': now(), 'closed_by': actor.user_id}
        EquipmentReturn.update(**closed).where(EquipmentReturn.id == found.id).execute()
        _noted('equipment.keep', contract, actor, unit=found.unit_id)


def _rented(contract: Contract, unit_id: object) -> EquipmentUnit:
    unit = terms.find_unit(contract, unit_id)
    refusal = terms.why_not_rented(contract, unit)
    if refusal:
        raise refusal
    return unit


def _noted(action: str, contract: Contract, actor: Actor, **facts: Any) -> None:
    audit.note(action, f'contract:{contract.number}', actor=actor, **facts)
    record(ContractChanged(contract.id))
    record(EquipmentChanged(contract.id))
