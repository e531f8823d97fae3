"""Возвраты: what an employee sends back through the gateway, and what the gateway sent back without asking us."""

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, TextField

from models.account import Operation
from models.base import BaseModel
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.payment import Payment
from models.user import User


class RefundState(StrEnum):
    """It waits for a second employee, is with the gateway, went back, or came to nothing."""

    WAITING = 'waiting'
    ASKED = 'asked'  # written down; the gateway's answer is not known yet
    DONE = 'done'
    REFUSED = 'refused'  # a colleague said no
    FAILED = 'failed'  # the gateway said no


RESERVING = (RefundState.WAITING, RefundState.ASKED, RefundState.DONE)
"""States whose sum is no longer left of the payment."""


class Refund(BaseModel):
    """Возврат. `request_id` makes a repeated question harmless for a day; `gateway_uid` is booked once.

    Nobody asked for one that was made in the gateway's own back office. One of money that was never credited has no
    operation: it left no wallet.
    """

    payment_id: int
    asked_by_id: int | None
    decided_by_id: int | None
    operation_id: int | None
    payment = ForeignKeyField(Payment, backref='refunds', on_delete='RESTRICT')
    parent_uid = CharField(max_length=64)  # transaction whose money goes back
    amount = MoneyField()
    reason = TextField()
    state = EnumField(RefundState, default=RefundState.WAITING, index=True)
    form_key = CharField(unique=True, null=True, max_length=64)
    request_id = CharField(unique=True, max_length=64)
    gateway_uid = CharField(unique=True, null=True, max_length=64)
    is_uncredited = BooleanField(default=False)  # the payment lies in quarantine
    asked_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    asked_at = UtcDateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    decided_at = UtcDateTimeField(null=True)
    refusal = TextField(default='')  # why a colleague or the gateway said no
    sent_at = UtcDateTimeField(null=True)  # when the gateway was asked first
    next_check_at = UtcDateTimeField(null=True, index=True)
    ended_at = UtcDateTimeField(null=True)
    operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')
