"""The technician's day: his visits, the way there, what he records, how it ends. Every step is his own visit only."""

from typing import Any

from models.application import ApplicationStatus
from models.contract import Contract
from models.visit import Visit, VisitReport, VisitStatus
from services import audit
from services.applications import application_steps
from services.authority import Actor
from services.clock import now
from services.contracts import activation, contracts, credentials
from services.contracts.identity_papers import PapersForm
from services.contracts.paper_facts import facts_of
from services.errors import N_, DomainError, WrongTransition
from services.events import ApplicationChanged, VisitChanged, record
from services.input_text import clean_text
from services.offers import promo_codes
from services.runner import transactional
from services.visits import equipment, line_quality
from services.visits.equipment import technology_of
from services.visits.line_quality import LineForm
from services.visits.visit_access import WORKING, own_visit

AT_THE_CLIENT = frozenset({ApplicationStatus.INSTALLING, ApplicationStatus.CONTRACT_SIGNING})


class AccessNotGiven(DomainError):
    """The visit is not over while the client cannot sign in."""

    message = N_('Сначала выдайте клиенту доступ в кабинет.')
    status = 409


@transactional
def depart(visit_id: int, form_key: str, *, actor: Actor | None) -> None:
    """Set off: the client's page shows that the technician is on his way.

    Raises:
        NotFound: not his visit.
        WrongTransition: the visit is not planned any more.
    """
    _step(visit_id, form_key, ApplicationStatus.EN_ROUTE, VisitStatus.EN_ROUTE, actor=actor)


@transactional
def arrive(visit_id: int, form_key: str, *, actor: Actor | None) -> None:
    """Come in: the work begins, and the contract is there with its number even if nobody prepared it.

    Raises:
        NotFound, WrongTransition: as in `depart`.
    """
    visit = _step(visit_id, form_key, ApplicationStatus.INSTALLING, VisitStatus.STARTED, actor=actor)
    if visit is None:
        return
    Visit.update(started_at=now()).where(Visit.id == visit.id).execute()
    contracts.draft_for_application(visit.application.number, actor=actor)


