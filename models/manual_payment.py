"""Платежи с документом: cash and bank transfers that an employee writes down."""

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from models.account import Operation
from models.base import BaseModel
from models.fields import UtcDateTimeField
from models.payment import Payment
from models.user import User


class ManualPayment(BaseModel):
    """The paper behind a payment by cash or bank transfer: one paper is one payment, until it is cancelled."""

    payment_id: int
    taken_by_id: int
    cancelled_by_id: int | None
    payment = ForeignKeyField(Payment, unique=True, backref='papers', on_delete='RESTRICT')
    way = CharField(max_length=16)
    document = CharField(max_length=40)
    document_on = DateField()
    cancelled = IntegerField(default=0)  # 0 while it stands, else its own id: the paper may then be taken anew
    operation = ForeignKeyField(Operation, unique=True, backref='+', on_delete='RESTRICT')
    taken_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    taken_at = UtcDateTimeField()
    cancelled_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    cancelled_at = UtcDateTimeField(null=True)
    cancel_reason = TextField(default='')

    class Meta:
        indexes = ((('way', 'document', 'document_on', 'cancelled'), True),)
