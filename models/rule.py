"""Правила дома that an administrator changed: dated, never edited; the file docs/rules.yml holds what was before."""

from peewee import CharField, DateField, ForeignKeyField, TextField

from models.base import BaseModel
from models.fields import UtcDateTimeField
from models.user import User


class RuleChange(BaseModel):
    """One rule from one day on. Of two for the same day the later written counts; a withdrawn one never does."""

    name = CharField(max_length=48)
    value = TextField()  # as docs/rules.yml writes it: «20.00», «5», «tariff,tv,rent»
    starts_on = DateField()
    reason = TextField()
    set_by = ForeignKeyField(User, backref='rules_set', on_delete='RESTRICT')
    set_at = UtcDateTimeField()
    withdrawn_by = ForeignKeyField(User, null=True, backref='rules_withdrawn', on_delete='RESTRICT')
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((('name', 'starts_on'), False),)
