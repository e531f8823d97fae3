"""Исправления: what an employee wants to put right on a wallet, and who agreed."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, TextField

from models.account import Operation
from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.user import User


class CorrectionState(StrEnum):
    """It waits for a second employee, or is booked, or was refused; booked and refused are the end."""

    WAITING = 'waiting'
    BOOKED = 'booked'
    REFUSED = 'refused'


class Correction(BaseModel):
    """Исправление: plus or minus on a wallet, or the reversal of one operation. Small ones are booked at once, and then
    nobody decided; the database refuses that who asked decides."""

    contract_id: int
    asked_by_id: int
    decided_by_id: int | None
    reverses_id: int | None
    contract = ForeignKeyField(Contract, backref='corrections', on_delete='RESTRICT')
    amount = MoneyField()  # plus is the subscriber's gain
    reverses = ForeignKeyField(Operation, null=True, backref='+', on_delete='RESTRICT')
    reason = TextField()
    state = EnumField(CorrectionState, default=CorrectionState.WAITING, index=True)
    form_key = CharField(unique=True, max_length=64)
    asked_by = ForeignKeyField(User, backref='corrections_asked', on_delete='RESTRICT')
    asked_at = UtcDateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref='corrections_decided', on_delete='RESTRICT')
    decided_at = UtcDateTimeField(null=True)
    refusal = TextField(default='')  # why the second employee said no
    operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')  # what it became
