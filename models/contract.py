"""Договор and everything that hangs on it: tariff, add-ons, boosts, pauses, blocks, rent, discounts, documents."""

from enum import StrEnum

from peewee import BlobField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from models.application import Application, Redemption
from models.base import BaseModel
from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.region import HouseKind, Region
from models.user import User


class Subscriber(BaseModel):
    """Абонент: the person behind a contract; may exist before any login. Identity papers are sealed."""

    user_id: int | None
    user = ForeignKeyField(User, null=True, backref='subscribers', on_delete='RESTRICT')
    last_name = CharField(max_length=80)
    first_name = CharField(max_length=80)
    patronymic = CharField(max_length=80, default='')
    phone = CharField(max_length=20)
    email = CharField(max_length=254, default='')
    passport = BlobField(null=True)  # sealed: series, number, issued by, date
    personal_number = BlobField(null=True)  # sealed: 14 characters
    birth_date = BlobField(null=True)  # sealed
    passport_index = CharField(max_length=64, null=True, index=True)  # keyed hash of its number: found, not read
    personal_number_index = CharField(max_length=64, null=True, index=True)
    created_at = UtcDateTimeField()
    erased_at = UtcDateTimeField(null=True)

    @property
    def full_name(self) -> str:
        """Return last name, first name and patronymic."""
        return ' '.join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def short_name(self) -> str:
        """Return the first name and a letter: «Анна П.», as other people are shown it."""
        return f'{self.first_name} {self.last_name[:1]}.' if self.last_name else str(self.first_name)


class ContractStatus(StrEnum):
    """A draft is printed and not signed yet; it becomes void when its application is closed without a signature.

    Pauses and blocks are rows of their own, not a status.
    """

    DRAFT = 'draft'
    VOID = 'void'
    ACTIVE = 'active'
    TERMINATED = 'terminated'


OPENING = (ContractStatus.ACTIVE, ContractStatus.TERMINATED)
"""Contracts whose number opens the cabinet: after the end there is still a history to read and a debt to pay."""


class Contract(BaseModel):
    """Договор; its number is the login of the cabinet."""

    number = CharField(unique=True, max_length=16)
    subscriber_id: int
    subscriber = ForeignKeyField(Subscriber, backref='contracts', on_delete='RESTRICT')
    application = ForeignKeyField(Application, null=True, unique=True, on_delete='RESTRICT')
    status = EnumField(ContractStatus, default=ContractStatus.DRAFT)
    region = ForeignKeyField(Region, on_delete='RESTRICT')
    address = CharField(max_length=300)
    house_kind = EnumField(HouseKind)
    tariff_id: int
    tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
    tv_package_id: int | None
    tv_package = ForeignKeyField(TvPackage, null=True, on_delete='RESTRICT')
    signed_at = UtcDateTimeField(null=True)
    active_on = DateField(null=True)  # first paid day
    terminated_on = DateField(null=True)
    created_at = UtcDateTimeField()

    @property
    def is_active(self) -> bool:
        """Tell whether the contract is signed and not terminated; it may still be paused or blocked."""
        return bool(self.status == ContractStatus.ACTIVE)


class TariffChangeState(StrEnum):
    """A planned change waits for its day."""

    PLANNED = 'planned'
    APPLIED = 'applied'
    CANCELLED = 'cancelled'


class TariffChange(BaseModel):
    """Смена тарифа: at once or on a coming day; at most one is planned."""

    contract = ForeignKeyField(Contract, backref='tariff_changes', on_delete='RESTRICT')
    old_tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
    new_tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
    effective_on = DateField()
    state = EnumField(TariffChangeState)
    form_key = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')


class ConnectedAddOn(BaseModel):
    """Подключённая услуга: an add-on of a contract, monthly or until a moment (a speed boost ends by itself).

    `credit_limit` is how far below zero a trust credit lets the wallet go, as it was when it was connected.
    """

    contract = ForeignKeyField(Contract, backref='add_ons', on_delete='RESTRICT')
    add_on = ForeignKeyField(AddOn, on_delete='RESTRICT')
    price = MoneyField()
    credit_limit = MoneyField(null=True)
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField(null=True)  # None: until disconnected
    disconnected_at = UtcDateTimeField(null=True)
    form_key = CharField(unique=True, max_length=64)


class Suspension(BaseModel):
    """Приостановка по желанию: paid days stop on `starts_on` and go on from `ends_on` (the first paid day again)."""

    contract = ForeignKeyField(Contract, backref='suspensions', on_delete='RESTRICT')
    starts_on = DateField()
    ends_on = DateField()
    resumed_on = DateField(null=True)  # came back earlier: first paid day
    form_key = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')


class DebtBlock(BaseModel):
    """Блокировка за долг: open while `ended_at` is empty. Never the same row as a Suspension."""

    contract = ForeignKeyField(Contract, backref='debt_blocks', on_delete='RESTRICT')
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)


class Discount(BaseModel):
    """Скидка: a promo effect the contract enjoys from one month to another (dates are firsts of months)."""

    contract = ForeignKeyField(Contract, backref='discounts', on_delete='RESTRICT')
    redemption = ForeignKeyField(Redemption, null=True, on_delete='RESTRICT')
    kind = CharField(max_length=32)  # a PromoKind
    percent = IntegerField(null=True)
    amount = MoneyField(null=True)
    traffic_gb = IntegerField(null=True)
    first_month = DateField()
    last_month = DateField()
    ended_at = UtcDateTimeField(null=True)


class Ownership(StrEnum):
    """Whose the device is."""

    SOLD = 'sold'
    RENTED = 'rented'
    LENT = 'lent'
    OWN = 'own'


class EquipmentUnit(BaseModel):
    """A device at the subscriber's: model, serial number, MAC."""

    contract = ForeignKeyField(Contract, backref='equipment', on_delete='RESTRICT')
    equipment = ForeignKeyField(Equipment, on_delete='RESTRICT')
    ownership = EnumField(Ownership)
    monthly_fee = MoneyField()  # 0 unless rented
    serial = CharField(max_length=64, null=True)  # unique by kind of device until it is returned
    mac = CharField(max_length=17, null=True)
    installed_at = UtcDateTimeField(null=True)
    returned_at = UtcDateTimeField(null=True)


class PromisedPayment(BaseModel):
    """Обещанный платёж: a credit limit for some days, not money."""

    contract = ForeignKeyField(Contract, backref='promised_payments', on_delete='RESTRICT')
    amount = MoneyField()
    promised_at = UtcDateTimeField()
    due_at = UtcDateTimeField()
    fulfilled_at = UtcDateTimeField(null=True)
    lapsed_at = UtcDateTimeField(null=True)
    form_key = CharField(unique=True, max_length=64)


class Document(BaseModel):
    """A paper of a contract: the PDF itself, its hash, and what it was made from."""

    contract = ForeignKeyField(Contract, backref='documents', on_delete='RESTRICT')
    kind = CharField(max_length=16)  # contract | act | receipt
    title = CharField(max_length=200)
    pdf = BlobField()
    sha256 = CharField(max_length=64)
    is_signed = BooleanField(default=False)
    created_at = UtcDateTimeField()


class Credentials(BaseModel):
    """Доступ: that a one-time password was made for a contract. The password itself is nowhere."""

    contract = ForeignKeyField(Contract, unique=True, on_delete='RESTRICT')
    issued_by = ForeignKeyField(User, on_delete='RESTRICT')
    issued_at = UtcDateTimeField()
    sealed_at = UtcDateTimeField(null=True)  # shown and closed: nobody sees it again
    evidence = JSONField(default=dict)
    note = TextField(default='')
