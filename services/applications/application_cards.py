"""One application as an operator reads it: the facts, the promised price, the history."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN

from models.application import CLOSED, TRANSITIONS, Application, ApplicationEvent, ApplicationStatus
from models.catalogue import PromoCode
from models.contract import Contract
from models.region import Building, CoverageStatus, Region
from models.user import User
from services import audit
from services.applications.application_queue import ApplicationRow, VisitView, find_visits, rows_of, view_of
from services.authority import Actor, require_operator
from services.errors import NotFound
from services.files.uploads import FileView
from services.files.visit_photos import photos_of_application
from services.identity import vault
from services.runner import transactional


@dataclass(frozen=True)
class PricedLine:
    """A line of the price that was promised: rubles with VAT; `title` is a Russian source string."""

    kind: str
    title: str
    sum: Decimal
    formula: str


@dataclass(frozen=True)
class PriceView:
    """The promised price: a month as charged first, a month later, and once; rubles with VAT."""

    monthly: Decimal
    monthly_later: Decimal
    once: Decimal
    lines: tuple[PricedLine, ...]
    once_lines: tuple[PricedLine, ...]
    promo_months: int
    until: date


@dataclass(frozen=True)
class Happening:
    """One entry of the history. `kind` is status, call_…, note, visit or contacts; `who` is empty for the visitor."""

    at: datetime
    kind: str
    to_status: ApplicationStatus | None
    who: str
    note: str


@dataclass(frozen=True)
class House:
    """What the building base knows about the address."""

    technologies: tuple[str, ...]
    free_ports: int
    is_connected: bool


@dataclass(frozen=True)
class ApplicationCard:
    """Everything about one application. `row` is its line of the queue, `steps` what the table allows next."""

    id: int
    row: ApplicationRow
    email: str
    locality: str
    street: str
    house: str
    entrance: str
    floor: str
    flat: str
    address_note: str
    house_kind: str
    region: str
    preferred_time: str
    comment: str
    price: PriceView | None
    equipment: dict[str, str]
    promo_code: str
    promo_title: str
    reason: str
    contract_number: str
    building: House | None
    steps: frozenset[ApplicationStatus]
    history: tuple[Happening, ...]
    visits: tuple[VisitView, ...]
    photos: tuple[FileView, ...]

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self.row.status in CLOSED


@transactional
def get_card(number: str, *, actor: Actor | None) -> ApplicationCard:
    """Return one application, open or closed; that its personal data were read is noted in the audit log.

    Raises:
        NotFound: no such application.
    """
    actor = require_operator(actor)
    application = _find(number)
    audit.note_reading(f'application:{application.number}', actor=actor)
    promo = application.promo_code
    return ApplicationCard(
        id=application.id,
        row=rows_of([application])[0],
        email=application.email,
        locality=application.locality,
        street=application.street,
        house=application.house,
        entrance=application.entrance,
        floor=application.floor,
        flat=application.flat,
        address_note=_address_note(application),
        house_kind=application.house_kind,
        region=application.region.name,
        preferred_time=application.preferred_time,
        comment=application.comment,
        price=_price(application),
        equipment=dict(application.package.get('equipment') or {}),
        promo_code=promo.code if promo else '',
        promo_title=promo.title if promo else '',
        reason=application.reason,
        contract_number=_contract_number(application),
        building=_building(application),
        steps=TRANSITIONS[application.status],
        history=_history(application),
        visits=tuple(view_of(visit) for visit in find_visits([application.id])),
        photos=photos_of_application(application.id),
    )


def _find(number: object) -> Any:
    """Return the application with its region, operator and promo code in one query."""
    if not isinstance(number, str) or len(number) > 16:
        raise NotFound
    query = Application.select(Application, Region, User, PromoCode).join(Region).switch(Application)
    query = query.join(User, JOIN.LEFT_OUTER).switch(Application).join(PromoCode, JOIN.LEFT_OUTER)
    application = query.where(Application.number == number).get_or_none()
    if application is None:
        raise NotFound
    return application


def _address_note(application: Any) -> str:
    """Open the sealed note: intercom code and the like."""
    if application.address_note is None:
        return ''
    return vault.unseal(application.address_note, aad=vault.aad_of('application', application.id, 'address_note'))


def _price(application: Any) -> PriceView | None:
    quote = application.quote
    if 'monthly' not in quote:
        return None
    return PriceView(
        monthly=Decimal(quote['monthly']),
        monthly_later=Decimal(quote.get('monthly_later', quote['monthly'])),
        once=Decimal(quote.get('once', 0)),
        lines=_lines(quote.get('lines', ())),
        once_lines=_lines(quote.get('once_lines', ())),
        promo_months=int(quote.get('promo_months') or 0),
        until=application.price_until,
    )


def _lines(rows: Any) -> tuple[PricedLine, ...]:
    return tuple(PricedLine(r['kind'], r['title'], Decimal(r['sum']), r.get('formula', '')) for r in rows)


def _contract_number(application: Any) -> str:
    contract = Contract.select(Contract.number).where(Contract.application == application).get_or_none()
    return contract.number if contract else ''


def _building(application: Any) -> House | None:
    """Look the address up in the building base; None when it is not there as it was typed."""
    building: Any = Building.get_or_none(
        (Building.region == application.region)
        & (Building.locality == application.locality)
        & (Building.street == application.street)
        & (Building.house == application.house)
    )
    if building is None:
        return None
    return House(tuple(building.technologies), building.free_ports, building.status == CoverageStatus.CONNECTED)


def _history(application: Any) -> tuple[Happening, ...]:
    """Return what happened, the latest first."""
    query = (
        ApplicationEvent.select(ApplicationEvent, User)
        .join(User, JOIN.LEFT_OUTER)
        .where(ApplicationEvent.application == application)
        .order_by(ApplicationEvent.at.desc(), ApplicationEvent.id.desc())
    )
    events: Any = list(query)
    return tuple(Happening(e.at, e.kind, e.to_status, e.actor.name if e.actor else '', e.note) for e in events)
