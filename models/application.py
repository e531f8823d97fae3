"""Заявка на подключение: from the form to the handshake with the technician."""

from enum import StrEnum

from peewee import BlobField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from models.base import BaseModel
from models.catalogue import PromoCode
from models.fields import EnumField, UtcDateTimeField
from models.region import HouseKind, Region
from models.user import User


class ApplicationStatus(StrEnum):
    """States of DOMAIN §5.2."""

    NEW = 'new'
    IN_REVIEW = 'in_review'
    NO_ANSWER = 'no_answer'
    FEASIBILITY_CHECK = 'feasibility_check'
    SURVEY = 'survey'
    NOT_FEASIBLE = 'not_feasible'
    WAITLIST = 'waitlist'
    CONFIRMED = 'confirmed'
    SCHEDULED = 'scheduled'
    RESCHEDULED = 'rescheduled'
    EN_ROUTE = 'en_route'
    NO_ACCESS = 'no_access'
    INSTALLING = 'installing'
    CONTRACT_SIGNING = 'contract_signing'
    ACTIVATED = 'activated'
    REJECTED = 'rejected'
    CANCELLED = 'cancelled'
    FAILED = 'failed'


_S = ApplicationStatus
TRANSITIONS: dict[ApplicationStatus, frozenset[ApplicationStatus]] = {
    _S.NEW: frozenset({_S.IN_REVIEW, _S.CANCELLED, _S.REJECTED}),
    _S.IN_REVIEW: frozenset({_S.FEASIBILITY_CHECK, _S.NO_ANSWER, _S.CONFIRMED, _S.REJECTED, _S.CANCELLED}),
    _S.NO_ANSWER: frozenset({_S.IN_REVIEW, _S.CANCELLED}),
    _S.FEASIBILITY_CHECK: frozenset({_S.CONFIRMED, _S.NOT_FEASIBLE, _S.SURVEY, _S.CANCELLED}),
    _S.SURVEY: frozenset({_S.CONFIRMED, _S.NOT_FEASIBLE, _S.CANCELLED}),
    _S.NOT_FEASIBLE: frozenset({_S.WAITLIST, _S.FEASIBILITY_CHECK, _S.REJECTED}),
    _S.WAITLIST: frozenset({_S.FEASIBILITY_CHECK, _S.CANCELLED}),
    _S.CONFIRMED: frozenset({_S.SCHEDULED, _S.CANCELLED}),
    _S.SCHEDULED: frozenset({_S.EN_ROUTE, _S.RESCHEDULED, _S.CANCELLED}),
    _S.RESCHEDULED: frozenset({_S.SCHEDULED, _S.CANCELLED}),
    _S.EN_ROUTE: frozenset({_S.INSTALLING, _S.NO_ACCESS}),
    _S.NO_ACCESS: frozenset({_S.RESCHEDULED, _S.CANCELLED}),
    _S.INSTALLING: frozenset({_S.CONTRACT_SIGNING, _S.FAILED}),
    _S.CONTRACT_SIGNING: frozenset({_S.ACTIVATED, _S.CANCELLED}),
    _S.ACTIVATED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.FAILED: frozenset({_S.RESCHEDULED}),
}
CLOSED = frozenset({_S.ACTIVATED, _S.REJECTED, _S.CANCELLED})
NEEDS_REASON = frozenset({_S.REJECTED, _S.CANCELLED, _S.FAILED, _S.NOT_FEASIBLE, _S.NO_ACCESS})


