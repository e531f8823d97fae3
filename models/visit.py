"""Выезд: a technician, an address, a two-hour slot; and what he recorded there."""

from enum import StrEnum

from peewee import CharField, DateField, DecimalField, ForeignKeyField, IntegerField, TextField

from models.application import Application
from models.base import BaseModel
from models.fields import EnumField, UtcDateTimeField
from models.user import User

SLOT_HOURS = (9, 11, 13, 15, 17, 19)
"""First hours of the two-hour slots, Minsk time."""


class VisitStatus(StrEnum):
    """States of a visit."""

    PLANNED = 'planned'
    EN_ROUTE = 'en_route'
    STARTED = 'started'
    COMPLETED = 'completed'
    NO_ACCESS = 'no_access'
    FAILED = 'failed'
    CANCELLED = 'cancelled'


OCCUPYING = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE, VisitStatus.STARTED, VisitStatus.COMPLETED)


class Visit(BaseModel):
    """Выезд. One technician has one visit in a slot: a partial unique index of the first migration says so."""

    application = ForeignKeyField(Application, backref='visits', on_delete='RESTRICT')
    technician_id: int
    technician = ForeignKeyField(User, backref='visits', on_delete='RESTRICT')
    day = DateField(index=True)
    hour = IntegerField()  # first hour of the slot
    status = EnumField(VisitStatus, default=VisitStatus.PLANNED)
    reason = TextField(default='')
    form_key = CharField(unique=True, max_length=64)
    started_at = UtcDateTimeField(null=True)
    completed_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()


class VisitReport(BaseModel):
    """Акт: what was measured and the client's signature (SVG paths made by our own pad, validated)."""

    visit = ForeignKeyField(Visit, unique=True, backref='reports', on_delete='CASCADE')
    line_level_dbm = DecimalField(max_digits=5, decimal_places=2, null=True)
    down_mbit = IntegerField(null=True)
    up_mbit = IntegerField(null=True)
    note = TextField(default='')
    signature_svg = TextField(default='')
    signed_name = CharField(max_length=200, default='')
    signed_at = UtcDateTimeField(null=True)
    updated_at = UtcDateTimeField()
