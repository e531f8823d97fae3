"""Letters about devices: which number to name when one is brought back."""

from models.contract import Contract
from models.equipment import EquipmentReturn
from services.messages.letters import queue


def return_announced(contract: Contract, row: EquipmentReturn, *, number: str, name: str) -> None:
    """Tell the number of an announced return, where the device may be brought, and that the rent goes on until then."""
    owner = contract.subscriber
    mail = (owner.user.email if owner.user else '') or owner.email or ''
    office = row.office
    place = {'office': office.address if office else '', 'hours': office.hours if office else ''}
    facts = {'number': number, 'device': name, 'contract': contract.number, 'name': owner.first_name, **place}
    queue('return_announced', mail, key=f'return:{row.id}:announced', **facts)
