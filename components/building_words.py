"""A house of the building base in an operator's words."""

from dataclasses import dataclass

from components.i18n import _, error_text
from models.region import CoverageStatus, HouseKind, Technology
from services.errors import DomainError, InvalidForm


@dataclass(frozen=True)
class StatusWords:
    """How a state is shown."""

    kind: str
    word: str


def status_words(status: CoverageStatus) -> StatusWords:
    """Return the badge of a state."""
    words = {
        CoverageStatus.CONNECTED: StatusWords('good', _('Подключаем')),
        CoverageStatus.PLANNED: StatusWords('attention', _('Планируется')),
        CoverageStatus.NOT_COVERED: StatusWords('neutral', _('Не подключаем')),
    }
    return words[status]


def statuses() -> list[tuple[str, str]]:
    """Return all states as pairs (value, word), the whole list first."""
    return [('', _('Все')), *((str(status), status_words(status).word) for status in CoverageStatus)]


def line_word(line: str) -> str:
    """Return a technology as an operator calls it."""
    words = {
        Technology.ETHERNET: 'Ethernet',
        Technology.GPON: 'GPON',
        Technology.WIRELESS: _('Радио'),
        Technology.SATELLITE: _('Спутник'),
    }
    return words[Technology(line)]


def kind_word(kind: HouseKind) -> str:
    """Return the kind of a house."""
    words = {
        HouseKind.FLAT: _('многоквартирный'),
        HouseKind.PRIVATE: _('частный'),
        HouseKind.VILLAGE: _('в деревне'),
    }
    return words[kind]


def fault_of_lines(refusal: DomainError) -> str:
    """Return what is wrong with the ticked lines, '' when nothing is."""
    found = refusal.errors.get('lines') if isinstance(refusal, InvalidForm) else None
    return error_text(found) if found else ''
