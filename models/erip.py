"""ЕРИП и чужие договоры: the standing claim of a contract, what was paid on it, and who paid for somebody else."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, UtcDateTimeField
from models.payment import Payment


class ClaimState(StrEnum):
    """A claim is asked for, stands at the gateway, or was taken back."""

    ASKED = 'asked'
    OPEN = 'open'
    CLOSED = 'closed'


class EripClaim(BaseModel):
    """Требование ЕРИП: one standing claim of a contract; its account number is the contract's number.

    Many payments come on it, each with a uid of its own. `uid` is the claim's own at the gateway; `qr` is the gateway's
    picture, base64 of a PNG, which may be missing.
    """

    contract_id: int
    contract = ForeignKeyField(Contract, unique=True, backref='erip_claims', on_delete='RESTRICT')
    state = EnumField(ClaimState, default=ClaimState.ASKED)
    tracking_id = CharField(unique=True, max_length=64)
    uid = CharField(unique=True, null=True, max_length=64)
    service_no = CharField(max_length=32)
    steps = JSONField(default=list)  # lines of the gateway: how to find it in the tree
    qr = TextField(default='')
    refusals = IntegerField(default=0)  # how often the gateway said no; a new question then has a new id
    next_at = UtcDateTimeField(null=True, index=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()


class EripPayment(BaseModel):
    """That a payment came through ERIP: on which claim, and its number in ERIP, by which the register names it."""

    claim_id: int
    payment_id: int
    claim = ForeignKeyField(EripClaim, backref='payments', on_delete='RESTRICT')
    payment = ForeignKeyField(Payment, unique=True, backref='+', on_delete='RESTRICT')
    transaction_no = CharField(max_length=64, default='', index=True)


class PaymentForOther(BaseModel):
    """Оплата за другой договор: from whose cabinet a payment of somebody else's contract was begun."""

    payment_id: int
    payer_id: int
    payment = ForeignKeyField(Payment, unique=True, backref='+', on_delete='RESTRICT')
    payer = ForeignKeyField(Contract, backref='payments_for_others', on_delete='RESTRICT')
    created_at = UtcDateTimeField()
