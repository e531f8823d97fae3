"""Файл: what somebody uploaded, where it belongs, and under what name it lies on the disk."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField

from models.base import BaseModel
from models.chat import ChatMessage
from models.contract import Contract
from models.fields import EnumField, UtcDateTimeField
from models.user import User
from models.visit import Visit


class FilePurpose(StrEnum):
    """Places of upload; docs/files.yml has the rules of each."""

    CHAT = 'chat'
    VISIT = 'visit'


class StoredFile(BaseModel):
    """One picture. People know `public_id`, the disk knows `disk_name`; neither can be guessed from the other."""

    public_id = CharField(unique=True, max_length=32)
    disk_name = CharField(unique=True, max_length=32)
    purpose = EnumField(FilePurpose)
    owner_id: int
    owner = ForeignKeyField(User, on_delete='RESTRICT')
    contract_id: int | None
    contract = ForeignKeyField(Contract, null=True, on_delete='RESTRICT')
    message_id: int | None
    message = ForeignKeyField(ChatMessage, null=True, backref='files', on_delete='RESTRICT')
    visit_id: int | None
    visit = ForeignKeyField(Visit, null=True, backref='photos', on_delete='RESTRICT')
    kind = CharField(max_length=8)  # jpeg | png | webp
    name = CharField(max_length=120)
    size = IntegerField()  # bytes
    width = IntegerField()
    height = IntegerField()
    sha256 = CharField(max_length=64)
    created_at = UtcDateTimeField(index=True)

    @property
    def is_waiting(self) -> bool:
        """Tell whether it was uploaded for a message that is not sent yet."""
        return bool(self.purpose == FilePurpose.CHAT and self.message_id is None)
