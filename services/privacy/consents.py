"""Consents: which wording a person agreed to, when and from where, with the wording itself as proof; and its end."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from models.application import Application, Consent, Waiting
from models.contract import Contract, Subscriber
from models.privacy import ConsentText
from models.user import Role, Session, User
from services import audit
from services.authority import Actor, require_role
from services.clock import now
from services.messages.legal_texts import LegalKind, legal_text
from services.runner import transactional

PURPOSES = {
    LegalKind.CONSENT_APPLICATION: 'application',
    LegalKind.CONSENT_MARKETING: 'marketing',
    LegalKind.CONSENT_WAITING: 'waiting',
}
NEWS = PURPOSES[LegalKind.CONSENT_MARKETING]


@dataclass(frozen=True)
class ConsentLine:
    """A consent as its person sees it; `html` is the wording he read, empty when it was given before we kept them."""

    id: int
    purpose: str
    version: str
    channel: str
    given_at: datetime
    withdrawn_at: datetime | None
    address: str
    agent: str
    text_hash: str
    html: Markup

    @property
    def is_open(self) -> bool:
        """Tell whether it still holds."""
        return self.withdrawn_at is None


def remember(
    kind: LegalKind,
    *,
    language: str,
    address: str,
    agent: str,
    application: Application | None = None,
    user: User | None = None,
    waiting: Waiting | None = None,
) -> Consent:
    """Write a consent to the present wording, inside the caller's transaction; the wording is kept once.

    Args:
        language: ru | be | en of the page the wording stood on: it is proved as it was read.
        address, agent: network address and browser.
        user: the login it was given by in the cabinet; the others stand for what came with it on the site.
    """
    text = legal_text(kind, language)
    ConsentText.insert(
        sha256=text.sha256, kind=kind, version=text.version, html=str(text.html), first_used_at=now()
    ).on_conflict_ignore().execute()
    consent: Consent = Consent.create(
        application=application,
        user=user,
        waiting=waiting,
        purpose=PURPOSES[kind],
        text_version=text.version,
        text_hash=text.sha256,
        channel='cabinet' if user else 'site',
        given_at=now(),
        address=address[:64],
        agent=agent[:200],
    )
    return consent


def is_proved(consent: Consent) -> bool:
    """Tell whether the wording behind a consent is there, unchanged, under the hash and version it names."""
    text = ConsentText.get_or_none(ConsentText.sha256 == consent.text_hash)
    if text is None or text.version != consent.text_version:
        return False
    return hashlib.sha256(text.html.encode()).hexdigest() == consent.text_hash


def list_own(*, actor: Actor | None) -> tuple[ConsentLine, ...]:
    """Return the consents of the person, the newest first: those of the cabinet and of his applications."""
    actor = require_role(actor, Role.SUBSCRIBER)
    return lines_of(actor.user_id)


def lines_of(user_id: int) -> tuple[ConsentLine, ...]:
    """Return the consents of a login; the caller has asked who may know them."""
    rows = list(Consent.select().where(_of(user_id)).order_by(Consent.given_at.desc(), Consent.id.desc()))
    hashes = {row.text_hash for row in rows}
    texts = {text.sha256: text.html for text in ConsentText.select().where(ConsentText.sha256.in_(hashes))}
    return tuple(
        ConsentLine(
            id=row.id,
            purpose=row.purpose,
            version=row.text_version,
            channel=row.channel,
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
            address=row.address,
            agent=row.agent,
            text_hash=row.text_hash,
            html=Markup(texts.get(row.text_hash, '')),  # noqa: S704 - we wrote it down from our own texts
        )
        for row in rows
    )


@transactional
def withdraw_news(*, actor: Actor | None) -> int:
    """End every consent to news of the person, whatever it came with; a second call changes nothing."""
    actor = require_role(actor, Role.SUBSCRIBER)
    still = _of(actor.user_id) & (Consent.purpose == NEWS) & Consent.withdrawn_at.is_null()
    ended = int(Consent.update(withdrawn_at=now()).where(still).execute())
    if ended:
        audit.note('consent.withdraw', f'user:{actor.user_id}', actor=actor, purpose=NEWS)
    return ended


@transactional
def give_news(language: str = 'ru', *, actor: Actor | None) -> None:
    """Consent to news in the cabinet, where the wording stands above the button; one that holds is not doubled.

    Args:
        language: ru | be | en of that page.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    still = _of(actor.user_id) & (Consent.purpose == NEWS) & Consent.withdrawn_at.is_null()
    if Consent.select().where(still).exists():
        return
    session = Session.get_or_none(Session.token_hash == actor.session_hash)
    remember(
        LegalKind.CONSENT_MARKETING,
        language=language,
        address=actor.address,
        agent=session.agent if session else '',
        user=User.get_by_id(actor.user_id),
    )
    audit.note('consent.give', f'user:{actor.user_id}', actor=actor, purpose=NEWS)


def _of(user_id: int) -> Any:
    """Return the condition that a consent is this person's: his own, or of an application that became his contract."""
    applications = (
        Contract.select(Contract.application)
        .join(Subscriber)
        .where((Subscriber.user == user_id) & Contract.application.is_null(False))
    )
    return (Consent.user == user_id) | Consent.application.in_(applications)
