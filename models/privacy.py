"""What the law on personal data asks us to remember: wordings agreed to, copies given out, requests and answers."""

from enum import StrEnum

from peewee import BlobField, CharField, DateField, ForeignKeyField, JSONField, TextField

from models.base import BaseModel
from models.fields import EnumField, UtcDateTimeField
from models.user import User


class ConsentText(BaseModel):
    """The wording of a consent exactly as it was read: the proof behind the hash that a consent keeps."""

    sha256 = CharField(unique=True, max_length=64)
    kind = CharField(max_length=32)
    version = CharField(max_length=32)
    html = TextField()
    first_used_at = UtcDateTimeField()


class ExportState(StrEnum):
    """A copy waits for a worker, is ready for a day, or could not be made."""

    WAITING = 'waiting'
    READY = 'ready'
    FAILED = 'failed'


class OwnExport(BaseModel):
    """«Мои данные» as a file: everything we hold on one person, sealed, and gone after a day."""

    user_id: int
    user = ForeignKeyField(User, backref='exports', on_delete='CASCADE')
    state = EnumField(ExportState)
    content = BlobField(null=True)  # sealed JSON
    ordered_at = UtcDateTimeField()
    leased_until = UtcDateTimeField(null=True)  # a worker is at it; one that died leaves it to the next
    made_at = UtcDateTimeField(null=True)
    expires_at = UtcDateTimeField(null=True)


class RequestKind(StrEnum):
    """What a person asks for under law № 99-З; each kind has its term."""

    ERASURE = 'erasure'
    INFORMATION = 'information'


class RequestState(StrEnum):
    """An open request waits for our answer."""

    OPEN = 'open'
    DONE = 'done'
    REFUSED = 'refused'
    WITHDRAWN = 'withdrawn'


class PrivacyRequest(BaseModel):
    """Запрос о персональных данных: the register with the day by which the law wants an answer."""

    user_id: int
    recorded_by_id: int | None
    user = ForeignKeyField(User, backref='privacy_requests', on_delete='RESTRICT')
    kind = EnumField(RequestKind)
    state = EnumField(RequestState, default=RequestState.OPEN)
    contract_number = CharField(max_length=16)  # any one of his, so that people can talk about it
    recorded_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')  # None: he asked in the cabinet
    form_key = CharField(unique=True, max_length=64)
    asked_at = UtcDateTimeField()
    due_on = DateField()
    answered_at = UtcDateTimeField(null=True)
    answered_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    answer = TextField(default='')
    erased = JSONField(default=dict)  # how many rows of what; no names

    class Meta:
        indexes = ((('state', 'due_on'), False),)
