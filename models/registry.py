"""Реестры банка и ЕРИП: files of payments as they were loaded, and what became of each line."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from models.account import Operation
from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.user import User


class RegistrySource(StrEnum):
    """Whose file it is; each has an account of its own in the books."""

    ERIP = 'erip'
    BANK = 'bank'


class RegistryState(StrEnum):
    """Loaded and looked at, or booked; booked is the end."""

    LOADED = 'loaded'
    BOOKED = 'booked'


class LineState(StrEnum):
    """What became of a line; only a line without a contract waits for a person."""

    NEW = 'new'
    BOOKED = 'booked'
    DUPLICATE = 'duplicate'
    UNKNOWN = 'unknown'


class Registry(BaseModel):
    """Реестр: one file; the same bytes are never loaded twice."""

    loaded_by_id: int
    booked_by_id: int | None
    source = EnumField(RegistrySource)
    fingerprint = CharField(unique=True, max_length=64)  # SHA-256 of the file
    name = CharField(max_length=100)
    state = EnumField(RegistryState, default=RegistryState.LOADED)
    faults = JSONField(default=list)  # [line of the file, reason] of lines that cannot be read
    loaded_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    loaded_at = UtcDateTimeField()
    booked_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    booked_at = UtcDateTimeField(null=True)


class RegistryLine(BaseModel):
    """Строка реестра. `key` is the business fact and the key of the operation it becomes."""

    registry_id: int
    contract_id: int | None
    operation_id: int | None
    assigned_by_id: int | None
    registry = ForeignKeyField(Registry, backref='lines', on_delete='RESTRICT')
    place = IntegerField()  # line of the file, from 1
    paid_on = DateField()
    account_number = CharField(max_length=40)
    amount = MoneyField()
    document = CharField(max_length=40)
    purpose = TextField(default='')
    key = CharField(max_length=120, index=True)
    state = EnumField(LineState, default=LineState.NEW, index=True)
    contract = ForeignKeyField(Contract, null=True, backref='+', on_delete='RESTRICT')
    operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')
    assigned_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    assigned_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((('registry', 'place'), True),)
