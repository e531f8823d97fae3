"""What is remembered of tries to get in: failed sign-ins, and recovery letters asked for."""

from peewee import CharField, IntegerField

from models.base import BaseModel
from models.fields import UtcDateTimeField


class FailedSignIn(BaseModel):
    """The failures of one network at one account since its last good sign-in; 0 is a try that waits for its moment."""

    account = CharField(max_length=64)  # HMAC of what was typed as login, or `device:…`; never what was typed
    network = CharField(max_length=64, index=True)
    failures = IntegerField(default=0)
    tried_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((('account', 'network'), True),)


class RecoveryRequest(BaseModel):
    """A recovery letter somebody asked for: written whoever it is, looked at later, deleted then."""

    contract_number = CharField(max_length=32)
    email = CharField(max_length=254)
    address = CharField(max_length=64)
    asked_at = UtcDateTimeField()
    due_at = UtcDateTimeField(index=True)
