"""Who can sign in, in which roles, and by which sessions."""

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from models.base import BaseModel
from models.fields import EnumField, UtcDateTimeField


class Role(StrEnum):
    """A hat: one is worn at a time."""

    SUBSCRIBER = 'subscriber'
    OPERATOR = 'operator'
    TECHNICIAN = 'technician'
    ADMINISTRATOR = 'administrator'


STAFF = frozenset({Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR})


class SecondStep(StrEnum):
    """What a half-opened session still owes before it is one."""

    ASK = 'ask'  # show the second factor
    ENROL = 'enrol'  # set one up: an employee without a factor


class User(BaseModel):
    """Пользователь: can sign in. A subscriber does so by any of his contract numbers, staff by login.

    A relative without a contract, to whom somebody's is opened, has a number of his own for a login: 9 and six digits.
    """

    login = CharField(unique=True, null=True, max_length=64)  # staff, and relatives without a contract
    name = CharField(max_length=200)
    first_name = CharField(max_length=80, default='')
    email = CharField(max_length=254, null=True)
    email_confirmed_at = UtcDateTimeField(null=True)
    phone = CharField(max_length=20, null=True)
    password_hash = CharField(max_length=200, null=True)
    must_change_password = BooleanField(default=False)
    one_time_until = UtcDateTimeField(null=True)  # a one-time password dies here
    is_blocked = BooleanField(default=False)
    language = CharField(max_length=2, default='ru')
    theme = CharField(max_length=8, default='auto')
    created_at = UtcDateTimeField()


class UserRole(BaseModel):
    """A role somebody holds."""

    user_id: int
    user = ForeignKeyField(User, backref='roles', on_delete='CASCADE')
    role = EnumField(Role)

    class Meta:
        indexes = ((('user', 'role'), True),)


class Session(BaseModel):
    """One signed-in browser. The cookie's token is stored only as its SHA-256."""

    user_id: int
    token_hash = CharField(unique=True, max_length=64)
    user = ForeignKeyField(User, backref='sessions', on_delete='CASCADE')
    role = EnumField(Role)
    contract_id = IntegerField(null=True)  # the contract chosen, for a person with several
    created_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    fresh_at = UtcDateTimeField()  # when the password was last given
    factor_at = UtcDateTimeField(null=True)  # when the second factor was last given; None: never in this session
    must_change_password = BooleanField(default=False)  # only the first-sign-in page accepts such a session
    second_step = EnumField(SecondStep, null=True)  # only the second-step page accepts such a session
    address = CharField(max_length=64, default='')
    agent = CharField(max_length=200, default='')
    revoked_at = UtcDateTimeField(null=True, index=True)


class RecoveryToken(BaseModel):
    """A link from a recovery letter: hashed, single use, the newest kills the older."""

    user_id: int
    user = ForeignKeyField(User, backref='recovery_tokens', on_delete='CASCADE')
    token_hash = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)


class SpentToken(BaseModel):
    """A sealed single-use token (captcha, form) that was used; kept until it would have expired anyway."""

    token_hash = CharField(unique=True, max_length=64)
    expires_at = UtcDateTimeField(index=True)


class Attempt(BaseModel):
    """One try of something that is limited: sign-in, recovery, application. Counted over a window."""

    kind = CharField(max_length=32)
    key = CharField(max_length=128)  # address, account, or both; never a password
    at = UtcDateTimeField()

    class Meta:
        indexes = ((('kind', 'key', 'at'), False),)


class AuditEvent(BaseModel):
    """Who did what to whom, in which role and from where. Append-only; each line is chained to the one before."""

    at = UtcDateTimeField(index=True)
    actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    action = CharField(max_length=64)
    subject = CharField(max_length=64)  # e.g. "contract:100001"
    facts = JSONField(default=dict)
    role = CharField(max_length=32, null=True)  # the hat he wore
    address = CharField(max_length=64, default='')
    prev_hash = CharField(max_length=64, null=True, unique=True)  # null only in lines older than the chain
    hash = CharField(max_length=64, null=True)

    class Meta:
        indexes = ((('subject', 'at'), False),)


class AuditAnchor(BaseModel):
    """What a check of a chain found: its length and the mark of its last row; or what was wrong, and where."""

    chain = CharField(max_length=16, default='audit')  # audit | books
    at = UtcDateTimeField(index=True)
    entries = IntegerField()
    head = CharField(max_length=64)
    fault = CharField(max_length=32, default='')
    line = IntegerField(default=0)
