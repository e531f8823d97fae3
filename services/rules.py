"""The rules of the house in figures: docs/rules.yml, and over it what an administrator changed from some day on.

A calculation asks once for the day it is about (`on`, `current`) and hands the answer down: the same day always gives
the same figures, also when it is counted again a year later.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from models.rule import RuleChange
from services.clock import today
from services.errors import N_, InvalidField
from services.money import round_money

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'rules.yml'

Value = Decimal | int | tuple[str, ...]


class Unit(StrEnum):
    """What a figure counts; `flag` is 0 or 1, `order` a list of kinds of lines."""

    RUBLES = 'rubles'
    DAYS = 'days'
    TIMES = 'times'
    PERCENT = 'percent'
    MBIT = 'mbit'
    FLAG = 'flag'
    ORDER = 'order'


@dataclass(frozen=True)
class Rules:
    """All rules on one day: rubles as Decimal, days, times, percent and Mbit/s as int. docs/rules.yml explains each."""

    debt_allowed: Decimal
    first_days_to_pay: int
    payment_wait_days: int
    reconnection_fee: Decimal
    reconnection_free_days: int
    down_fee: Decimal
    down_pause_days: int
    down_any_day: int
    tariff_ahead_days: int
    price_notice_days: int
    suspension_least_days: int
    suspension_most_days: int
    suspensions_a_year: int
    suspension_ahead_days: int
    suspension_fee: Decimal
    termination_ahead_days: int
    promise_amount: Decimal
    promise_days: int
    promise_pause_days: int
    credit_fee: Decimal
    credit_limit: Decimal
    credit_least_mbit: int
    order_hold_days: int
    buyout_rent_percent: int
    debiting_order: tuple[str, ...]
    vat_services: int
    vat_goods: int
    four_eyes_above: Decimal

    @property
    def credit_least_kbit(self) -> int:
        """The slowest tariff that has the trust credit, as speeds are kept."""
        return self.credit_least_mbit * 1000

    @property
    def down_pause(self) -> timedelta:
        """How long after a move to a cheaper tariff the next one has to wait."""
        return timedelta(days=self.down_pause_days)

    @property
    def payment_wait(self) -> timedelta:
        """How long payments that do not come spare a debtor the block."""
        return timedelta(days=self.payment_wait_days)

    @property
    def promise_time(self) -> timedelta:
        """How long a promised payment lasts."""
        return timedelta(days=self.promise_days)

    @property
    def promise_pause(self) -> timedelta:
        """How long after an unkept promise no other one is given."""
        return timedelta(days=self.promise_pause_days)


class _Written(BaseModel):
    """One rule as the document writes it."""

    model_config = ConfigDict(extra='forbid', frozen=True)

    value: str | int | tuple[str, ...]
    unit: Unit
    least: Decimal | None = None
    most: Decimal | None = None
    notice: Literal[True, False] = False
    tests: tuple[str, ...] = ()
    source: str = Field(alias='from')


@dataclass(frozen=True)
class Definition:
    """What a rule is: its group and unit, the limits of its value, whether a change needs the notice of prices."""

    name: str
    group: str
    unit: Unit
    value: Value
    least: Decimal | None
    most: Decimal | None
    needs_notice: bool
    source: str
    tests: tuple[str, ...] = ()


@lru_cache
def definitions(document: Path = DOCUMENT) -> dict[str, Definition]:
    """Return all rules of the document by name, in its order.

    Raises:
        ValueError: a name is unknown or missing, a value is outside its own limits.
    """
    raw: dict[str, dict[str, Any]] = yaml.safe_load(document.read_text(encoding='utf-8'))
    found = {
        name: _defined(name, group, _Written.model_validate(written))
        for group, rules in raw.items()
        for name, written in rules.items()
    }
    if set(found) != {field.name for field in fields(Rules)}:
        raise ValueError(f'{document.name}: {sorted(set(found) ^ {field.name for field in fields(Rules)})}')
    return found


def on(day: date) -> Rules:
    """Return the rules of a day; one query. A coming day has what is planned for it so far."""
    values: dict[str, Any] = {name: rule.value for name, rule in definitions().items()}
    rows: Any = RuleChange.select(RuleChange.name, RuleChange.value).where(
        (RuleChange.starts_on <= day) & RuleChange.withdrawn_at.is_null()
    )
    for name, text in rows.order_by(RuleChange.starts_on, RuleChange.id).tuples():
        values[name] = read(definitions()[name], text)
    return Rules(**values)


def current() -> Rules:
    """Return the rules of today."""
    return on(today())


def read(rule: Definition, text: object) -> Value:
    """Return the value of a rule from what was typed: «20», «20,50» for rubles, a whole number, kinds after commas.

    Raises:
        InvalidField: `value` is not a value of this unit, or outside the limits of the rule.
    """
    typed = text.strip() if isinstance(text, str) else ''
    if rule.unit == Unit.ORDER:
        return _read_order(rule, typed)
    number = typed_number(typed, fraction=2 if rule.unit == Unit.RUBLES else 0)
    if number is None:
        whole = N_('Введите целое число.')
        raise InvalidField('value', N_('Введите сумму, например 3,30.') if rule.unit == Unit.RUBLES else whole)
    if (rule.least is not None and number < rule.least) or (rule.most is not None and number > rule.most):
        raise InvalidField('value', N_('Можно от {least} до {most}.'), least=str(rule.least), most=str(rule.most))
    return round_money(number) if rule.unit == Unit.RUBLES else int(number)


def written(value: Value) -> str:
    """Return a value as the table keeps it and `read` reads it."""
    return ','.join(value) if isinstance(value, tuple) else str(value)


def typed_number(typed: str, *, fraction: int) -> Decimal | None:
    """Return what was typed as a number with at most so many digits after the comma; None where it is none."""
    whole, _, part = typed.replace(',', '.').partition('.')
    is_number = whole.isascii() and whole.isdigit() and len(whole) < 7
    is_part = not part or (part.isascii() and part.isdigit() and len(part) <= fraction)
    return Decimal(f'{whole}.{part or 0}') if is_number and is_part else None


def _read_order(rule: Definition, typed: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in typed.split(','))
    assert isinstance(rule.value, tuple)  # the document says so
    if sorted(kinds) != sorted(rule.value):
        raise InvalidField('value', N_('Назовите каждый вид ровно один раз.'))
    return kinds


def _defined(name: str, group: str, rule: _Written) -> Definition:
    value: Value = rule.value if isinstance(rule.value, tuple) else Decimal(rule.value)
    definition = Definition(name, group, rule.unit, value, rule.least, rule.most, rule.notice, rule.source)
    try:
        value = read(definition, written(value))
    except InvalidField as error:
        raise ValueError(f'docs/rules.yml: {name}: {error}') from error
    return replace(definition, value=value, tests=rule.tests)
