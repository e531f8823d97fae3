"""The traffic of a month: what tariff, promo codes and packages allow, what was used, what the rest costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.quotes.monthly import Line, month_words
from services.quotes.overage import (
    BYTES_IN_MB,
    MB_IN_GB,
    TITLE,
    Step,
    overage_lines,
    started_mb,
)

CHANGED = 'Тариф в этом месяце менялся: считаем по тому, где трафика больше.'


@dataclass(frozen=True)
class Quota:
    """The traffic of a tariff. `gb` None is unlimited; without `steps` what is above costs nothing, the speed drops."""

    code: str
    name: str
    gb: int | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class MonthTraffic:
    """A month of one contract: bytes used by the reading of a day, and the quotas of the tariffs it had in the month,
    the last first. `extra_gb` comes with promo codes and packages of traffic."""

    period: date
    used_bytes: int
    read_on: date
    quotas: tuple[Quota, ...]
    extra_gb: int = 0

    @property
    def quota(self) -> Quota:
        """The quota that counts: of several tariffs in one month the largest, so that a change makes nothing dearer."""
        return max(self.quotas, key=lambda quota: (quota.gb is None, quota.gb or 0))

    @property
    def included_gb(self) -> int | None:
        """Gigabytes that cost nothing more; None is unlimited."""
        return None if self.quota.gb is None else self.quota.gb + self.extra_gb

    @property
    def used_gb(self) -> Decimal:
        """Gigabytes used, to the hundredth below."""
        return gigabytes(self.used_bytes)

    @property
    def above_mb(self) -> int:
        """Megabytes that were begun above what is included."""
        return 0 if self.included_gb is None else started_mb(self.used_bytes, self.included_gb)

    def lines(self, on: date) -> list[Line]:
        """Return the line that is charged on this day for what is above; none where nothing is or it is free."""
        if not self.above_mb or not self.quota.steps:
            return []
        lines = overage_lines(self.quota.steps, megabytes=self.above_mb, code=self.quota.code, on=on)
        title = f'{TITLE} за {month_words(self.period)}'
        return [replace(line, title=title, basis=f'{self._words()} {line.basis}') for line in lines]

    def _words(self) -> str:
        extra = f' и ещё {self.extra_gb} ГБ по промокоду и пакетам' if self.extra_gb else ''
        used = f'По показанию от {self.read_on:%d.%m.%Y} за {month_words(self.period)} — {_decimal(self.used_gb)} ГБ.'
        words = f'{used} В тариф «{self.quota.name}» входит {self.quota.gb} ГБ{extra}.'
        return f'{words} {CHANGED}' if len(self.quotas) > 1 else words


def gigabytes(used_bytes: int) -> Decimal:
    """Return bytes as gigabytes, to the hundredth below: what is shown never says more than was used."""
    return Decimal(used_bytes * 100 // (MB_IN_GB * BYTES_IN_MB)) / 100


def tariffs_in(month: date, end: date, now: int, changes: Sequence[tuple[date, int]]) -> list[int]:
    """Return the tariffs a contract had in a month, the last first.

    Args:
        month: its 1st.
        end: the 1st of the next one.
        now: the tariff of today.
        changes: all that came into force, the oldest first, as (first day of the new tariff, the tariff before).
    """
    found, tariff = [], now
    for on, before in reversed(changes):
        if on < end:
            found.append(tariff)
        if on <= month:
            return list(dict.fromkeys(found))
        tariff = before
    return list(dict.fromkeys([*found, tariff]))


def _decimal(number: Decimal) -> str:
    return f'{number:.2f}'.replace('.', ',', 1)
