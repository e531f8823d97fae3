"""What a technician sees: the list of a day and one visit with everything he needs at the door."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.application import Application, ApplicationStatus
from models.catalogue import Tariff, TvPackage
from models.contract import Contract, ContractStatus, Credentials, Document, Subscriber
from models.region import Technology
from models.user import Role
from models.visit import Visit, VisitReport, VisitStatus
from services import audit
from services.authority import Actor, require_role
from services.contracts import identity_papers
from services.contracts.identity_papers import PaperKind
from services.files.uploads import FileView
from services.files.visit_photos import photos_of_visit
from services.identity import vault
from services.visits.equipment import Device, devices_of, technology_of
from services.visits.line_quality import LineQuality, is_recorded, quality_of
from services.visits.visit_access import own_visit


class Step(StrEnum):
    """The steps of a visit, in their order."""

    DEPART = 'depart'
    ARRIVE = 'arrive'
    EQUIPMENT = 'equipment'
    LINE = 'line'
    PAPERS = 'papers'
    SIGN = 'sign'
    ACCESS = 'access'
    DONE = 'done'


@dataclass(frozen=True)
class VisitLine:
    """One visit in the list of a day; `hour` is the first of its two."""

    id: int
    hour: int
    status: VisitStatus
    name: str
    phone: str
    address: str
    tariff: str
    number: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What was measured: dBm, Mbit/s; empty where nothing was written yet."""

    level: Decimal | None = None
    down_mbit: int | None = None
    up_mbit: int | None = None
    note: str = ''
    quality: LineQuality | None = None


@dataclass(frozen=True)
class VisitCard:
    """One visit. `doubts` are sentences about the client's papers; `passport` is masked."""

    id: int
    day: date
    hour: int
    status: VisitStatus
    reason: str
    application: str
    application_status: ApplicationStatus
    name: str
    first_name: str
    phone: str
    address: str
    entrance: str
    floor: str
    address_note: str
    comment: str
    tariff: str
    tv: str
    technology: Technology
    devices: tuple[Device, ...]
    reading: Reading
    is_line_recorded: bool
    photos: tuple[FileView, ...]
    contract: str
    passport: str
    paper_kind: PaperKind | None
    doubts: tuple[str, ...]
    is_signed: bool
    signed_at: datetime | None
    is_access_given: bool
    is_access_sealed: bool
    documents: tuple[tuple[int, str], ...]

    @property
    def done(self) -> frozenset[Step]:
        """Return the steps that are behind us."""
        facts = {
            Step.DEPART: self.status in {VisitStatus.EN_ROUTE, VisitStatus.STARTED, VisitStatus.COMPLETED},
            Step.ARRIVE: self.status in {VisitStatus.STARTED, VisitStatus.COMPLETED},
            Step.EQUIPMENT: self.status != VisitStatus.PLANNED and self.has_equipment,
            Step.LINE: self.is_line_recorded,
            Step.PAPERS: bool(self.passport) and self.application_status not in _BEFORE_SIGNING,
            Step.SIGN: self.is_signed,
            Step.ACCESS: self.is_access_sealed,
            Step.DONE: self.status == VisitStatus.COMPLETED,
        }
        return frozenset(step for step, is_done in facts.items() if is_done)

    @property
    def has_equipment(self) -> bool:
        """Tell whether every device of the package is recorded; a package without devices has nothing to record."""
        at_the_client = self.status in {VisitStatus.STARTED, VisitStatus.COMPLETED}
        return at_the_client and all(device.is_recorded for device in self.devices)

    @property
    def now(self) -> Step:
        """Return the first step that is not done."""
        return next((step for step in Step if step not in self.done), Step.DONE)

    @property
    def is_over(self) -> bool:
        """Tell whether the visit ended without a connection."""
        return self.status in {VisitStatus.NO_ACCESS, VisitStatus.FAILED, VisitStatus.CANCELLED}


_BEFORE_SIGNING = frozenset(
    {
        ApplicationStatus.SCHEDULED,
        ApplicationStatus.RESCHEDULED,
        ApplicationStatus.EN_ROUTE,
        ApplicationStatus.INSTALLING,
    }
)


