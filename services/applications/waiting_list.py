"""Лист ожидания: a visitor asks to be told when his house is connected; the letter goes when an operator says it is."""

from dataclasses import dataclass
from typing import Any

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
from services.offers.houses import Verdict, read_house, verdict_of
from services.offers.regions import get_region
from services.offers.spellings import house_key, street_key
from services.privacy import consents
from services.rate_limits import one_at_a_time, spend
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
    address: str
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
    region = get_region(form.region)
    drawn = form_tokens.opened(form.token, PURPOSE)
    if form.trap:
        raise LooksLikeBot
    checked = _checked(form)
    spend('waiting', address, most=MOST_AN_HOUR, window=HOUR)
    _store(region.id, checked, drawn.key, proof=(address, agent), language=language)


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
        phone = clean_phone('phone', form.phone) if form.phone or not form.email else ''
    with gathered(errors):
        email = clean_email('email', form.email)
    if not form.agreed:
        errors['agreed'] = InvalidField('agreed', N_('Без согласия записать вас не можем.'))
    if errors:
        raise InvalidForm(errors)
    known = read_house(form.region, *place.values())
    if known and known.verdict == Verdict.OPEN:
        raise AlreadyOpen
    keys = street_key(form.region, place['locality'], place['street']), house_key(form.region, *place.values())
    return _Checked(', '.join(place.values()), *keys, name, phone, email)


@transactional
def _store(region_id: int, checked: _Checked, form_key: str, *, proof: tuple[str, str], language: str) -> None:
    same = Waiting.phone == checked.phone if checked.phone else Waiting.email == checked.email
    one_at_a_time(f'waiting:{checked.house_key}', f'waiting:{form_key}')
    waits = (Waiting.house_key == checked.house_key) & Waiting.told_at.is_null() & same
    if Waiting.select().where((Waiting.form_key == form_key) | waits).exists():
        return
    waiting = Waiting.create(
        region=region_id,
        name=checked.name,
        phone=checked.phone,
        email=checked.email,
        address=checked.address,
        street_key=checked.street_key,
        house_key=checked.house_key,
        consent_version=legal_text(LegalKind.CONSENT_WAITING).version,
        language=language,
        form_key=form_key,
        created_at=now(),
    )
    consents.remember(LegalKind.CONSENT_WAITING, channel='site', address=proof[0], agent=proof[1], waiting=waiting)
    record(WaitingChanged())


def tell_connected(building: Building) -> int:
    """Write to everybody who waits for a house that can be connected now, once; returns how many letters.

    Inside the transaction that changed the house.
    """
    if verdict_of(building) != Verdict.OPEN:
        return 0
    region: Any = building.region
    key = house_key(region.slug, building.locality, building.street, building.house)
    waiting = list(Waiting.select().where((Waiting.house_key == key) & Waiting.told_at.is_null()).order_by(Waiting.id))
    if not waiting:
        return 0
    told = house_connected(waiting, building, region.slug)
    Waiting.update(told_at=now()).where(Waiting.id.in_([row.id for row in waiting])).execute()
    record(WaitingChanged())
    return told
