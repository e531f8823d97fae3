"""Сверка: what the gateway says of the last days, compared with the books once a day."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField

from models.base import BaseModel
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.payment import Payment


class Reconciliation(BaseModel):
    """One day's comparison; it is done when `ended_at` is set, else it is taken up again."""

    day = DateField(unique=True)
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    asked = IntegerField(default=0)  # payments the gateway told about
    silent = IntegerField(default=0)  # payments it did not tell about
    found = IntegerField(default=0)  # differences open at its end


class DifferenceKind(StrEnum):
    """What does not agree."""

    NOT_BOOKED = 'not_booked'  # the gateway has the money, our books do not
    NOT_AT_GATEWAY = 'not_at_gateway'  # we booked money the gateway knows nothing of
    OTHER_SUM = 'other_sum'
    REFUND_NOT_BOOKED = 'refund_not_booked'
    REFUND_NOT_AT_GATEWAY = 'refund_not_at_gateway'
    OTHER_REFUND = 'other_refund'  # a refund of another sum


class PaymentDifference(BaseModel):
    """Расхождение: one transaction of which the gateway and the books say different things. Sums in rubles."""

    payment = ForeignKeyField(Payment, backref='differences', on_delete='RESTRICT')
    kind = EnumField(DifferenceKind)
    uid = CharField(max_length=64)
    ours = MoneyField()
    theirs = MoneyField()
    found_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()  # when it was found last
    closed_at = UtcDateTimeField(null=True)  # when it was gone

    class Meta:
        indexes = ((('kind', 'uid'), True),)
