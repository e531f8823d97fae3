"""The building base as an operator keeps it: search, what comes into a house, whether it is connected."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import fn

from models.application import Waiting
from models.region import Building, CoverageStatus, HouseKind, Region, Technology
from services import audit, field_rules, limits, rate_limits
from services.applications import waiting_list
from services.authority import Actor, require_operator
from services.errors import N_, InvalidField, InvalidForm, NotFound
from services.offers.spellings import house_key
from services.runner import transactional
from services.search import matches
from services.spreadsheet import csv_rows

PAGE = limits.count('buildings_page')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')
COLUMNS = (
    'Регион', 'Населённый пункт', 'Улица', 'Дом', 'Вид', 'Линии', 'Состояние', 'Свободных портов', 'Цифровое ТВ', 'Ждут'
)  # fmt: skip
KIND_WORDS = {HouseKind.FLAT: 'квартиры', HouseKind.PRIVATE: 'частный дом', HouseKind.VILLAGE: 'деревня, дача'}
STATUS_WORDS = {
    CoverageStatus.CONNECTED: 'подключаем',
    CoverageStatus.PLANNED: 'в плане',
    CoverageStatus.NOT_COVERED: 'не подключаем',
}
ANSWERS = {True: 'да', False: 'нет'}


@dataclass(frozen=True)
class BuildingRow:
    """One house; `waiting` is how many wait for it."""

    id: int
    region: str
    locality: str
    street: str
    house: str
    kind: HouseKind
    lines: tuple[str, ...]
    status: CoverageStatus
    free_ports: int
    has_digital_tv: bool
    waiting: int

    @property
    def address(self) -> str:
        """Return the address in one line."""
        return f'{self.locality}, {self.street}, {self.house}'


@dataclass(frozen=True)
class BuildingPage:
    """A page of the search, counted from 1."""

    rows: tuple[BuildingRow, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class BuildingChange:
    """What an operator sets, as typed: values of CoverageStatus and Technology, a number of ports."""

    status: str
    lines: tuple[str, ...]
    free_ports: str
    has_digital_tv: bool


def list_buildings(search: str = '', status: str = '', page: int = 1, *, actor: Actor | None) -> BuildingPage:
    """Return houses that match, by address; a page too far is the last one. Three queries.

    Args:
        search: words of the address, any spelling of ё.
        status: a value of CoverageStatus; another word is all of them.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    require_operator(actor)
    query = _found(search, status)
    total = int(query.clone().order_by().select(fn.COUNT(Building.id)).scalar() or 0)
    pages = max(1, -(-total // PAGE))
    wanted = min(page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1, pages)
    return BuildingPage(_rows(query.paginate(wanted, PAGE)), wanted, pages, total)


def export_table(search: str = '', status: str = '', *, actor: Actor | None) -> bytes:
    """Return what the list shows as CSV.

    Raises:
        SignInRequired, NotAllowed: only the console. TooManyRequests: so many tables an hour.
    """
    actor = require_operator(actor)
    most, window = limits.rate('building_exports')
    rate_limits.spend('buildings', str(actor.user_id), most=most, window=window)
    return csv_rows((_cells(row) for row in _rows(_found(search, status))), columns=COLUMNS)


@transactional
def change(building_id: int, asked: BuildingChange, *, actor: Actor | None) -> int:
    """Set what comes into a house; returns how many of those who waited for it were written to.

    Raises:
        SignInRequired, NotAllowed: only the console. NotFound: no such house.
        InvalidForm: wrong fields by their names.
    """
    actor = require_operator(actor)
    building: Any = Building.select(Building, Region).join(Region).where(Building.id == building_id).get_or_none()
    if building is None:
        raise NotFound
    before = _audited(building)
    building.status, building.technologies, building.free_ports = _checked(asked)
    building.has_digital_tv = bool(asked.has_digital_tv)
    changed = (Building.status, Building.technologies, Building.free_ports, Building.has_digital_tv)
    building.save(only=changed)
    told = waiting_list.tell_connected(building)
    after = _audited(building)
    if before != after:
        audit.note('building.change', f'building:{building.id}', actor=actor, before=before, after=after, told=told)
    return told


def _checked(asked: BuildingChange) -> tuple[CoverageStatus, list[Technology], int]:
    errors: dict[str, InvalidField] = {}
    status = asked.status if isinstance(asked.status, str) else ''
    if status not in set(CoverageStatus):
        errors['status'] = InvalidField('status', N_('Выберите состояние из списка.'))
    lines = [line for line in Technology if line in asked.lines] if isinstance(asked.lines, tuple) else []
    ports = field_rules.rule('free_ports').number(asked.free_ports)
    if ports is None:
        errors['free_ports'] = InvalidField('free_ports', N_('Целое число от 0 до 9999.'))
    if status == CoverageStatus.CONNECTED and not lines:
        errors['lines'] = InvalidField('lines', N_('Отметьте, какая линия заведена в дом.'))
    if errors or ports is None:
        raise InvalidForm(errors)
    return CoverageStatus(status), lines, ports


def _audited(building: Any) -> str:
    return f'{building.status}, {"+".join(building.technologies)}, {building.free_ports}, {building.has_digital_tv}'


def _found(search: object, status: object) -> Any:
    query = Building.select(Building, Region).join(Region)
    by_words = matches(search, (Building.locality, Building.street, Building.house))
    query = query if by_words is None else query.where(by_words)
    if isinstance(status, str) and status in set(CoverageStatus):
        query = query.where(Building.status == status)
    return query.order_by(Region.position, Building.locality, Building.street, Building.id)


def _rows(query: Any) -> tuple[BuildingRow, ...]:
    found: list[Any] = list(query)
    waiting = _waiting()
    return tuple(_row(building, waiting) for building in found)


def _waiting() -> dict[str, int]:
    counted: Any = Waiting.select(Waiting.house_key, fn.COUNT(Waiting.id)).where(Waiting.told_at.is_null())
    return dict(counted.group_by(Waiting.house_key).tuples())


def _row(building: Any, waiting: dict[str, int]) -> BuildingRow:
    key = house_key(building.region.slug, building.locality, building.street, building.house)
    return BuildingRow(
        id=building.id,
        region=building.region.name,
        locality=building.locality,
        street=building.street,
        house=building.house,
        kind=building.house_kind,
        lines=tuple(building.technologies),
        status=building.status,
        free_ports=building.free_ports,
        has_digital_tv=building.has_digital_tv,
        waiting=waiting.get(key, 0),
    )


def _cells(row: BuildingRow) -> Iterable[Any]:
    kind, status, has_tv = KIND_WORDS[row.kind], STATUS_WORDS[row.status], ANSWERS[row.has_digital_tv]
    place = (row.region, row.locality, row.street, row.house)
    return (*place, kind, ', '.join(row.lines), status, row.free_ports, has_tv, row.waiting)
