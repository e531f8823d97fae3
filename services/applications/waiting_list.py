"""Лист ожидания: a visitor asks to be told when his house is connected; the letter goes when an operator says it is."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from models.application import Waiting
from models.region import Building
from services import limits
from services.applications.application_form import clean_each
from services.clock import now
from services.contact_fields import clean_email, clean_name, clean_phone
from services.errors import N_, DomainError, InvalidField, InvalidForm, gathered
from services.events import WaitingChanged, record
from services.identity import form_tokens
from services.messages.legal_texts import LegalKind, legal_text
from services.messages.letters.coverage import house_connected
from services.offers import address_search
from services.offers.houses import Verdict, verdict_of
from services.offers.regions import get_region
from services.offers.spellings import house_key, street_key, town_words
from services.privacy import consents
from services.rate_limits import network, one_at_a_time, spend
from services.runner import transactional

PURPOSE = 'waiting'
MOST_AN_HOUR, HOUR = limits.rate('waiting_requests')


@dataclass(frozen=True)
class WaitingForm:
    """What the form brought, as typed: `agreed` is the tick, `trap` the field people do not see."""

    region: str
    token: str
    locality: str = ''
    street: str = ''
    house: str = ''
    name: str = ''
    phone: str = ''
    email: str = ''
    agreed: str = ''
    trap: str = ''


class LooksLikeBot(DomainError):
    """The field people do not see was filled; a person whose browser did it sends again."""

    message = N_('Мы не уверены, что форму отправил человек. Отправьте её ещё раз.')


class AlreadyOpen(DomainError):
    """The house can be connected now: there is nothing to wait for."""

    message = N_('Этот дом уже можно подключить, ждать не нужно.')
    status = 409


@dataclass(frozen=True)
class _Checked:
    region: str
    place: tuple[str, ...]
    street_key: str
    house_key: str
    name: str
    phone: str
    email: str


def join(form: WaitingForm, *, address: str, agent: str, language: str = '') -> None:
    """Put somebody on the waiting list. Who waits for this house already is not put there twice, and is not told so.

    Args:
        address, agent: network address and browser of the visitor: for the limit and the proof of consent.
        language: ru | be | en of the page it was sent from: the letter about the house is written in it.

    Raises:
        InvalidForm: wrong fields by their names. AlreadyOpen: nothing to wait for.
        FormStale, LooksLikeBot: the form has to be sent once more.
        TooManyRequests: this address sent too many.
        NotFound: no such region.
    """
    get_region(form.region)
    drawn = form_tokens.opened(form.token, PURPOSE)
    if form.trap:
        raise LooksLikeBot
    checked = _checked(form)
    spend('waiting', network(address), most=MOST_AN_HOUR, window=HOUR)
    _store(checked, drawn.key, proof=(address, agent), language=language)


def _checked(form: WaitingForm) -> _Checked:
    errors: dict[str, InvalidField] = {}
    place, name, phone, email = {}, '', '', ''
    try:
        place = clean_each({part: getattr(form, part) for part in ('locality', 'street', 'house')})
    except InvalidForm as error:
        errors.update(error.errors)
    with gathered(errors):
        name = clean_name('name', form.name)
    with gathered(errors):
        phone = clean_phone('phone', form.phone) if form.phone else ''
    with gathered(errors):
        email = clean_email('email', form.email)
    if not form.phone and not form.email:
        errors['phone'] = InvalidField('phone', N_('Оставьте телефон или почту: так сообщим, что дом подключили.'))
    if not form.agreed:
        errors['agreed'] = InvalidField('agreed', N_('Без согласия записать вас не можем.'))
    if errors:
        raise InvalidForm(errors)
    region, place['locality'] = _town(form.region, place['locality'])
    keys = street_key(region, place['locality'], place['street']), house_key(region, *place.values())
    return _Checked(region, tuple(place.values()), *keys, name, phone, email)


def _town(region: str, locality: str) -> tuple[str, str]:
    """Return the region and the name of a town we know, whichever page it was typed on; what was typed for another."""
    town = address_search.look(region, locality).town
    if town and town_words(locality) in {town_words(town.locality), town_words(town.value)}:
        return town.region, town.locality
    return region, locality


def _is_open(checked: _Checked) -> bool:
    """Tell whether the house can be connected, whatever its spelling."""
    found = address_search.look(checked.region, *checked.place).house
    return (
        found is not None
        and found.is_open
        and house_key(found.region, found.locality, found.street, found.house) == checked.house_key
    )


@transactional
def _store(checked: _Checked, form_key: str, *, proof: tuple[str, str], language: str) -> None:
    one_at_a_time(f'waiting:{checked.house_key}', f'waiting:{form_key}')
    if _is_open(checked):
        raise AlreadyOpen
    waits = (Waiting.house_key == checked.house_key) & Waiting.told_at.is_null() & _same_person(checked)
    if Waiting.select().where((Waiting.form_key == form_key) | waits).exists():
        return
    waiting = Waiting.create(
        region=get_region(checked.region).id,
        name=checked.name,
        phone=checked.phone,
        email=checked.email,
        address=', '.join(checked.place),
        street_key=checked.street_key,
        house_key=checked.house_key,
        consent_version=legal_text(LegalKind.CONSENT_WAITING).version,
        language=language,
        form_key=form_key,
        created_at=now(),
    )
    address, agent = proof
    consents.remember(LegalKind.CONSENT_WAITING, language=language, address=address, agent=agent, waiting=waiting)
    record(WaitingChanged())


def _same_person(checked: _Checked) -> Any:
    by_phone = (Waiting.phone == checked.phone) & (Waiting.phone != '')
    return by_phone | (fn.LOWER(Waiting.email) == checked.email.lower()) & (Waiting.email != '')


def tell_connected(building: Building) -> int:
    """Write to everybody who waits for a house that can be connected now, once; returns how many letters.

    Inside the transaction that changed the house.
    """
    if verdict_of(building) != Verdict.OPEN:
        return 0
    region: Any = building.region
    key = house_key(region.slug, building.locality, building.street, building.house)
    one_at_a_time(f'waiting:{key}')  # who joins at this moment is on the list already, or sees an open house
    waiting = list(Waiting.select().where((Waiting.house_key == key) & Waiting.told_at.is_null()).order_by(Waiting.id))
    if not waiting:
        return 0
    told = house_connected(waiting, building, region.slug)
    Waiting.update(told_at=now()).where(Waiting.id.in_([row.id for row in waiting])).execute()
    record(WaitingChanged())
    return told
