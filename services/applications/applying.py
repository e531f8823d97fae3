"""«Отправить»: a form becomes an application, once; the price that was seen is the price that is kept."""

import hashlib
from dataclasses import dataclass
from typing import Any

import peewee

from models.application import Application, ApplicationEvent, ApplicationStatus
from services import field_rules, limits
from services.applications import suspicion
from services.applications.application_form import ApplicationForm, CleanedFields, clean_fields
from services.clock import now, today
from services.errors import N_, DomainError, InvalidField, InvalidForm
from services.events import ApplicationChanged, record
from services.identity import form_tokens, vault
from services.messages import letters
from services.messages.legal_texts import LegalKind, legal_text
from services.numbering import next_number
from services.offers import promo_codes
from services.offers.constructor import Offer, make_offer
from services.offers.packages import Query
from services.offers.promo_codes import PromoPlace, address_key
from services.privacy import consents
from services.quotes.connection import ConnectionQuote
from services.rate_limits import network, spend
from services.runner import transactional

PURPOSE = 'application'
PRICE_LOCK = limits.span('price_lock')
"""How long the price of an application is held (DOMAIN §5.2, `confirmed`)."""
LEAST_SECONDS = limits.span('application_form_time').total_seconds()
"""Nobody fills the form in less; who does is made to wait, because a browser may have filled it for a person."""
MOST_AN_HOUR, HOUR = limits.rate('applications')
"""Applications from one address: an office or a mobile operator shares one."""


@dataclass(frozen=True)
class Submitted:
    """What the person gets: the number, and the secret of the tracker's address."""

    number: str
    tracker: str


class PackageChanged(DomainError):
    """Since the form was drawn something of the package went out of sale, or its price changed."""

    message = N_(
        'Цена или состав пакета изменились, пока форма была открыта. Посмотрите новую цену и отправьте ещё раз.'
    )
    status = 409


def price_mark(quote: ConnectionQuote) -> str:
    """Return the usual price, promo aside, as the form remembers it."""
    return f'{quote.monthly_later}+{quote.usual_once}'


def seconds_to_wait(token: str) -> float:
    """Return how long a form that came back too fast should rest; 0 for people."""
    try:
        drawn = form_tokens.opened(token, PURPOSE)
    except form_tokens.FormStale:
        return 0.0
    return max(0.0, LEAST_SECONDS - (now() - drawn.drawn_at).total_seconds())


def offer_of(form: ApplicationForm, *, address: str) -> Offer:
    """Return the package of the form with the promo code typed in it, priced now; for showing the form again."""
    place = [_short(part) for part in (form.locality, form.street, form.house, form.flat)]
    key = address_key(*place) if place[1] and place[2] else ''
    return make_offer(form.region, with_promo(form.query, form.promo), address=address, address_key=key)


def _short(typed: object) -> str:
    """Whatever stands in a field of the address before it is checked: enough of it to know a house again."""
    return typed[: field_rules.most('street')] if isinstance(typed, str) else ''


def with_promo(query: Query, promo: str) -> Query:
    """Return an address query with this promo code in place of its own."""
    return {**query, 'promo': [promo]}


def submit(form: ApplicationForm, *, address: str, agent: str, language: str = '') -> Submitted:
    """Take an application.

    A second call with the same token answers like the first and stores nothing.

    Args:
        address, agent: network address and browser of the visitor: for limits and for the proof of consent.
        language: ru | be | en of the page it was sent from: the letters about it are written in it.

    Raises:
        InvalidForm: wrong fields by their names, the promo code among them.
        FormStale, PackageChanged, HumanAsked: the form has to be sent once more.
        TooManyRequests: this address sent too many, or guessed promo codes.
        NotFound: no such region.
    """
    drawn = form_tokens.opened(form.token, PURPOSE)
    tracker = form_tokens.secret_of(drawn, PURPOSE)
    if found := _already(drawn.key):
        return Submitted(found, tracker)
    if form.trap:
        suspicion.remember(address)
        raise suspicion.LooksLikeBot
    offer = offer_of(form, address=address)
    cleaned = _checked(form, offer)
    if offer.chosen.changed or price_mark(offer.quote) != form.price_seen:
        raise PackageChanged
    suspicion.require_human(form.captcha_token, form.captcha, address=address)
    spend(suspicion.SENT, network(address), most=MOST_AN_HOUR, window=HOUR)
    try:
        facts = {'tracker': tracker, 'form_key': drawn.key, 'language': language}
        return _store(form, cleaned, offer, proof=(address, agent), **facts)
    except peewee.IntegrityError:
        # The second half of a double click: the first one has just been stored.
        if found := _already(drawn.key):
            return Submitted(found, tracker)
        raise


