"""Чат: one thread a contract, its messages, and who has read up to where."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from models.account import Operation
from models.base import BaseModel
from models.contract import Contract
from models.fields import UtcDateTimeField
from models.user import User


class ChatThread(BaseModel):
    """The talk of one contract with the operators."""

    contract = ForeignKeyField(Contract, unique=True, on_delete='RESTRICT')
    operator_id: int | None
    operator = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    last_message_at = UtcDateTimeField(index=True)
    subscriber_read_id = IntegerField(default=0)  # last message the subscriber saw
    operator_read_id = IntegerField(default=0)


class ChatMessage(BaseModel):
    """One message; the client's own id makes a repeated sending harmless."""

    operation_id: int | None
    thread = ForeignKeyField(ChatThread, backref='messages', on_delete='RESTRICT')
    author = ForeignKeyField(User, on_delete='RESTRICT')
    by_operator = BooleanField()
    text = TextField()
    client_message_id = CharField(max_length=64)
    sent_at = UtcDateTimeField()
    operation = ForeignKeyField(Operation, null=True, backref='+', on_delete='RESTRICT')  # what a subscriber disputes

    class Meta:
        indexes = ((('thread', 'client_message_id'), True), (('thread', 'id'), False))
