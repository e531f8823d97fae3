"""Расторжение: the last day somebody asked for, what became of it, and the money that was paid out afterwards."""

from enum import StrEnum

from peewee import BlobField, BooleanField, CharField, DateField, ForeignKeyField, TextField

from models.account import Operation, Quote
from models.base import BaseModel
from models.contract import Contract
from models.correction import CorrectionState
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.user import User


class TerminationState(StrEnum):
    """It waits for the day after its last day, was withdrawn before, or is done; the latter two are the end."""

    REQUESTED = 'requested'
    CANCELLED = 'cancelled'
    EXECUTED = 'executed'


class TerminationReason(StrEnum):
    """Why somebody leaves, if he says so."""

    NOT_SAID = 'not_said'
    MOVING = 'moving'
    PRICE = 'price'
    QUALITY = 'quality'
    OTHER_PROVIDER = 'other_provider'
    NOT_NEEDED = 'not_needed'


class MoneyGoes(StrEnum):
    """Where the rest of the wallet goes."""

    LATER = 'later'  # not said yet
    ACCOUNT = 'account'  # a bank account
    CONTRACT = 'contract'  # another contract of the same person


class Termination(BaseModel):
    """Расторжение договора: at most one waits. `quote` is what was shown, after the end what was booked."""

    contract_id: int
    target_id: int | None
    quote_id: int
    contract = ForeignKeyField(Contract, backref='terminations', on_delete='RESTRICT')
    state = EnumField(TerminationState, default=TerminationState.REQUESTED, index=True)
    last_day = DateField()  # the last one that is paid and works
    reason = EnumField(TerminationReason, default=TerminationReason.NOT_SAID)
    words = TextField(default='')
    paper = CharField(max_length=40, default='')  # number of the written application, when an employee entered it
    money = EnumField(MoneyGoes, default=MoneyGoes.LATER)
    iban = BlobField(null=True)  # sealed
    target = ForeignKeyField(Contract, null=True, backref='+', on_delete='RESTRICT')
    quote = ForeignKeyField(Quote, backref='+', on_delete='RESTRICT')
    form_key = CharField(unique=True, max_length=64)
    requested_at = UtcDateTimeField()
    requested_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    cancelled_at = UtcDateTimeField(null=True)
    cancelled_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    executed_at = UtcDateTimeField(null=True)
    was_recounted = BooleanField(default=False)  # the sums were others than shown


class Payout(BaseModel):
    """Возврат остатка: money that left a wallet for the bank. A large one waits for a second employee."""

    asked_by_id: int
    decided_by_id: int | None
    contract_id: int
    contract = ForeignKeyField(Contract, backref='payouts', on_delete='RESTRICT')
    amount = MoneyField()
    paper = CharField(max_length=40)  # number of the payment order
    state = EnumField(CorrectionState, default=CorrectionState.WAITING, index=True)
    form_key = CharField(unique=True, max_length=64)
    asked_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    asked_at = UtcDateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    decided_at = UtcDateTimeField(null=True)
    refusal = TextField(default='')
    operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')