def tracker_hash(token: str) -> str:
    """Return the hash under which a tracker's secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _already(form_key: str) -> str | None:
    found: Any = Application.get_or_none(Application.form_key == form_key)
    return found.number if found else None


def _checked(form: ApplicationForm, offer: Offer) -> CleanedFields:
    errors: dict[str, InvalidField] = {}
    cleaned = CleanedFields()
    try:
        cleaned = clean_fields(form)
    except InvalidForm as error:
        errors = error.errors
    if isinstance(offer.promo_error, InvalidField):
        errors['promo'] = offer.promo_error
    elif offer.promo_error is not None:
        raise offer.promo_error
    if errors:
        raise InvalidForm(errors)
    return cleaned


@transactional
def _store(
    form: ApplicationForm,
    cleaned: CleanedFields,
    offer: Offer,
    *,
    tracker: str,
    form_key: str,
    proof: tuple[str, str],
    language: str,
) -> Submitted:
    moment, values = now(), cleaned.values
    application: Application = Application.create(
        number=next_number('application'),
        tracker_hash=tracker_hash(tracker),
        form_key=form_key,
        region=offer.region.id,
        house_kind=offer.package.house,
        preferred_time=values['call_time'],
        package=offer.package.as_snapshot(),
        quote=offer.quote.as_snapshot(),
        price_until=today() + PRICE_LOCK,
        consent_version=legal_text(LegalKind.CONSENT_APPLICATION).version,
        language=language,
        created_at=moment,
        updated_at=moment,
        **{name: values[name] for name in _COLUMNS},
    )
    if values['intercom']:
        place = vault.aad_of('application', application.id, 'address_note')
        application.address_note = vault.seal(values['intercom'], aad=place)
        application.save(only=[Application.address_note])
    if offer.quote.promo:
        _reserve(application, offer, values)
    _remember_consents(application, form, proof, language)
    ApplicationEvent.create(application=application, kind='status', to_status=ApplicationStatus.NEW, at=moment)
    letters.application_received(application, tracker)
    record(ApplicationChanged(application.id))
    return Submitted(application.number, tracker)


_COLUMNS = (
    'last_name',
    'first_name',
    'patronymic',
    'phone',
    'email',
    'locality',
    'street',
    'house',
    'entrance',
    'floor',
    'flat',
    'comment',
)


def _reserve(application: Application, offer: Offer, values: dict[str, str]) -> None:
    key = address_key(values['locality'], values['street'], values['house'], values['flat'])
    place = PromoPlace(offer.region.slug, offer.tariff, key)
    if offer.quote.promo is None:
        return
    try:
        promo_codes.reserve(application, offer.quote.promo, place)
    except InvalidField as error:
        raise InvalidForm({'promo': error}) from error


def _remember_consents(application: Application, form: ApplicationForm, proof: tuple[str, str], language: str) -> None:
    """The notice about the data of an application is shown, not asked (the contract is the basis); news are asked."""
    kinds = [LegalKind.CONSENT_APPLICATION] + ([LegalKind.CONSENT_MARKETING] if form.marketing else [])
    for kind in kinds:
        consents.remember(kind, language=language, address=proof[0], agent=proof[1], application=application)
