"""Traffic: how much of it a contract used in a month, and the tables by which an operator brings it in."""

from peewee import BigIntegerField, DateField, ForeignKeyField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.fields import UtcDateTimeField
from models.user import User


class TrafficUsage(BaseModel):
    """Показание: bytes used since the 1st of a month, as they were last read. It grows until its month is settled."""

    contract_id: int
    contract = ForeignKeyField(Contract, backref='traffic', on_delete='RESTRICT')
    period = DateField()  # the 1st of its month
    used_bytes = BigIntegerField()
    taken_at = UtcDateTimeField()
    settled_at = UtcDateTimeField(null=True)  # what is above the quota was charged then, be it nothing: it stands

    class Meta:
        indexes = ((('contract', 'period'), True),)


class UsageFile(BaseModel):
    """A table of readings an operator sent: it is shown first, and taken in when he says so. The text goes then."""

    text = TextField()
    sent_at = UtcDateTimeField()
    sent_by_id: int
    sent_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    taken_at = UtcDateTimeField(null=True)
