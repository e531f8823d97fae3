"""Where we work: regions, offices, buildings."""

from enum import StrEnum

from peewee import BooleanField, CharField, DoubleField, ForeignKeyField, IntegerField, JSONField, TextField

from models.base import BaseModel
from models.fields import EnumField


class HouseKind(StrEnum):
    """Kind of house: it decides what can be connected there."""

    FLAT = 'flat'
    PRIVATE = 'private'
    VILLAGE = 'village'


class Technology(StrEnum):
    """How the line comes into the house."""

    ETHERNET = 'ethernet'
    GPON = 'gpon'
    WIRELESS = 'wireless'
    SATELLITE = 'satellite'


class CoverageStatus(StrEnum):
    """Whether a building can be connected."""

    CONNECTED = 'connected'
    PLANNED = 'planned'
    NOT_COVERED = 'not_covered'


class Region(BaseModel):
    """Регион: a town and what is sold there; its slug is in the address of every public page."""

    slug = CharField(unique=True, max_length=32)
    name = CharField(max_length=80)
    name_where = CharField(max_length=80)  # «в Минске»
    position = IntegerField(default=0)


class OfficeKind(StrEnum):
    """Head office of the region or a branch."""

    OFFICE = 'office'
    BRANCH = 'branch'


class Office(BaseModel):
    """Офис или филиал: where a person can come."""

    region = ForeignKeyField(Region, backref='offices', on_delete='RESTRICT')
    kind = EnumField(OfficeKind)
    address = CharField(max_length=200)
    hours = CharField(max_length=200)
    phone = CharField(max_length=32)  # E.164
    latitude = DoubleField()
    longitude = DoubleField()
    directions = TextField()
    scheme = CharField(max_length=80)  # file in assets/schemes
    position = IntegerField(default=0)


class Building(BaseModel):
    """Дом in the building base: what lines it has and whether there is room."""

    region = ForeignKeyField(Region, backref='buildings', on_delete='RESTRICT')
    locality = CharField(max_length=80)
    street = CharField(max_length=120)
    house = CharField(max_length=20)
    house_kind = EnumField(HouseKind)
    technologies = JSONField(default=list)  # list of Technology values
    status = EnumField(CoverageStatus)
    free_ports = IntegerField(default=0)
    has_digital_tv = BooleanField(default=True)

    class Meta:
        indexes = ((('region', 'locality', 'street', 'house'), True),)

    @property
    def address(self) -> str:
        """Return the address of the house in one line."""
        return f'{self.locality}, {self.street}, {self.house}'
