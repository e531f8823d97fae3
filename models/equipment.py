"""What a subscriber arranges about devices: a further one he will come for, and one he will bring back."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, TextField

from models.account import Quote
from models.base import BaseModel
from models.catalogue import Equipment
from models.contract import Contract, EquipmentUnit, Ownership
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.region import Office
from models.user import User


class OrderState(StrEnum):
    """It waits for the subscriber to come, or he has the device, or nobody wants it any more."""

    ORDERED = 'ordered'
    HANDED_OVER = 'handed_over'
    CANCELLED = 'cancelled'


class EquipmentOrder(BaseModel):
    """Заказ устройства: it is charged when it is handed over, at the price promised here until `holds_until`."""

    quote_id: int
    closed_by_id: int | None
    contract = ForeignKeyField(Contract, backref='equipment_orders', on_delete='RESTRICT')
    equipment = ForeignKeyField(Equipment, on_delete='RESTRICT')
    ownership = EnumField(Ownership)  # rented | sold
    price = MoneyField()  # rubles a month, or once
    office = ForeignKeyField(Office, on_delete='RESTRICT')
    quote = ForeignKeyField(Quote, on_delete='RESTRICT')  # what he saw when he ordered
    holds_until = DateField()  # the last day of the price
    state = EnumField(OrderState, default=OrderState.ORDERED, index=True)
    form_key = CharField(unique=True, max_length=64)
    ordered_at = UtcDateTimeField()
    ordered_by = ForeignKeyField(User, backref='equipment_ordered', on_delete='RESTRICT')
    closed_at = UtcDateTimeField(null=True)
    closed_by = ForeignKeyField(User, null=True, backref='equipment_closed', on_delete='RESTRICT')
    reason = TextField(default='')  # why an employee called it off
    unit = ForeignKeyField(EquipmentUnit, null=True, unique=True, on_delete='RESTRICT')  # what was handed over


class ReturnState(StrEnum):
    """He said that he will bring the device, he brought it, or he thought better of it."""

    ANNOUNCED = 'announced'
    ACCEPTED = 'accepted'
    CALLED_OFF = 'called_off'


UNANNOUNCED = 'return:'
"""How the key of a return begins that nobody announced: the row was made when the device was accepted."""


class EquipmentReturn(BaseModel):
    """Возврат устройства: the rent goes on until it is accepted. One nobody announced is accepted all the same."""

    unit_id: int
    contract = ForeignKeyField(Contract, backref='equipment_returns', on_delete='RESTRICT')
    unit = ForeignKeyField(EquipmentUnit, backref='returns', on_delete='RESTRICT')
    office = ForeignKeyField(Office, null=True, on_delete='RESTRICT')
    state = EnumField(ReturnState, default=ReturnState.ANNOUNCED, index=True)
    form_key = CharField(unique=True, max_length=64)
    announced_at = UtcDateTimeField()
    announced_by = ForeignKeyField(User, backref='returns_announced', on_delete='RESTRICT')
    closed_at = UtcDateTimeField(null=True)
    closed_by = ForeignKeyField(User, null=True, backref='returns_closed', on_delete='RESTRICT')
    condition = TextField(default='')  # how the device looked
