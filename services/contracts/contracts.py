"""Договор before its signature: the draft with its number, and the client's papers in it."""

from dataclasses import dataclass

from models.application import CLOSED, Application, ApplicationStatus
from models.catalogue import Tariff, TvPackage
from models.contract import Contract, ContractStatus, Subscriber
from services import audit
from services.applications import application_steps
from services.authority import Actor, require_role
from services.clock import now
from services.contracts import identity_papers
from services.contracts.identity_papers import PapersForm
from services.errors import N_, DomainError, NotFound, WrongTransition
from services.events import ApplicationChanged, ContractChanged, record
from services.numbering import next_number
from services.runner import transactional
from services.visits import equipment
from services.visits.visit_access import PAPER_ROLES, require_paperwork

TOO_EARLY = frozenset(
    {
        ApplicationStatus.NEW,
        ApplicationStatus.IN_REVIEW,
        ApplicationStatus.NO_ANSWER,
        ApplicationStatus.FEASIBILITY_CHECK,
        ApplicationStatus.SURVEY,
        ApplicationStatus.NOT_FEASIBLE,
        ApplicationStatus.WAITLIST,
    }
)
"""Nobody has agreed on anything yet: there is nothing to write a contract about."""


class AlreadySigned(DomainError):
    """Papers of a signed contract are not changed here."""

    message = N_('Договор уже подписан, его данные здесь не меняются.')
    status = 409


@dataclass(frozen=True)
class Draft:
    """A contract that waits for its signature. `doubts` is what staff should look at again."""

    contract_id: int
    number: str
    has_papers: bool
    doubts: tuple[str, ...] = ()


@transactional
def draft_for_application(number: str, *, actor: Actor | None) -> Draft:
    """Make the contract of an application, with a number and the person in it; a second call returns the first one.

    Args:
        number: the application's number.

    Raises:
        NotFound: no such application, or a technician who does not go there.
        WrongTransition: nothing is agreed yet, or the application is closed.
    """
    actor = require_role(actor, *PAPER_ROLES)
    application = application_steps.locked_by_number(number)
    require_paperwork(application, actor)
    contract: Contract | None = Contract.get_or_none(Contract.application == application)
    if contract is not None and contract.status == ContractStatus.VOID:
        raise WrongTransition
    if contract is None:
        if application.status in TOO_EARLY | CLOSED:
            raise WrongTransition
        contract = _create(application)
        audit.note('contract.draft', f'contract:{contract.number}', actor=actor, application=application.number)
        record(ApplicationChanged(application.id))
    return _draft(contract)


@transactional
def fill_papers(number: str, form: PapersForm, *, actor: Actor | None) -> Draft:
    """Put passport, identification number and birth date into a draft; sealed, replaced by a second call.

    Args:
        number: the contract's number.

    Raises:
        NotFound: no such contract, or a technician who does not go there.
        InvalidForm: with an error for each wrong field.
        AlreadySigned: too late.
        WrongTransition: the application was closed, nothing will be signed.
    """
    actor = require_role(actor, *PAPER_ROLES)
    contract = draft_by_number(number)
    assert contract.application is not None
    require_paperwork(contract.application, actor)
    if contract.status == ContractStatus.VOID:
        raise WrongTransition
    if contract.status != ContractStatus.DRAFT:
        raise AlreadySigned
    papers = identity_papers.validate(form)
    identity_papers.keep(contract.subscriber, papers)
    audit.note('contract.papers', f'contract:{contract.number}', actor=actor)
    record(ApplicationChanged(contract.application.id))
    return _draft(contract)


def void_draft(application: Application, *, actor: Actor | None) -> None:
    """End the draft of an application that is closed without a signature; inside the caller's transaction.

    Its number is spent (a paper with it may be printed); devices go back into the car, and passport, identification
    number and birth date are erased: there is no purpose left to keep them for. A signed contract stays as it is.
    """
    contract: Contract | None = Contract.get_or_none(Contract.application == application)
    if contract is None or contract.status != ContractStatus.DRAFT:
        return
    equipment.take_back(contract)
    identity_papers.erase(contract.subscriber)
    Contract.update(status=ContractStatus.VOID).where(Contract.id == contract.id).execute()
    audit.note('contract.void', f'contract:{contract.number}', actor=actor, application=application.number)
    record(ContractChanged(contract.id))


def draft_by_number(number: str) -> Contract:
    """Return the contract with this number that came from an application, its application held till the end.

    Raises:
        NotFound: no such contract.
    """
    query = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.number == number)
    contract: Contract | None = query.get_or_none() if isinstance(number, str) else None
    if contract is None or contract.application is None:
        raise NotFound
    application_steps.locked(contract.application.id)
    return contract


def _create(application: Application) -> Contract:
    package = application.package
    subscriber = Subscriber.create(
        last_name=application.last_name,
        first_name=application.first_name,
        patronymic=application.patronymic,
        phone=application.phone,
        email=application.email,
        created_at=now(),
    )
    contract = Contract.create(
        number=_free_number(),
        subscriber=subscriber,
        application=application,
        region=application.region,
        address=application.address,
        house_kind=application.house_kind,
        tariff=Tariff.get(Tariff.code == package['tariff']),
        tv_package=TvPackage.get(TvPackage.code == package['tv']) if package.get('tv') else None,
        created_at=now(),
    )
    Application.update(contract_id=contract.id).where(Application.id == application.id).execute()
    return contract


def _free_number() -> str:
    """Return the next number; those brought along from elsewhere are passed over."""
    number = next_number('contract')
    while Contract.select().where(Contract.number == number).exists():
        number = next_number('contract')
    return number


def _draft(contract: Contract) -> Draft:
    papers = identity_papers.kept(contract.subscriber)
    return Draft(contract.id, contract.number, papers is not None, identity_papers.doubts(papers) if papers else ())
