"""Версии цен: what a tariff, a TV package, a monthly add-on or the rent of a device costs from a day on; the row of the
thing has the first price."""

from peewee import DateField, ForeignKeyField, IntegerField, TextField

from models.base import BaseModel
from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.fields import MoneyField, UtcDateTimeField
from models.user import User


class CataloguePrice(BaseModel):
    """A price from the 1st of a month: announced before, never edited; a withdrawn one never begins.

    Exactly one of `tariff`, `tv_package`, `add_on` and `equipment` is given. `told_to` is the last subscriber who
    was written to, `told_at` when all were; `retold_…` the same of the letters that it was withdrawn.
    """

    tariff = ForeignKeyField(Tariff, null=True, backref='prices', on_delete='RESTRICT')
    tv_package = ForeignKeyField(TvPackage, null=True, backref='prices', on_delete='RESTRICT')
    add_on = ForeignKeyField(AddOn, null=True, backref='prices', on_delete='RESTRICT')
    equipment = ForeignKeyField(Equipment, null=True, backref='prices', on_delete='RESTRICT')
    monthly_fee = MoneyField()
    vat_rate = IntegerField()  # percent inside the fee
    starts_on = DateField()
    announced_at = UtcDateTimeField()
    set_by = ForeignKeyField(User, backref='prices_set', on_delete='RESTRICT')
    reason = TextField()
    withdrawn_by = ForeignKeyField(User, null=True, backref='prices_withdrawn', on_delete='RESTRICT')
    withdrawn_at = UtcDateTimeField(null=True)
    told_to = IntegerField(default=0)
    told_at = UtcDateTimeField(null=True)
    retold_to = IntegerField(default=0)
    retold_at = UtcDateTimeField(null=True)
