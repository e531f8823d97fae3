"""Facts of a printed paper in words: parties, prices, devices. Plain values that become JSON for the template."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.application import Application
from models.contract import Contract
from models.visit import VisitReport
from services import clock, rules
from services.contact_fields import phone
from services.contracts import identity_papers
from services.contracts.contract_terms import OWNERSHIP_WORDS, Price, Terms, terms_of
from services.contracts.identity_papers import PaperKind, Papers
from services.messages.letters.render import moment, money
from services.settings import get_settings

COPIES = ('Экземпляр абонента', 'Экземпляр оператора')
DASH = '—'
PAPER_WORDS = {
    PaperKind.PASSPORT: 'Паспорт',
    PaperKind.ID_CARD: 'ID-карта',
    PaperKind.RESIDENCE_PERMIT: 'Вид на жительство',
    PaperKind.FOREIGN_PASSPORT: 'Паспорт иностранного гражданина',
}


@dataclass(frozen=True)
class Signature:
    """The client's signature: the SVG kept by us, its SHA-256, when, and before which technician."""

    svg: str
    sha256: str
    at: datetime
    technician: str


@dataclass(frozen=True)
class PaperFacts:
    """Everything the papers of one contract are made of; two of these are equal when the papers would be."""

    number: str
    city: str
    address: str
    name: str
    phone: str
    email: str
    papers: Papers | None
    terms: Terms
    line: tuple[tuple[str, str], ...] = ()


def facts_of(contract: Contract, application: Application, report: VisitReport | None = None) -> PaperFacts:
    """Read the facts of a contract; the papers are unsealed for it."""
    person = contract.subscriber
    return PaperFacts(
        number=contract.number,
        city=application.region.name,
        address=contract.address,
        name=person.full_name,
        phone=person.phone,
        email=person.email,
        papers=identity_papers.kept(person),
        terms=terms_of(contract, application),
        line=_line(report),
    )


def as_json(facts: PaperFacts, *, signature: Signature | None, copies: tuple[str, ...]) -> dict[str, Any]:
    """Return what the templates show. Without a signature the paper has blanks for hands and dates."""
    terms = facts.terms
    return {
        'number': facts.number,
        'city': f'г. {facts.city}',
        'date': _day(clock.local(signature.at).date()) if signature else '',
        'address': facts.address,
        'company': company(),
        'client': _client(facts),
        'tariff': terms.tariff,
        'down': _speed(terms.down_kbit),
        'up': _speed(terms.up_kbit),
        'has_tv': any(price.name.startswith('Телевидение') for price in terms.monthly),
        'monthly': _prices(terms.monthly),
        'monthly_total': money(terms.monthly_total),
        'once': _prices(terms.once),
        'once_total': money(terms.once_total),
        'promo': terms.promo,
        'first_days': rules.current().first_days_to_pay,
        'devices': [[d.name, d.serial or DASH, d.mac or DASH, OWNERSHIP_WORDS[d.ownership]] for d in terms.devices],
        'line': [list(pair) for pair in facts.line],
        'technician': signature.technician if signature else '',
        'signature': {**asdict(signature), 'at': moment(signature.at)} if signature else None,
        'copies': list(copies),
    }


def company() -> dict[str, str]:
    """Return who we are, as papers name us."""
    settings = get_settings()
    return {
        'name': settings.company_name,
        'legal': settings.company_legal_name,
        'unp': settings.company_unp,
        'bank': settings.company_bank,
        'address': settings.company_address,
        'hotline': phone(settings.company_hotline),
        'mail': settings.company_mail,
    }


def _client(facts: PaperFacts) -> dict[str, str]:
    papers = facts.papers
    given = 'выдана' if papers and papers.kind == PaperKind.ID_CARD else 'выдан'
    passport = f'{papers.passport}, {given} {papers.issued_by}, {_day(papers.issued_on)}' if papers else ''
    return {
        'name': facts.name,
        'document': PAPER_WORDS[papers.kind] if papers else 'Документ, кем и когда выдан',
        'contacts': ', '.join(filter(None, (phone(facts.phone), facts.email))),
        'passport': passport,
        'personal_number': (papers.personal_number or DASH) if papers else '',
        'birth_date': _day(papers.birth_date) if papers else '',
    }


def _line(report: VisitReport | None) -> tuple[tuple[str, str], ...]:
    if report is None or report.down_mbit is None or report.up_mbit is None:
        return ()
    rows = [('Скорость приёма', f'{report.down_mbit} Мбит/с'), ('Скорость передачи', f'{report.up_mbit} Мбит/с')]
    if report.line_level_dbm is not None:
        rows.insert(
            0, ('Уровень сигнала', f'{report.line_level_dbm.normalize():f} дБм'.replace('-', '−').replace('.', ','))
        )
    if report.note:
        rows.append(('Заметка', report.note))
    return tuple(rows)


def _prices(prices: tuple[Price, ...]) -> list[list[str]]:
    return [[price.name, money(price.sum).replace('-', '−')] for price in prices]


def _speed(kbit: int) -> str:
    return f'{Decimal(kbit) / 1000:f} Мбит/с'.replace('.', ',')


def _day(day: date) -> str:
    return day.strftime('%d.%m.%Y')
