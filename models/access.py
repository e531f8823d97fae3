"""Доступ близких: what the owner of a contract has opened to another person, and until when."""

from datetime import date
from enum import StrEnum
from typing import Any

from peewee import CharField, DateField, ForeignKeyField

from models.base import BaseModel
from models.contract import Contract, Subscriber
from models.fields import EnumField, UtcDateTimeField
from models.user import User


class Access(StrEnum):
    """What a person may do with a contract; every level holds the ones before it. Only the first three are given."""

    SEE = 'see'
    PAY = 'pay'
    MANAGE = 'manage'
    OWNER = 'owner'

    def allows(self, need: 'Access') -> bool:
        """Tell whether this level is enough for what needs `need`."""
        order = list(Access)
        return order.index(self) >= order.index(need)


GIVEN = (Access.SEE, Access.PAY, Access.MANAGE)


class AccessGrant(BaseModel):
    """Доступ: a level of one contract for one person. An invitation until somebody accepts it; ended, it is history."""

    contract_id: int
    user_id: int | None
    contract = ForeignKeyField(Contract, backref='grants', on_delete='RESTRICT')
    granted_by = ForeignKeyField(User, backref='grants_given', on_delete='RESTRICT')
    name = CharField(max_length=80)  # as the owner calls the person
    email = CharField(max_length=254)  # where the invitation went
    level = EnumField(Access)
    valid_until = DateField(null=True)  # the last day; None: until it is ended
    form_key = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    token_hash = CharField(unique=True, max_length=64)  # of the link in the newest letter
    invited_until = UtcDateTimeField()
    user = ForeignKeyField(User, null=True, backref='grants_received', on_delete='RESTRICT')
    accepted_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    ended_by = ForeignKeyField(User, null=True, backref='grants_ended', on_delete='RESTRICT')

    def is_over(self, day: date) -> bool:
        """Tell whether its last day is past."""
        return self.valid_until is not None and bool(self.valid_until < day)


def grants_in_force(day: date) -> Any:
    """Return the grants that open a contract on this day, with the contract and its subscriber.

    Accepted, not ended, not over; given by who owns the contract today, and he is not blocked.
    """
    owner = User.alias()
    return (
        _with_owner(owner)
        .where(AccessGrant.accepted_at.is_null(False) & _is_open(day))
        .where((Subscriber.user == AccessGrant.granted_by) & (owner.is_blocked == False))  # noqa: E712 - SQL
    )


def invitations_in_force(day: date, moment: Any) -> Any:
    """Return the invitations that may still be accepted, with the contract and its subscriber."""
    owner = User.alias()
    return (
        _with_owner(owner)
        .where(AccessGrant.accepted_at.is_null() & (AccessGrant.invited_until > moment) & _is_open(day))
        .where((Subscriber.user == AccessGrant.granted_by) & (owner.is_blocked == False))  # noqa: E712 - SQL
    )


def _with_owner(owner: Any) -> Any:
    return (
        AccessGrant.select(AccessGrant, Contract, Subscriber)
        .join(Contract)
        .join(Subscriber)
        .join(owner, on=(Subscriber.user == owner.id))
    )


def _is_open(day: date) -> Any:
    return AccessGrant.ended_at.is_null() & (AccessGrant.valid_until.is_null() | (AccessGrant.valid_until >= day))
