"""Платёж: an intent, what the gateway said, and every bell it rang."""

from enum import StrEnum

from peewee import BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.user import User


class PaymentState(StrEnum):
    """DOMAIN §2.7. A timeout is no failure: the payment stays where it was and is asked about later."""

    CREATED = 'created'
    REDIRECTED = 'redirected'
    PROCESSING = 'processing'
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'
    EXPIRED = 'expired'
    CANCELLED = 'cancelled'
    QUARANTINED = 'quarantined'  # money came, but not as agreed: a person decides
    PARTIALLY_REFUNDED = 'partially_refunded'
    REFUNDED = 'refunded'  # all of it went back, by refunds


PAID = frozenset({PaymentState.SUCCEEDED, PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED})
"""The money came as agreed, whatever went back later."""
FINAL = PAID | {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED}
BY_HAND = ('cash', 'bank')
"""Ways of payment that an employee writes down with a paper; no gateway knows of them."""


class Payment(BaseModel):
    """Платёж. `tracking_id` is ours and goes to the gateway; `gateway_uid` is its transaction, credited once."""

    contract_id: int
    contract = ForeignKeyField(Contract, backref='payments', on_delete='RESTRICT')
    amount = MoneyField()
    currency = CharField(max_length=3, default='BYN')
    state = EnumField(PaymentState)
    gateway = CharField(max_length=16)
    tracking_id = CharField(unique=True, max_length=64)
    form_key = CharField(unique=True, max_length=64)
    gateway_token = CharField(unique=True, null=True, max_length=128)
    gateway_uid = CharField(unique=True, null=True, max_length=64)
    redirect_url = TextField(default='')
    card_brand = CharField(max_length=16, default='')
    card_last4 = CharField(max_length=4, default='')
    receipt_url = TextField(default='')
    message = TextField(default='')
    user_id: int | None
    user = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    asked = IntegerField(default=0)  # how often the gateway was asked about it
    next_check_at = UtcDateTimeField(null=True, index=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    @property
    def is_final(self) -> bool:
        """Tell whether the gateway's answer can no longer change it."""
        return self.state in FINAL

    @property
    def is_paid(self) -> bool:
        """Tell whether the money came as agreed."""
        return self.state in PAID


class Webhook(BaseModel):
    """A bell as it came: raw bytes, whether it was genuine, what we did. Nothing is credited from its body."""

    gateway = CharField(max_length=16)
    fingerprint = CharField(unique=True, max_length=64)  # SHA-256 of the raw body
    body = BlobField()
    is_verified = BooleanField()
    tracking_id = CharField(max_length=64, default='')
    outcome = CharField(max_length=64, default='')
    count = IntegerField(default=1)
    received_at = UtcDateTimeField()