class Application(BaseModel):
    """Заявка. `package` and `quote` are snapshots taken when it was sent: the price seen is the price given."""

    number = CharField(unique=True, max_length=16)
    tracker_hash = CharField(unique=True, max_length=64)  # SHA-256 of the secret in the tracker's address
    form_key = CharField(unique=True, max_length=64)
    status = EnumField(ApplicationStatus, default=ApplicationStatus.NEW, index=True)
    region = ForeignKeyField(Region, on_delete='RESTRICT')
    last_name = CharField(max_length=80)
    first_name = CharField(max_length=80)
    patronymic = CharField(max_length=80, default='')
    phone = CharField(max_length=20)  # E.164
    email = CharField(max_length=254, default='')
    locality = CharField(max_length=80)
    street = CharField(max_length=120)
    house = CharField(max_length=20)
    entrance = CharField(max_length=10, default='')
    floor = CharField(max_length=10, default='')
    flat = CharField(max_length=10, default='')
    address_note = BlobField(null=True)  # sealed: intercom code and the like
    house_kind = EnumField(HouseKind)
    preferred_time = CharField(max_length=80, default='')
    comment = TextField(default='')
    package = JSONField()  # {"tariff": "I-100", "tv": null, "equipment": {"R-AC": "rent"}, "addons": []}
    promo_code = ForeignKeyField(PromoCode, null=True, on_delete='RESTRICT')
    quote = JSONField()  # what the form showed: lines, sums as text
    price_until = DateField()  # the price is held until this day
    consent_version = CharField(max_length=32)
    language = CharField(max_length=2, default='')  # of the page it was sent from; letters are written in it
    operator_id: int | None
    operator = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    reason = TextField(default='')
    contract_id = IntegerField(null=True)
    created_at = UtcDateTimeField(index=True)
    updated_at = UtcDateTimeField()
    erased_at = UtcDateTimeField(null=True)  # nothing in it tells of a person any more

    def can_become(self, status: ApplicationStatus) -> bool:
        """Tell whether this step is in the table of transitions."""
        return status in TRANSITIONS[self.status]

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self.status in CLOSED

    @property
    def full_name(self) -> str:
        """Return last name, first name and patronymic."""
        return ' '.join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def address(self) -> str:
        """Return the address in one line, flat included."""
        flat = f', кв. {self.flat}' if self.flat else ''
        return f'{self.locality}, {self.street}, {self.house}{flat}'


class ApplicationEvent(BaseModel):
    """What happened to an application: a step, a call, a note. Who, when, why."""

    application_id: int
    application = ForeignKeyField(Application, backref='events', on_delete='CASCADE')
    kind = CharField(max_length=16)  # status | call_reached | call_no_answer | call_later | note | visit | contacts
    from_status = EnumField(ApplicationStatus, null=True)
    to_status = EnumField(ApplicationStatus, null=True)
    actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    note = TextField(default='')
    form_key = CharField(unique=True, null=True, max_length=64)
    at = UtcDateTimeField()

    class Meta:
        indexes = ((('application', 'at'), False),)


class RedemptionState(StrEnum):
    """A promo code is reserved by an application, redeemed by activation, released by cancelling."""

    RESERVED = 'reserved'
    REDEEMED = 'redeemed'
    RELEASED = 'released'


class Redemption(BaseModel):
    """One use of a promo code; `effect` is the snapshot that the contract keeps."""

    promo_code = ForeignKeyField(PromoCode, backref='redemptions', on_delete='RESTRICT')
    application = ForeignKeyField(Application, unique=True, on_delete='CASCADE')
    address_key = CharField(max_length=200, index=True)
    state = EnumField(RedemptionState)
    effect = JSONField()
    at = UtcDateTimeField()


class Waiting(BaseModel):
    """Лист ожидания: somebody whose house is not connected yet; he gave a phone, an e-mail, or both."""

    contacted_by_id: int | None
    region = ForeignKeyField(Region, on_delete='RESTRICT')
    name = CharField(max_length=80, default='')
    phone = CharField(max_length=20, default='')  # E.164
    email = CharField(max_length=254, default='')
    address = CharField(max_length=300)  # without the flat: the house is what is waited for
    street_key = CharField(max_length=240, default='')  # services/offers/spellings.py: one for every spelling
    house_key = CharField(max_length=280, default='', index=True)
    consent_version = CharField(max_length=32)
    language = CharField(max_length=2, default='')  # of the page it was sent from
    form_key = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField()
    contacted_at = UtcDateTimeField(null=True)  # an operator called or wrote
    contacted_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    told_at = UtcDateTimeField(null=True)  # the letter that the house is connected was queued


class Consent(BaseModel):
    """Согласие: who agreed to which version of which text, for what, when and from where."""

    application = ForeignKeyField(Application, null=True, on_delete='CASCADE')
    user = ForeignKeyField(User, null=True, on_delete='CASCADE')
    waiting = ForeignKeyField(Waiting, null=True, on_delete='CASCADE')
    purpose = CharField(max_length=32)  # application | marketing | waiting
    text_version = CharField(max_length=32)
    text_hash = CharField(max_length=64)  # of a ConsentText
    channel = CharField(max_length=16, default='site')  # site | cabinet
    given_at = UtcDateTimeField()
    withdrawn_at = UtcDateTimeField(null=True)
    address = CharField(max_length=64, default='')
    agent = CharField(max_length=200, default='')
