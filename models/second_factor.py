"""Second factors: a code from an app, passkeys, recovery codes; and the request to start anew when all are lost."""

from peewee import BigIntegerField, BlobField, CharField, ForeignKeyField, TextField

from models.base import BaseModel
from models.fields import EnumField, UtcDateTimeField
from models.user import Role, User


class TotpSecret(BaseModel):
    """Приложение с кодами: one per person. A new secret waits beside the old one until a code proves it."""

    user_id: int
    user = ForeignKeyField(User, unique=True, backref='totp_secrets', on_delete='CASCADE')
    sealed = BlobField(null=True)  # the secret in use; None: none was proved yet
    last_step = BigIntegerField(default=0)  # the newest 30-second step whose code was used: a code works once
    pending = BlobField(null=True)
    pending_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField(null=True)


class Passkey(BaseModel):
    """Ключ доступа: the public half of a key that lives in the person's phone, computer or token."""

    user_id: int
    user = ForeignKeyField(User, backref='passkeys', on_delete='CASCADE')
    credential_id = CharField(unique=True, max_length=1400)  # base64url, as the browser gives it
    public_key = BlobField()
    sign_count = BigIntegerField(default=0)
    name = CharField(max_length=60)
    created_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)


class PasskeyChallenge(BaseModel):
    """A question for a passkey: asked of one session, for one purpose, answered once and soon."""

    session_hash = CharField(max_length=64)
    purpose = CharField(max_length=16)
    challenge = CharField(max_length=100)
    expires_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((('session_hash', 'purpose'), True),)


class RecoveryCode(BaseModel):
    """Запасной код: 80 random bits, of which a keyed hash stays here; works once."""

    user_id: int
    user = ForeignKeyField(User, backref='recovery_codes', on_delete='CASCADE')
    code_hash = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)


class FactorReset(BaseModel):
    """Сброс второго фактора: one employee asks after checking papers, another confirms."""

    user_id: int
    asked_by_id: int
    user = ForeignKeyField(User, backref='factor_resets', on_delete='CASCADE')
    reason = TextField()
    asked_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    asked_as = EnumField(Role)  # the hat worn while asking
    asked_at = UtcDateTimeField(index=True)
    expires_at = UtcDateTimeField()
    confirmed_by = ForeignKeyField(User, backref='+', null=True, on_delete='RESTRICT')
    confirmed_at = UtcDateTimeField(null=True)
    declined_by = ForeignKeyField(User, backref='+', null=True, on_delete='RESTRICT')
    declined_at = UtcDateTimeField(null=True)
