"""Which line a contract has: what stands in the flat says it, else the building base, else the tariff itself."""

from models.catalogue import Equipment, EquipmentKind
from models.contract import Contract, EquipmentUnit
from models.region import Building, Technology


def technologies_at(contract: Contract) -> frozenset[str]:
    """Return the technologies (values of Technology) on which this contract can be served without a new line."""
    if _has_terminal(contract):
        return frozenset({Technology.GPON})
    for building in Building.select().where(Building.region == contract.region):
        if contract.address == building.address or contract.address.startswith(f'{building.address},'):
            return frozenset(building.technologies)
    return frozenset(contract.tariff.technologies)


def _has_terminal(contract: Contract) -> bool:
    units = EquipmentUnit.select().join(Equipment)
    here = (EquipmentUnit.contract == contract) & EquipmentUnit.returned_at.is_null()
    return bool(units.where(here & (Equipment.kind == EquipmentKind.ONT)).exists())
