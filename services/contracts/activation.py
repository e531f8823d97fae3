"""The moment of the signature: the contract comes to life with everything that hangs on it, in one transaction."""

from dataclasses import dataclass
from datetime import timedelta

from models.application import Application, ApplicationStatus, Redemption
from models.catalogue import PromoKind
from models.contract import ConnectedAddOn, Contract, ContractStatus, Discount, Subscriber
from models.user import Role, User, UserRole
from models.visit import Visit, VisitReport
from services import audit
from services.accounts import billing
from services.applications import application_steps
from services.authority import Actor
from services.clock import now, today
from services.contracts import contract_terms, documents
from services.contracts.documents import Paper
from services.contracts.paper_facts import PaperFacts, Signature, facts_of
from services.errors import N_, DomainError, NotFound, WrongTransition
from services.events import ContractChanged, VisitChanged, record
from services.offers import promo_codes
from services.offers.prices import read_prices
from services.quotes.subscription import next_month
from services.runner import transactional
from services.visits import equipment, signatures
from services.visits.line_quality import is_recorded
from services.visits.visit_access import own_visit


class NotReady(DomainError):
    """Something is missing before the signature; `missing` names it in words."""

    message = N_('Подписывать рано. Сначала заполните: {missing}.')
    status = 409


@dataclass(frozen=True)
class _Case:
    """What is signed: the rows, and the facts the papers are made of."""

    visit: Visit
    contract: Contract
    facts: PaperFacts


def sign_and_activate(visit_id: int, signature: str, form_key: str, *, actor: Actor | None) -> str:
    """Take the client's signature and begin the contract; returns its number. A repeat changes nothing.

    The papers are made before the transaction, and in it compared with what is true by then.

    Raises:
        NotFound: not this technician's visit.
        InvalidField: the drawing is no signature.
        NotReady: equipment, line or papers are missing.
        WrongTransition: the visit is not at this step, or something changed while the papers were made.
    """
    visit = own_visit(visit_id, actor)
    assert actor is not None
    svg = signatures.validate(signature)
    if application_steps.was_done(visit.application, form_key):
        return _contract_of(visit.application).number
    facts = _case(visit).facts
    drawn = Signature(svg, signatures.fingerprint(svg), now(), actor.name)
    papers = documents.signed_papers(facts, drawn)
    return _activate(visit_id, facts, drawn, papers, form_key, actor=actor)


@transactional
def _activate(
    visit_id: int,
    facts: PaperFacts,
    drawn: Signature,
    papers: tuple[Paper, Paper],
    form_key: str,
    *,
    actor: Actor,
) -> str:
    visit = own_visit(visit_id, actor, lock=True)
    application = visit.application
    if application_steps.was_done(application, form_key):
        return _contract_of(application).number
    case = _case(visit)
    if case.facts != facts or case.contract.status != ContractStatus.DRAFT:
        raise WrongTransition
    application_steps.advance(application.id, ApplicationStatus.ACTIVATED, actor_id=actor.user_id, form_key=form_key)
    _begin(case.contract, drawn, application.language or 'ru')
    _connect(case.contract, application)
    _keep(visit, case.contract, drawn, papers)
    audit.note(
        'contract.sign',
        f'contract:{case.contract.number}',
        actor=actor,
        at=drawn.at.isoformat(),
        signature=drawn.sha256,
        contract=papers[0].sha256,
        act=papers[1].sha256,
    )
    billing.charge_activation(case.contract, actor_id=actor.user_id)
    record(VisitChanged(visit.id, visit.technician_id))
    record(ContractChanged(case.contract.id))
    return case.contract.number


def missing(visit: Visit, facts: PaperFacts) -> list[str]:
    """Return in words what must be there before the signature; empty when everything is (the hard gate)."""
    report = VisitReport.get_or_none(VisitReport.visit == visit)
    found = []
    if not all(device.is_recorded for device in facts.terms.devices):
        found.append(N_('оборудование'))
    if report is None or not is_recorded(report, equipment.technology_of(visit.application)):
        found.append(N_('проверку линии'))
    if facts.papers is None:
        found.append(N_('документы клиента'))
    return found


def _case(visit: Visit) -> _Case:
    if visit.application.status != ApplicationStatus.CONTRACT_SIGNING:
        raise WrongTransition
    contract = _contract_of(visit.application)
    report = VisitReport.get_or_none(VisitReport.visit == visit)
    facts = facts_of(contract, visit.application, report)
    if gaps := missing(visit, facts):
        raise NotReady(missing=', '.join(gaps))
    return _Case(visit, contract, facts)


def _contract_of(application: Application) -> Contract:
    query = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.application == application)
    contract: Contract | None = query.get_or_none()
    if contract is None:
        raise NotFound
    return contract


def _begin(contract: Contract, drawn: Signature, language: str) -> None:
    """Make the contract active from today and give its person a login, which has no password yet.

    He goes on to be written to in the language of his application.
    """
    contract.status, contract.signed_at, contract.active_on = ContractStatus.ACTIVE, drawn.at, today()
    contract.save(only=[Contract.status, Contract.signed_at, Contract.active_on])
    person = contract.subscriber
    user = User.create(
        name=person.full_name,
        first_name=person.first_name,
        email=person.email or None,
        phone=person.phone,
        language=language,
        must_change_password=True,
        created_at=now(),
    )
    UserRole.create(user=user, role=Role.SUBSCRIBER)
    person.user = user
    person.save(only=[Subscriber.user])


def _connect(contract: Contract, application: Application) -> None:
    equipment.install(contract)
    moment, prices = now(), read_prices()
    for add_on in contract_terms.chosen_add_ons(application):
        ConnectedAddOn.create(
            contract=contract,
            add_on=add_on,
            price=prices.fee(add_on, today()),
            starts_at=moment,
            ends_at=None if add_on.is_monthly else moment + timedelta(days=add_on.days or 0),
            form_key=f'activation:{contract.number}:{add_on.code}',
        )
    _discount(contract, application)


def _discount(contract: Contract, application: Application) -> None:
    """Turn the promo code into a discount on coming months; one on the connection is in the once-only sums already.

    It covers the rest of the first month and N full months; activated on the 1st, the first month is a full one.
    """
    effect = promo_codes.redeem(application.id)
    if effect is None or effect.kind == PromoKind.CONNECTION_PERCENT or not effect.months:
        return
    first = today().replace(day=1)
    last = first
    for _ in range(effect.months - (1 if today().day == 1 else 0)):
        last = next_month(last)
    Discount.create(
        contract=contract,
        redemption=Redemption.get(Redemption.application == application),
        kind=effect.kind,
        percent=effect.percent,
        amount=effect.amount,
        traffic_gb=effect.traffic_gb,
        first_month=first,
        last_month=last,
    )


def _keep(visit: Visit, contract: Contract, drawn: Signature, papers: tuple[Paper, Paper]) -> None:
    VisitReport.update(
        signature_svg=drawn.svg, signed_name=contract.subscriber.full_name, signed_at=drawn.at, updated_at=now()
    ).where(VisitReport.visit == visit).execute()
    documents.store(contract, 'contract', f'Договор {contract.number}', papers[0].pdf, is_signed=True)
    documents.store(contract, 'act', f'Акт {contract.number}', papers[1].pdf, is_signed=True)
