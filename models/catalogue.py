"""What we sell: internet tariffs, TV packages, bundles, equipment, add-ons, promo codes."""

from decimal import Decimal
from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from models.base import BaseModel
from models.fields import EnumField, MoneyField


class Signal(StrEnum):
    """How television comes."""

    DIGITAL = 'digital'
    SATELLITE = 'satellite'


class Tariff(BaseModel):
    """Тарифный план. Prices are rubles a month with VAT; speeds are kbit/s, so that 12.5 Mbit/s is exact."""

    code = CharField(unique=True, max_length=16)
    name = CharField(max_length=80)
    description = TextField(default='')
    down_kbit = IntegerField()
    up_kbit = IntegerField()
    quota_gb = IntegerField(null=True)  # None: unlimited
    overage = JSONField(default=list)  # [[up to MB or null, rubles per MB as text], …]
    speed_after_quota_kbit = IntegerField(null=True)
    technologies = JSONField(default=list)
    house_kinds = JSONField(default=list)
    regions = JSONField(default=list)  # slugs; empty: everywhere
    monthly_fee = MoneyField()  # to begin with; a later price is a CataloguePrice
    connection_fee = MoneyField()
    vat_rate = IntegerField(default=25)
    needs_entitlement = BooleanField(default=False)
    targets = JSONField(default=list)  # codes of the tariffs one may move to from it; empty: any
    is_on_sale = BooleanField(default=True)
    position = IntegerField(default=0)


class TvPackage(BaseModel):
    """Пакет телеканалов; rubles a month with VAT."""

    code = CharField(unique=True, max_length=16)
    name = CharField(max_length=80)
    description = TextField(default='')
    channels = IntegerField()
    hd_channels = IntegerField(default=0)
    signal = EnumField(Signal)
    monthly_fee = MoneyField()
    vat_rate = IntegerField(default=25)
    is_on_sale = BooleanField(default=True)
    position = IntegerField(default=0)


class Bundle(BaseModel):
    """Пакет услуг: internet and TV together for less than apart."""

    tariff = ForeignKeyField(Tariff, backref='bundles', on_delete='RESTRICT')
    tv_package = ForeignKeyField(TvPackage, backref='bundles', on_delete='RESTRICT')
    monthly_fee = MoneyField()

    class Meta:
        indexes = ((('tariff', 'tv_package'), True),)


class EquipmentKind(StrEnum):
    """What the device is for."""

    ROUTER = 'router'
    ONT = 'ont'
    STB = 'stb'
    CAM = 'cam'
    SATELLITE = 'satellite'


class Equipment(BaseModel):
    """Оборудование: a model that is sold, rented or lent."""

    code = CharField(unique=True, max_length=16)
    name = CharField(max_length=80)
    kind = EnumField(EquipmentKind)
    buy_price = MoneyField(null=True)  # None: not sold
    rent_fee = MoneyField(null=True)  # rubles a month, to begin with; None: not rented; 0: lent for free
    installation_fee = MoneyField(default=Decimal(0))
    lost_price = MoneyField(null=True)
    position = IntegerField(default=0)


class AddOnKind(StrEnum):
    """What an add-on does."""

    BOOST = 'boost'
    STATIC_IP = 'static_ip'
    ANTIVIRUS = 'antivirus'
    FILTER = 'filter'
    TRAFFIC = 'traffic'
    NOTICE = 'notice'
    TV_OPTION = 'tv_option'
    CREDIT = 'credit'


class AddOn(BaseModel):
    """Дополнительная услуга: monthly, or once for a number of days."""

    code = CharField(unique=True, max_length=16)
    name = CharField(max_length=80)
    description = TextField(default='')
    kind = EnumField(AddOnKind)
    price = MoneyField()
    is_monthly = BooleanField()
    days = IntegerField(null=True)  # how long a one-off lasts
    speed_factor = IntegerField(null=True)  # percent: 200 is ×2
    traffic_gb = IntegerField(null=True)
    vat_rate = IntegerField(default=25)
    is_on_sale = BooleanField(default=True)
    in_constructor = BooleanField(default=False)
    position = IntegerField(default=0)


class PromoKind(StrEnum):
    """The four effects of the customer's description; the discount on the first months has two forms."""

    CONNECTION_PERCENT = 'connection_percent'
    MONTHS_PERCENT = 'months_percent'
    FIRST_MONTHS_FIXED = 'first_months_fixed'
    SPEED = 'speed'
    TRAFFIC = 'traffic'


class PromoCode(BaseModel):
    """Промокод: its effect and its limits. The code is stored normalised (capitals, Latin look-alikes)."""

    code = CharField(unique=True, max_length=32)
    title = CharField(max_length=120)
    kind = EnumField(PromoKind)
    percent = IntegerField(null=True)  # discount, or speed in percent of the tariff (150 is ×1.5)
    amount = MoneyField(null=True)  # fixed price of a month
    months = IntegerField(null=True)
    traffic_gb = IntegerField(null=True)
    valid_from = DateField(null=True)
    valid_until = DateField(null=True)
    most_uses = IntegerField(null=True)
    tariffs = JSONField(default=list)  # codes; empty: any
    least_down_kbit = IntegerField(null=True)
    regions = JSONField(default=list)
    once_per_address = BooleanField(default=False)
    new_clients_only = BooleanField(default=False)
    is_active = BooleanField(default=True)
