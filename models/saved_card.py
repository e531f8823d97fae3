"""Карты, которые помнит банк, и автоплатёж: never a number of a card, only what the gateway calls it, sealed."""

from datetime import date
from enum import StrEnum

from peewee import BlobField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField

from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.payment import Payment
from models.user import User


class CardPurpose(StrEnum):
    """What a payment has to do with a kept card."""

    KEEP = 'keep'  # the payer wants his card kept, if he pays
    CHOSEN = 'chosen'  # he pays with a kept card
    AUTOMATIC = 'automatic'  # autopay pays with it


class SavedCard(BaseModel):
    """Сохранённая карта of one contract. `token` is what the gateway calls it; a removed card has none."""

    contract_id: int
    contract = ForeignKeyField(Contract, backref='saved_cards', on_delete='RESTRICT')
    gateway = CharField(max_length=16)
    token = BlobField(null=True)  # sealed
    brand = CharField(max_length=16)
    last4 = CharField(max_length=4)
    expires_month = IntegerField()
    expires_year = IntegerField()
    created_at = UtcDateTimeField()
    created_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
    removed_at = UtcDateTimeField(null=True)
    removed_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')

    def is_expired(self, day: date) -> bool:
        """Tell whether its last month is past."""
        return (day.year, day.month) > (self.expires_year, self.expires_month)


class CardPayment(BaseModel):
    """What a payment wants of a kept card. `due_key` says for which contract and day autopay made it: one each."""

    payment_id: int
    card_id: int | None
    payment = ForeignKeyField(Payment, unique=True, backref='+', on_delete='RESTRICT')
    purpose = EnumField(CardPurpose)
    card = ForeignKeyField(SavedCard, null=True, backref='+', on_delete='RESTRICT')
    due_key = CharField(unique=True, null=True, max_length=64)
    charge_on = DateField(null=True)  # the charge autopay paid for
    sent_at = UtcDateTimeField(null=True)  # the gateway was asked to charge, once


class Autopay(BaseModel):
    """Автоплатёж of a contract: `days_before` the next charge or `below` a balance; a `fixed` sum or what is missing.

    It pays on `announced_on` no more than `announced_sum`, of which a letter told the day before.
    """

    contract_id: int
    card_id: int
    agreed_by_id: int
    contract = ForeignKeyField(Contract, unique=True, backref='+', on_delete='RESTRICT')
    card = ForeignKeyField(SavedCard, backref='+', on_delete='RESTRICT')
    days_before = IntegerField(null=True)
    below = MoneyField(null=True)
    fixed = MoneyField(null=True)
    month_limit = MoneyField()
    is_on = BooleanField()
    failures = IntegerField(default=0)
    stopped_at = UtcDateTimeField(null=True)  # by itself, after too many failures or without a card
    looked_on = DateField(null=True)
    announced_on = DateField(null=True)
    announced_sum = MoneyField(null=True)
    agreed_at = UtcDateTimeField()
    agreed_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
    changed_at = UtcDateTimeField()
