"""Карантин: what became of money that did not come as agreed."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.correction import CorrectionState
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.payment import Payment
from models.user import User


class Verdict(StrEnum):
    """What an employee decided; a note leaves the money where it is. What goes back is a Refund."""

    CREDIT = 'credit'
    NOTE = 'note'


class QuarantineVerdict(BaseModel):
    """Решение по карантину: money is credited once; `contract` is whose wallet gets it."""

    payment_id: int
    contract_id: int | None
    asked_by_id: int
    decided_by_id: int | None
    payment = ForeignKeyField(Payment, backref='verdicts', on_delete='RESTRICT')
    verdict = EnumField(Verdict)
    contract = ForeignKeyField(Contract, null=True, backref='+', on_delete='RESTRICT')
    amount = MoneyField()  # what came
    reason = TextField()
    state = EnumField(CorrectionState, default=CorrectionState.WAITING)
    form_key = CharField(unique=True, max_length=64)
    asked_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    asked_at = UtcDateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    decided_at = UtcDateTimeField(null=True)
    refusal = TextField(default='')