@transactional
def no_access(visit_id: int, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Nobody opened: the operator arranges another time.

    Raises:
        NotFound, WrongTransition: as in `depart`.
        InvalidField: `reason` is empty or too long.
    """
    own_visit(visit_id, actor, lock=True)
    reason = _reason(reason)
    _step(visit_id, form_key, ApplicationStatus.NO_ACCESS, VisitStatus.NO_ACCESS, actor=actor, reason=reason)


@transactional
def fail(visit_id: int, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Stop without a contract: it cannot be connected now, or the client does not sign. Devices go back into the car.

    Before the papers are ready the application can be scheduled again; a client who refused to sign has cancelled
    it, and the draft of his contract is void.

    Raises:
        NotFound, WrongTransition: as in `depart`.
        InvalidField: `reason` is empty or too long.
    """
    visit = own_visit(visit_id, actor, lock=True)
    reason = _reason(reason)
    refused = visit.application.status == ApplicationStatus.CONTRACT_SIGNING
    outcome = ApplicationStatus.CANCELLED if refused else ApplicationStatus.FAILED
    if _step(visit_id, form_key, outcome, VisitStatus.FAILED, actor=actor, reason=reason) is None:
        return
    contract = _contract(visit)
    if contract is not None:
        equipment.take_back(contract)
    if refused:
        assert actor is not None  # own_visit has asked
        promo_codes.release(visit.application.id)
        contracts.void_draft(visit.application, actor=actor)


@transactional
def record_line(visit_id: int, form: LineForm, *, actor: Actor | None) -> None:
    """Write down what the meter and the speed test say; a second time corrects the first.

    Raises:
        NotFound, WrongTransition: not his visit, or not at the client now.
        InvalidForm: see `line_quality.read`.
    """
    visit = _at_the_client(visit_id, actor)
    reading = line_quality.read(form, technology_of(visit.application))
    values = {
        'line_level_dbm': reading.level,
        'down_mbit': reading.down_mbit,
        'up_mbit': reading.up_mbit,
        'note': reading.note,
        'updated_at': now(),
    }
    if VisitReport.update(**values).where(VisitReport.visit == visit).execute() == 0:
        VisitReport.create(visit=visit, **values)
    _noted(visit, 'visit.line', actor, level=str(reading.level or ''), down=reading.down_mbit, up=reading.up_mbit)


@transactional
def record_equipment(visit_id: int, code: str, serial: str, mac: str, *, actor: Actor | None) -> None:
    """Write down which device was put in; a second time corrects the first.

    Raises:
        NotFound, WrongTransition: not his visit, not at the client now, or no such device in the package.
        InvalidField: `serial` or `mac`.
    """
    visit = _at_the_client(visit_id, actor)
    contract = _contract(visit)
    if contract is None:
        raise WrongTransition
    unit = equipment.record(visit.application, contract, code, serial=serial, mac=mac)
    _noted(visit, 'visit.equipment', actor, code=code, serial=unit.serial, mac=unit.mac)


@transactional
def fill_papers(visit_id: int, form: PapersForm, *, actor: Actor | None) -> tuple[str, ...]:
    """Put the client's papers into the contract; returns what should be looked at again.

    Raises:
        NotFound, WrongTransition: not his visit, or not at the client now.
        InvalidForm: with an error for each wrong field.
    """
    visit = _at_the_client(visit_id, actor)
    contract = _contract(visit)
    if contract is None:
        raise WrongTransition
    return contracts.fill_papers(contract.number, form, actor=actor).doubts


@transactional
def begin_signing(visit_id: int, form_key: str, *, actor: Actor | None) -> None:
    """Go to the signature: equipment, line and papers are there, the client has read the contract.

    Raises:
        NotFound, WrongTransition: as in `depart`.
        NotReady: something is missing.
    """
    visit = own_visit(visit_id, actor, lock=True)
    contract = _contract(visit)
    if contract is None:
        raise WrongTransition
    report = VisitReport.get_or_none(VisitReport.visit == visit)
    if gaps := activation.missing(visit, facts_of(contract, visit.application, report)):
        raise activation.NotReady(missing=', '.join(gaps))
    _step(visit_id, form_key, ApplicationStatus.CONTRACT_SIGNING, VisitStatus.STARTED, actor=actor)


def sign(visit_id: int, signature: str, form_key: str, *, actor: Actor | None) -> str:
    """Take the client's signature and activate the contract; see `activation.sign_and_activate`."""
    return activation.sign_and_activate(visit_id, signature, form_key, actor=actor)


@transactional
def complete(visit_id: int, *, actor: Actor | None) -> None:
    """Leave: the contract is signed and the client has his access. A repeat changes nothing.

    Raises:
        NotFound: not his visit.
        WrongTransition: the contract is not signed.
        AccessNotGiven: the one-time password was not shown yet.
    """
    visit = own_visit(visit_id, actor, lock=True)
    if visit.status == VisitStatus.COMPLETED:
        return
    contract = _contract(visit)
    if visit.application.status != ApplicationStatus.ACTIVATED or contract is None:
        raise WrongTransition
    if not credentials.is_issued(contract):
        raise AccessNotGiven
    credentials.seal(contract.number, actor=actor)
    Visit.update(status=VisitStatus.COMPLETED, completed_at=now()).where(Visit.id == visit.id).execute()
    _noted(visit, 'visit.complete', actor)


def _step(
    visit_id: int,
    form_key: str,
    outcome: ApplicationStatus,
    status: VisitStatus,
    *,
    actor: Actor | None,
    reason: str = '',
) -> Visit | None:
    """Move the application and the visit together; None when this very click was carried out before."""
    visit = own_visit(visit_id, actor, lock=True)
    assert actor is not None  # own_visit has asked
    if application_steps.was_done(visit.application, form_key):
        return None
    if visit.status not in WORKING:
        raise WrongTransition
    application_steps.advance(visit.application.id, outcome, actor_id=actor.user_id, note=reason, form_key=form_key)
    Visit.update(status=status, reason=reason).where(Visit.id == visit.id).execute()
    audit.note(f'visit.{outcome}', f'visit:{visit.id}', actor=actor, reason=reason)
    record(VisitChanged(visit.id, visit.technician_id))
    return visit


def _at_the_client(visit_id: int, actor: Actor | None) -> Visit:
    visit = own_visit(visit_id, actor, lock=True)
    if visit.application.status not in AT_THE_CLIENT or visit.status != VisitStatus.STARTED:
        raise WrongTransition
    return visit


def _noted(visit: Visit, action: str, actor: Actor | None, **facts: Any) -> None:
    audit.note(action, f'visit:{visit.id}', actor=actor, **facts)
    record(VisitChanged(visit.id, visit.technician_id))
    record(ApplicationChanged(visit.application.id))


def _contract(visit: Visit) -> Contract | None:
    contract: Contract | None = Contract.get_or_none(Contract.application == visit.application)
    return contract


def _reason(typed: object) -> str:
    return clean_text('reason', typed, rule='visit_reason', required=True)
