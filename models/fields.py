"""Columns of our own: money in kopecks, instants in UTC, words from an enum."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import BigIntegerField, CharField, DateTimeField


class MoneyField(BigIntegerField):
    """Rubles as `Decimal` outside, whole kopecks inside.

    Peewee's DecimalField is REAL on SQLite, where three times 0.10 is not 0.30 (STYLE §4.9).
    """

    def db_value(self, value: Any) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f'Money is Decimal, not {type(value).__name__}')
        scaled = value * 100
        if scaled != scaled.to_integral_value():
            raise ValueError(f'{value} has a fraction of a kopeck')
        return int(scaled)

    def python_value(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)


class UtcDateTimeField(DateTimeField):
    """An instant: aware UTC outside, naive UTC inside."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError('An instant needs a time zone')
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)  # type: ignore[no-untyped-call]  # Peewee stub

    def python_value(self, value: Any) -> Any:
        value = super().python_value(value)  # type: ignore[no-untyped-call]  # Peewee stub
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class EnumField(CharField):
    """One word of a StrEnum; anything else is refused before it reaches the database."""

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        self.enum = enum
        super().__init__(max_length=32, **kwargs)

    def db_value(self, value: Any) -> str | None:
        return None if value is None else str(self.enum(value))

    def python_value(self, value: Any) -> Any:
        return None if value is None else self.enum(value)
