"""Outbox: what must leave the house later, written in the same transaction as its reason."""

from enum import StrEnum

from peewee import CharField, IntegerField, TextField

from models.base import BaseModel
from models.fields import EnumField, UtcDateTimeField


class Channel(StrEnum):
    """How it leaves."""

    EMAIL = 'email'
    SMS = 'sms'


class OutgoingState(StrEnum):
    """A row waits, is leased to a worker, was sent, or was given up on."""

    WAITING = 'waiting'
    SENT = 'sent'
    DEAD = 'dead'


class OutgoingMessage(BaseModel):
    """A letter or SMS. `key` comes from the business fact, so that a repeated service call queues it once."""

    channel = EnumField(Channel)
    key = CharField(unique=True, max_length=120)
    recipient = CharField(max_length=254)
    subject = CharField(max_length=200, default='')
    text = TextField()
    html = TextField(default='')
    state = EnumField(OutgoingState, default=OutgoingState.WAITING)
    tries = IntegerField(default=0)
    next_at = UtcDateTimeField()
    leased_until = UtcDateTimeField(null=True)
    message_id = CharField(max_length=120)
    error = TextField(default='')
    created_at = UtcDateTimeField()
    sent_at = UtcDateTimeField(null=True)
    contract_number = CharField(max_length=16, null=True, index=True)  # in whose history it stands

    class Meta:
        indexes = ((('state', 'next_at'), False),)
