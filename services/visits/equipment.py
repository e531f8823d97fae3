"""Devices at the subscriber's: which ones a package needs, and the record of what was really put in."""

from dataclasses import dataclass
from decimal import Decimal

from models.application import Application
from models.catalogue import Equipment, EquipmentKind, Tariff
from models.contract import Contract, EquipmentUnit, Ownership
from models.region import Building, Technology
from services import field_rules
from services.clock import now, today
from services.errors import N_, InvalidField, NotFound
from services.money import ZERO
from services.offers.prices import fee_on

WITHOUT_MAC = frozenset({EquipmentKind.CAM, EquipmentKind.SATELLITE})
CHOICES = {'rent': Ownership.RENTED, 'buy': Ownership.SOLD}


@dataclass(frozen=True)
class Device:
    """A device the package needs; `serial` is empty until it was recorded. Fee in rubles a month, 0 unless rented."""

    code: str
    name: str
    ownership: Ownership
    monthly_fee: Decimal
    needs_mac: bool
    serial: str = ''
    mac: str = ''

    @property
    def is_recorded(self) -> bool:
        """Tell whether the technician has written down which one it is."""
        return bool(self.serial)


def technology_of(application: Application) -> Technology:
    """Return how the line comes into this house: what the tariff and the building share, optics first.

    A house that is not in the building base counts as what the tariff names first.
    """
    tariff = Tariff.get(Tariff.code == application.package['tariff'])
    building = Building.get_or_none(
        (Building.region == application.region)
        & (Building.locality == application.locality)
        & (Building.street == application.street)
        & (Building.house == application.house)
    )
    lines = [name for name in tariff.technologies if building is None or name in building.technologies]
    if building is not None and Technology.GPON in lines:
        return Technology.GPON
    return Technology((lines or tariff.technologies)[0])


def devices_of(application: Application, contract: Contract | None) -> tuple[Device, ...]:
    """Return what this package needs, with serial and MAC where they are recorded already.

    An optical terminal is always lent for free where the line is GPON (DOMAIN §6.3).
    """
    wanted = {
        code: CHOICES[choice] for code, choice in application.package.get('equipment', {}).items() if choice in CHOICES
    }
    if technology_of(application) == Technology.GPON:
        wanted['ONT'] = Ownership.LENT
    rows = {row.code: row for row in Equipment.select().where(Equipment.code.in_(list(wanted)))}
    units = _units(contract)
    return tuple(_device(rows[code], ownership, units.get(code)) for code, ownership in wanted.items() if code in rows)


def record(application: Application, contract: Contract, code: str, *, serial: str, mac: str) -> EquipmentUnit:
    """Write down which device was put in; a second time corrects the first.

    Raises:
        NotFound: the package has no such device.
        InvalidField: `serial` or `mac` is malformed, or stands at another subscriber's already.
    """
    device = next((d for d in devices_of(application, contract) if d.code == code), None)
    if device is None:
        raise NotFound
    row = Equipment.get(Equipment.code == code)
    here = (EquipmentUnit.contract == contract) & EquipmentUnit.returned_at.is_null()
    unit = EquipmentUnit.get_or_none(here & (EquipmentUnit.equipment == row))
    serial, mac = read_sticker(row, serial, mac, unit)
    if unit is None:
        unit = EquipmentUnit(contract=contract, equipment=row)
    unit.ownership, unit.monthly_fee = device.ownership, device.monthly_fee
    unit.serial, unit.mac = serial, mac or None
    unit.save()
    return unit


def read_sticker(row: Equipment, serial: str, mac: str, unit: EquipmentUnit | None = None) -> tuple[str, str]:
    """Return serial number and MAC of a device as they are kept; no MAC where such a device has none.

    Args:
        unit: whose they may be already: what is corrected.

    Raises:
        InvalidField: `serial` or `mac` is malformed, or stands at another subscriber's already.
    """
    read = _serial(serial, row.kind), _mac(mac, needed=row.kind not in WITHOUT_MAC)
    _refuse_taken(unit, row, *read)
    return read


def install(contract: Contract) -> None:
    """Mark the recorded devices as handed over: the contract was signed."""
    EquipmentUnit.update(installed_at=now()).where(
        (EquipmentUnit.contract == contract) & EquipmentUnit.installed_at.is_null()
    ).execute()


def take_back(contract: Contract) -> None:
    """Forget devices recorded for a contract that was not signed: they go back into the car."""
    EquipmentUnit.delete().where((EquipmentUnit.contract == contract) & EquipmentUnit.installed_at.is_null()).execute()


def _units(contract: Contract | None) -> dict[str, EquipmentUnit]:
    if contract is None:
        return {}
    here = (EquipmentUnit.contract == contract) & EquipmentUnit.returned_at.is_null()
    rows = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment).where(here)
    return {unit.equipment.code: unit for unit in rows}


def _device(row: Equipment, ownership: Ownership, unit: EquipmentUnit | None) -> Device:
    return Device(
        code=row.code,
        name=row.name,
        ownership=ownership,
        monthly_fee=fee_on(row, today()) if ownership == Ownership.RENTED else ZERO,
        needs_mac=row.kind not in WITHOUT_MAC,
        serial=(unit.serial or '') if unit else '',
        mac=(unit.mac or '') if unit else '',
    )


def _serial(typed: str, kind: EquipmentKind) -> str:
    wanted = field_rules.rule('terminal_serial' if kind == EquipmentKind.ONT else 'serial')
    text = wanted.brought(typed)
    if not wanted.fits(text):
        if kind == EquipmentKind.ONT:
            raise InvalidField('serial', N_('У терминала номер из 4 букв и 8 знаков 0–9, A–F: HWTC1A2B3C4D.'))
        raise InvalidField('serial', N_('Серийный номер с наклейки: от 4 до 32 латинских букв и цифр.'))
    return text


def _mac(typed: str, *, needed: bool) -> str:
    wanted = field_rules.rule('mac')
    text = wanted.brought(typed)
    if not text and not needed:
        return ''
    if not wanted.fits(text):
        raise InvalidField('mac', N_('MAC с наклейки: 12 знаков 0–9 и A–F, например AA:BB:CC:DD:EE:FF.'))
    return ':'.join(text[place : place + 2] for place in range(0, 12, 2))


def _refuse_taken(unit: EquipmentUnit | None, row: Equipment, serial: str, mac: str) -> None:
    others = EquipmentUnit.select().where(EquipmentUnit.returned_at.is_null())
    if unit is not None:
        others = others.where(EquipmentUnit.id != unit.id)
    if others.where((EquipmentUnit.equipment == row) & (EquipmentUnit.serial == serial)).exists():
        raise InvalidField('serial', N_('Это устройство уже записано за другим абонентом. Проверьте номер.'))
    if mac and others.where(EquipmentUnit.mac == mac).exists():
        raise InvalidField('mac', N_('Такой MAC уже записан за другим абонентом. Проверьте наклейку.'))