def list_day(day: date, *, actor: Actor | None) -> tuple[VisitLine, ...]:
    """Return the actor's own visits of a day in their order, those called off left out.

    Raises:
        SignInRequired, NotAllowed: nobody is signed in, or not as a technician.
    """
    actor = require_role(actor, Role.TECHNICIAN)
    audit.note_reading('list:visits', actor=actor)
    rows = (
        Visit.select(Visit, Application)
        .join(Application)
        .where((Visit.technician == actor.user_id) & (Visit.day == day) & (Visit.status != VisitStatus.CANCELLED))
        .order_by(Visit.hour, Visit.id)
    )
    names = {row.code: row.name for row in Tariff.select(Tariff.code, Tariff.name)}
    return tuple(_line(row, names) for row in rows)


def get_visit(visit_id: int, *, actor: Actor | None) -> VisitCard:
    """Return one of the actor's own visits.

    Raises:
        SignInRequired, NotAllowed: nobody is signed in, or not as a technician.
        NotFound: no such visit, or it is somebody else's.
    """
    visit = own_visit(visit_id, actor)
    assert actor is not None  # own_visit has asked
    audit.note_reading(f'visit:{visit.id}', actor=actor)
    application = visit.application
    query = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.application == application)
    contract: Contract | None = query.get_or_none()
    technology = technology_of(application)
    report = VisitReport.get_or_none(VisitReport.visit == visit)
    tv = application.package.get('tv')
    return VisitCard(
        id=visit.id,
        day=visit.day,
        hour=visit.hour,
        status=visit.status,
        reason=visit.reason,
        application=application.number,
        application_status=application.status,
        name=application.full_name,
        first_name=application.first_name,
        phone=application.phone,
        address=application.address,
        entrance=application.entrance,
        floor=application.floor,
        address_note=_address_note(application),
        comment=application.comment,
        tariff=Tariff.get(Tariff.code == application.package['tariff']).name,
        tv=TvPackage.get(TvPackage.code == tv).name if tv else '',
        technology=technology,
        devices=devices_of(application, contract),
        reading=_reading(report),
        is_line_recorded=report is not None and is_recorded(report, technology),
        photos=photos_of_visit(visit.id),
        **_contract_facts(contract),
    )


def _line(visit: Any, names: dict[str, str]) -> VisitLine:
    application = visit.application
    return VisitLine(
        id=visit.id,
        hour=visit.hour,
        status=visit.status,
        name=application.full_name,
        phone=application.phone,
        address=application.address,
        tariff=names.get(application.package['tariff'], ''),
        number=application.number,
        reason=visit.reason,
    )


def _reading(report: VisitReport | None) -> Reading:
    if report is None:
        return Reading()
    level = report.line_level_dbm
    return Reading(level, report.down_mbit, report.up_mbit, report.note, None if level is None else quality_of(level))


def _contract_facts(contract: Contract | None) -> dict[str, Any]:
    papers = identity_papers.kept(contract.subscriber) if contract else None
    access = Credentials.get_or_none(Credentials.contract == contract) if contract else None
    rows = Document.select(Document.id, Document.title).where(Document.contract == contract) if contract else ()
    return {
        'contract': contract.number if contract else '',
        'passport': f'{papers.passport[:2]}•••••{papers.passport[-2:]}' if papers else '',
        'paper_kind': papers.kind if papers else None,
        'doubts': identity_papers.doubts(papers) if papers else (),
        'is_signed': contract is not None and contract.status == ContractStatus.ACTIVE,
        'signed_at': contract.signed_at if contract else None,
        'is_access_given': access is not None,
        'is_access_sealed': access is not None and access.sealed_at is not None,
        'documents': tuple((row.id, row.title) for row in rows),
    }


def _address_note(application: Application) -> str:
    if application.address_note is None:
        return ''
    return vault.unseal(
        bytes(application.address_note), aad=vault.aad_of('application', application.id, 'address_note')
    )
