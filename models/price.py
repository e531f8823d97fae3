"""Версии цен: what a tariff costs from a day on; the row of the tariff holds the price it began with."""

from peewee import DateField, ForeignKeyField, IntegerField, TextField

from models.base import BaseModel
from models.catalogue import Tariff
from models.fields import MoneyField, UtcDateTimeField
from models.user import User


class TariffPrice(BaseModel):
    """A price from the 1st of a month: announced before, never edited; a withdrawn one never begins."""

    tariff = ForeignKeyField(Tariff, backref='prices', on_delete='RESTRICT')
    monthly_fee = MoneyField()
    vat_rate = IntegerField()  # percent inside the fee
    starts_on = DateField()
    announced_at = UtcDateTimeField()
    set_by = ForeignKeyField(User, backref='prices_set', on_delete='RESTRICT')
    reason = TextField()
    withdrawn_by = ForeignKeyField(User, null=True, backref='prices_withdrawn', on_delete='RESTRICT')
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((('tariff', 'starts_on'), False),)
