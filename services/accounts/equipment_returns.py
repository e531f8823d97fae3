"""A device of ours comes back: the one place where its return is written down, whoever brought it and why."""

from datetime import date

from models.contract import EquipmentUnit, Ownership
from models.equipment import EquipmentReturn, ReturnState
from services import audit
from services.authority import Actor
from services.clock import local, midnight, now, today
from services.errors import N_, DomainError, InvalidField
from services.events import ContractChanged, record
from services.runner import transactional

OURS = (Ownership.RENTED, Ownership.LENT)
"""Devices that stay ours while they stand at the subscriber's."""


class NotOurs(DomainError):
    """It was sold, or it never was ours."""

    message = N_('Это устройство принадлежит абоненту: принимать его не нужно.')
    status = 409


@transactional
def accept_return(unit: EquipmentUnit, *, actor: Actor, on: date | None = None) -> bool:
    """Write down that a device came back on a day, today unless told; tells whether that was news.

    Whoever calls holds the contract, has asked who may, and returns what is left of the rent: no money moves here.

    Raises:
        NotOurs: it belongs to the subscriber.
        InvalidField: `on` is a coming day, or lies before the device was handed over.
    """
    fresh = EquipmentUnit.get_by_id(unit.id)
    if fresh.returned_at is not None:
        return False
    if fresh.ownership not in OURS:
        raise NotOurs
    day = on or today()
    first = local(fresh.installed_at).date() if fresh.installed_at else day
    if not first <= day <= today():
        raise InvalidField('on', N_('Выберите день с {first} по {last}.'), first=first, last=today())
    returned_at = now() if day == today() else max(midnight(day), fresh.installed_at or midnight(day))
    EquipmentUnit.update(returned_at=returned_at).where(EquipmentUnit.id == unit.id).execute()
    unit.returned_at = returned_at
    EquipmentReturn.update(state=ReturnState.ACCEPTED, closed_at=now(), closed_by=actor.user_id).where(
        (EquipmentReturn.unit == unit.id) & (EquipmentReturn.state == ReturnState.ANNOUNCED)
    ).execute()
    contract = fresh.contract
    facts = {'code': fresh.equipment.code, 'serial': fresh.serial or '', 'on': day.isoformat()}
    audit.note('equipment.return', f'contract:{contract.number}', actor=actor, **facts)
    record(ContractChanged(contract.id))
    return True
