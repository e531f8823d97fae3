"""Offer, privacy notice and consents: which version stands now, and the hash that a consent keeps as proof.

The texts lie in `services/messages/legal/<language>/<kind>.html`. A changed text needs a new version here; a test
compares the fingerprints. A version is the same in every language: what somebody read is told by its hash.
They are an honest sample: before real people sign, the provider's lawyer replaces them.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.errors import N_
from services.i18n import LANGUAGES
from services.settings import get_settings

TEXTS = Path(__file__).parent / 'legal'


class LegalKind(StrEnum):
    """Which text."""

    OFFER = 'offer'
    PRIVACY = 'privacy'
    CONSENT_APPLICATION = 'consent_application'
    CONSENT_MARKETING = 'consent_marketing'
    CONSENT_WAITING = 'consent_waiting'


@dataclass(frozen=True)
class LegalText:
    """A text as people read it. `html` is ours and ready to be shown; `sha256` is of exactly this HTML.

    `language` is the one it is written in: Russian where there is no translation.
    """

    kind: LegalKind
    language: str
    version: str
    day: date
    title: str
    html: Markup
    sha256: str


_DAY = date(2026, 11, 1)
_NOW: dict[LegalKind, tuple[str, date, str]] = {
    LegalKind.OFFER: ('offer-1', _DAY, N_('Публичная оферта')),
    LegalKind.PRIVACY: ('privacy-2', date(2026, 11, 26), N_('Персональные данные')),
    LegalKind.CONSENT_APPLICATION: ('application-1', _DAY, N_('Данные из заявки')),
    LegalKind.CONSENT_MARKETING: ('marketing-1', _DAY, N_('Новости и акции')),
    LegalKind.CONSENT_WAITING: ('waiting-1', date(2026, 11, 26), N_('Лист ожидания')),
}


@lru_cache
def legal_text(kind: str, language: str = 'ru') -> LegalText:
    """Return the present text: offer | privacy | consent_application | consent_marketing | consent_waiting.

    Args:
        language: ru | be | en of whoever reads it; what is not translated is read in Russian.

    Raises:
        ValueError: no such kind.
    """
    wanted = LegalKind(kind)
    version, day, title = _NOW[wanted]
    settings = get_settings()
    written = language if language in LANGUAGES and _source(wanted, language).exists() else 'ru'
    environment = Environment(loader=FileSystemLoader(TEXTS / written), undefined=StrictUndefined, autoescape=True)
    html = environment.get_template(f'{wanted}.html').render(
        provider=settings.company_legal_name,
        unp=settings.company_unp,
        address=settings.company_address,
        mail=settings.company_mail,
        name=settings.company_name,
    )
    digest = hashlib.sha256(html.encode()).hexdigest()
    # The source is our own file and the settings in it are escaped by Jinja.
    return LegalText(wanted, written, version, day, title, Markup(html), digest)  # noqa: S704


def source_fingerprint(kind: str, language: str = 'ru') -> str:
    """Return SHA-256 of the file of a text, before the company's name is filled in: it moves only with the wording."""
    return hashlib.sha256(_source(LegalKind(kind), language).read_bytes()).hexdigest()


def _source(kind: LegalKind, language: str) -> Path:
    return TEXTS / language / f'{kind}.html'
