"""Reading of a line: how strong the light is, how fast it goes, and whether that is good enough (DOMAIN §5.4)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.region import Technology
from models.visit import VisitReport
from services import field_rules
from services.errors import N_, InvalidField, InvalidForm
from services.input_text import clean_text

BEST, WEAKEST_GOOD, WEAKEST = (
    Decimal(field_rules.figure('red_level_has_a_note', name)) for name in ('best', 'weakest_good', 'weakest')
)


class LineQuality(StrEnum):
    """Green works, amber works for now, red needs a note."""

    GREEN = 'green'
    AMBER = 'amber'
    RED = 'red'


@dataclass(frozen=True)
class LineForm:
    """As typed: dBm for optics only, Mbit/s down and up, a note."""

    level: str = ''
    down: str = ''
    up: str = ''
    note: str = ''


@dataclass(frozen=True)
class LineReading:
    """A checked reading: dBm or None where the line is not optical; whole Mbit/s."""

    level: Decimal | None
    down_mbit: int
    up_mbit: int
    note: str


def quality_of(level: Decimal) -> LineQuality:
    """Tell how good a level in dBm is: −10…−25 green, −25…−27 amber, weaker or stronger than that red."""
    if WEAKEST_GOOD <= level <= BEST:
        return LineQuality.GREEN
    return LineQuality.AMBER if WEAKEST <= level < WEAKEST_GOOD else LineQuality.RED


def read(form: LineForm, technology: Technology) -> LineReading:
    """Return the checked reading of a line of this kind.

    Raises:
        InvalidForm: with an error for each wrong field; a red level without a note is one.
    """
    is_optical = technology == Technology.GPON
    checks = (
        ('level', lambda: _level(form.level) if is_optical else None),
        ('down', lambda: _speed('down', form.down)),
        ('up', lambda: _speed('up', form.up)),
        ('note', lambda: clean_text('note', form.note, rule='line_note')),
    )
    values: dict[str, Any] = {}
    errors: dict[str, InvalidField] = {}
    for name, check in checks:
        try:
            values[name] = check()
        except InvalidField as error:
            errors[name] = error
    level = values.get('level')
    is_red = level is not None and quality_of(level) == LineQuality.RED
    if is_red and values.get('note') == '':
        errors['note'] = InvalidField('note', N_('Сигнал вне нормы. Напишите, что сделали и почему оставили так.'))
    if errors:
        raise InvalidForm(errors)
    return LineReading(level, values['down'], values['up'], values['note'])


def is_recorded(report: VisitReport, technology: Technology) -> bool:
    """Tell whether the reading of the line is complete for this kind of line."""
    has_level = report.line_level_dbm is not None or technology != Technology.GPON
    return has_level and report.down_mbit is not None and report.up_mbit is not None


def _level(typed: object) -> Decimal:
    wanted = field_rules.rule('light_level')
    text = wanted.brought(typed).replace(',', '.').replace('−', '-').replace('–', '-')
    if not wanted.fits(text):
        raise InvalidField('level', N_('Число с минусом, как на приборе: −18,5.'))
    return Decimal(text)


def _speed(field: str, typed: object) -> int:
    speed = field_rules.rule('speed').number(typed)
    if speed is None:
        raise InvalidField(field, N_('Целое число Мбит/с из проверки скорости: 94.'))
    return speed
