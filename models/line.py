"""Линии: what an engineer did by hand to the line of a contract, while no network adapter does it."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, UtcDateTimeField
from models.user import User


class LineState(StrEnum):
    """A line carries traffic, or does not."""

    ON = 'on'
    OFF = 'off'


class LineTick(BaseModel):
    """Отметка: a line was made so. The newest one that was not taken back tells how it stands; without one the line is
    as it was connected. `work` is what was asked for: restore, cut, speed."""

    contract_id: int
    done_by_id: int
    contract = ForeignKeyField(Contract, backref='line_ticks', on_delete='RESTRICT')
    work = CharField(max_length=16)
    state = EnumField(LineState)
    down_kbit = IntegerField(null=True)  # None while it is off
    up_kbit = IntegerField(null=True)
    note = TextField(default='')
    form_key = CharField(unique=True, max_length=64)
    done_at = UtcDateTimeField(index=True)
    done_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    undone_at = UtcDateTimeField(null=True)
