"""Applications of the demo in the states an operator meets: new ones, calls, checks, agreed ones, a planned visit."""

from dataclasses import dataclass, field
from datetime import timedelta

from models.application import Application, ApplicationEvent, ApplicationStatus
from models.user import Role, User
from services.applications import applications
from services.applications.applying import PRICE_LOCK
from services.authority import Actor
from services.clock import now, today
from services.numbering import next_number
from services.offers import promo_codes
from services.offers.constructor import make_offer
from services.offers.promo_codes import PromoPlace, address_key
from services.visits import visit_slots

_S = ApplicationStatus


@dataclass(frozen=True)
class Wish:
    """Who wants what and where; `minutes` ago it was sent. Names, phones and addresses are invented."""

    name: str
    phone: str
    email: str
    place: str  # region, locality, street, house, flat
    package: dict[str, str]
    minutes: int
    steps: tuple[ApplicationStatus, ...] = ()
    call: str = ''
    comment: str = ''
    extra: dict[str, str] = field(default_factory=dict)


WISHES = (
    Wish('Климова Дарья Олеговна', '+375291000101', 'klimova@example.by', 'minsk|Минск|ул. Демонстрационная|8|45',
         {'internet': 'I-100', 'tv': 'T-BASE', 'equipment': 'R-AC:rent', 'promo': 'OSEN3'}, 25,
         comment='Роутер хотелось бы поставить в коридоре.', extra={'entrance': '2', 'floor': '5'}),
    Wish('Савицкий Павел', '+375331000102', '', 'minsk|Минск|пр-т Примерный|23|7', {'internet': 'I-500'}, 190),
    Wish('Лукашик Ирина Петровна', '+375441000103', 'lukashik@example.by', 'minsk|Минск|ул. Учебная|3|18',
         {'internet': 'I-50', 'promo': 'DOM50'}, 60 * 22, (), 'later', 'Лучше звонить после шести.'),
    Wish('Гринь Олег', '+375251000104', '', 'borisov|Борисов|ул. Демонстрационная|8|31', {'internet': 'I-200'}, 60 * 26,
         (), 'no_answer'),
    Wish('Юркевич Марина Сергеевна', '+375291000105', 'yurkevich@example.by', 'zaslavl|Заславль|ул. Полевая|2|',
         {'house': 'private', 'internet': 'I-HOME', 'tv': 'T-SAT'}, 60 * 30, (_S.FEASIBILITY_CHECK,), 'reached'),
    Wish('Бондарь Артём Игоревич', '+375331000106', 'bondar@example.by', 'minsk|Минск|ул. Демонстрационная|12А|3',
         {'internet': 'I-200', 'tv': 'T-PLUS', 'equipment': 'R-AX:buy'}, 60 * 47, (_S.CONFIRMED,), 'reached'),
    Wish('Мороз Елена Викторовна', '+375291000107', 'moroz@example.by', 'minsk|Минск|пр-т Примерный|27|64',
         {'internet': 'I-100', 'tv': 'T-BASE'}, 60 * 50, (_S.CONFIRMED, _S.SCHEDULED), 'reached'),
)  # fmt: skip


def fill() -> None:
    """Write the applications and lead them through the same services an operator uses."""
    olga = User.get(User.login == 'olga')
    operator = Actor(olga.id, olga.name, Role.OPERATOR)
    technician = User.get(User.login == 'taras')
    for index, wish in enumerate(WISHES):
        application = send(wish, f'demo-{index}')
        key = f'demo-application-{index}'
        if wish.call:
            applications.record_call(application.number, wish.call, '', f'{key}-call', actor=operator)
        for step in wish.steps:
            if step == _S.SCHEDULED:
                _schedule(application.number, technician.id, f'{key}-visit', operator)
            else:
                applications.move(application.number, step, '', f'{key}-{step}', actor=operator)


def send(wish: Wish, form_key: str) -> Application:
    """Write one application as the form would have, some minutes ago."""
    slug, locality, street, house, flat = wish.place.split('|')
    key = address_key(locality, street, house, flat)
    query = {name: [value] for name, value in wish.package.items()}
    offer = make_offer(slug, query, address='demo', address_key=key)
    names = [*wish.name.split(), '', ''][:3]
    sent = now() - timedelta(minutes=wish.minutes)
    application: Application = Application.create(
        number=next_number('application'),
        tracker_hash=form_key,
        form_key=form_key,
        region=offer.region.id,
        last_name=names[0],
        first_name=names[1],
        patronymic=names[2],
        phone=wish.phone,
        email=wish.email,
        locality=locality,
        street=street,
        house=house,
        flat=flat,
        house_kind=offer.package.house,
        comment=wish.comment,
        package=offer.package.as_snapshot(),
        quote=offer.quote.as_snapshot(),
        price_until=today() + PRICE_LOCK,
        consent_version='demo',
        created_at=sent,
        updated_at=sent,
        **wish.extra,
    )
    ApplicationEvent.create(application=application, kind='status', to_status=_S.NEW, at=sent)
    if offer.quote.promo:
        promo_codes.reserve(application, offer.quote.promo, PromoPlace(offer.region.slug, offer.tariff, key))
    return application


def _schedule(number: str, technician_id: int, key: str, operator: Actor) -> None:
    """Take the first free slot of the technician."""
    for day in visit_slots.free_slots(actor=operator):
        for technician in day.technicians:
            for slot in technician.slots:
                if technician.technician_id == technician_id and slot.is_free:
                    visit_slots.schedule(number, technician_id, day.day, slot.hour, key, actor=operator)
                    return
