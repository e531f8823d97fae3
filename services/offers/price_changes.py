"""A new price of a tariff, a TV package, a monthly add-on or the rent of a device: announced to those who have it, from
the 1st of a coming month, taken back until then. The letters are written by services/offers/price_letters.py."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.base import is_postgres
from models.catalogue import AddOn, AddOnKind, Equipment, Tariff, TvPackage
from models.price import CataloguePrice
from models.user import Role
from services import audit, limits, rules
from services.authority import Actor, require_role
from services.clock import now, today
from services.errors import N_, DomainError, InvalidField, InvalidForm, NotFound, gathered
from services.input_text import clean_text
from services.money import ZERO, round_money
from services.offers.price_audience import count_touched
from services.offers.prices import COLUMNS, Priced, fee_on, is_of, thing_of
from services.quotes.subscription import next_month
from services.runner import transactional

FURTHEST = limits.span('price_ahead')
SUBJECTS = {Tariff: 'tariff', TvPackage: 'tv', AddOn: 'addon', Equipment: 'rent'}
LEAST_FEE, MOST_FEE = Decimal('0.01'), Decimal('1000.00')


class PriceWaits(DomainError):
    """One price is announced already, and people were told."""

    message = N_('Цена {fee} с {on} уже объявлена. Отзовите её, чтобы объявить другую.')


@dataclass(frozen=True)
class _Announcement:
    """A price as it is announced."""

    fee: Decimal
    vat_rate: int
    starts_on: date
    reason: str


@transactional
def announce(code: str, fee: str, vat_rate: str, starts_on: str, reason: str, *, actor: Actor | None) -> int:
    """Announce a price, to everybody who has the thing; returns the id of the price.

    The letters follow at once, batch by batch. The same announcement again answers the same and writes to nobody.

    Args:
        code: of a tariff, a TV package, a monthly add-on or a device that is rented.
        fee: as typed, rubles a month with VAT, like «31,90».
        vat_rate: percent inside the fee, as typed.
        starts_on: ISO date, the 1st of a month after the notice of prices: a month is paid by the price of its 1st.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: nothing with a price of its own has this code.
        InvalidForm: what is wrong in `fee`, `vat_rate`, `starts_on`, `reason`.
        PriceWaits: another price is announced and has not begun.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    thing = locked(code)
    new, errors = _checked(thing, fee, vat_rate, starts_on, reason)
    if new is None:
        raise InvalidForm(errors)
    waiting = coming_row(thing)
    if waiting is not None:
        if (waiting.monthly_fee, waiting.vat_rate, waiting.starts_on) == (new.fee, new.vat_rate, new.starts_on):
            return int(waiting.id)
        raise PriceWaits(fee=waiting.monthly_fee, on=waiting.starts_on)
    row = CataloguePrice.create(
        **{COLUMNS[type(thing)].name: thing},
        monthly_fee=new.fee,
        vat_rate=new.vat_rate,
        starts_on=new.starts_on,
        announced_at=now(),
        set_by=actor.user_id,
        reason=new.reason,
    )
    before, told = fee_on(thing, today()), count_touched(thing, new.starts_on)
    facts = {'fee': str(new.fee), 'before': str(before), 'vat': str(new.vat_rate), 'on': new.starts_on.isoformat()}
    audit.note('price.announce', subject_of(thing), actor=actor, reason=new.reason, told=told, **facts)
    return int(row.id)


@transactional
def withdraw(price_id: int, *, actor: Actor | None) -> None:
    """Take back a price that has not begun, and tell those who have the thing; once, however often called.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such price, or it is in force already: announce another one.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    is_id = isinstance(price_id, int) and not isinstance(price_id, bool)
    row: Any = CataloguePrice.get_or_none(CataloguePrice.id == price_id) if is_id else None
    if row is None or row.starts_on <= today():
        raise NotFound
    thing = locked(thing_of(row).code)
    taken_back = CataloguePrice.update(withdrawn_by=actor.user_id, withdrawn_at=now())
    if not taken_back.where((CataloguePrice.id == row.id) & CataloguePrice.withdrawn_at.is_null()).execute():
        return
    facts = {'fee': str(row.monthly_fee), 'on': row.starts_on.isoformat()}
    audit.note('price.withdraw', subject_of(thing), actor=actor, told=count_touched(thing, row.starts_on), **facts)


def earliest_day() -> date:
    """Return the first day a price announced today may begin: the 1st of a month, after the notice of the rules."""
    day = today() + timedelta(days=rules.current().price_notice_days)
    return day if day.day == 1 else next_month(day)


def coming_row(thing: Priced) -> Any:
    """Return the price that is announced and has not begun, None without one."""
    living = is_of(thing) & CataloguePrice.withdrawn_at.is_null() & (CataloguePrice.starts_on > today())
    return CataloguePrice.select().where(living).get_or_none()


def locked(code: object) -> Priced:
    """Return what `find` finds, its row held until the end of the transaction.

    Raises:
        NotFound: as there.
    """
    return find(code, is_held=is_postgres())


def find(code: object, *, is_held: bool = False) -> Priced:
    """Return what has this code and a price of its own.

    Raises:
        NotFound: nothing has; a one-off add-on has no versions, a trust credit costs what the rules say.
    """
    if not isinstance(code, str) or len(code) > 16:
        raise NotFound
    for query in (
        Tariff.select().where(Tariff.code == code),
        TvPackage.select().where(TvPackage.code == code),
        monthly_add_ons().where(AddOn.code == code),
        rented_devices().where(Equipment.code == code),
    ):
        found: Priced | None = (query.for_update() if is_held else query).get_or_none()
        if found is not None:
            return found
    raise NotFound


def monthly_add_ons() -> Any:
    """Return the query of the add-ons that have a price of their own a month."""
    return AddOn.select().where(AddOn.is_monthly & (AddOn.kind != AddOnKind.CREDIT))


def rented_devices() -> Any:
    """Return the query of the devices whose rent costs something."""
    return Equipment.select().where(Equipment.rent_fee > ZERO)


def subject_of(thing: Priced) -> str:
    """Return how the audit log names it."""
    return f'{SUBJECTS[type(thing)]}:{thing.code}'


def _checked(
    thing: Priced, fee: object, vat_rate: object, starts_on: object, reason: object
) -> tuple[_Announcement | None, dict[str, InvalidField]]:
    errors: dict[str, InvalidField] = {}
    rubles, percent, day, why = None, None, None, ''
    with gathered(errors):
        rubles = _checked_fee(thing, fee)
    with gathered(errors):
        percent = _checked_vat(vat_rate)
    with gathered(errors):
        day = _checked_day(starts_on)
    with gathered(errors):
        why = clean_text('reason', reason, rule='staff_reason', required=True)
    if errors or rubles is None or percent is None or day is None:
        return None, errors
    return _Announcement(rubles, percent, day, why), errors


def _checked_fee(thing: Priced, typed: object) -> Decimal:
    number = rules.typed_number(typed.strip(), fraction=2) if isinstance(typed, str) else None
    if number is None:
        raise InvalidField('fee', N_('Введите сумму, например 31,90.'))
    if not LEAST_FEE <= number <= MOST_FEE:
        raise InvalidField('fee', N_('Можно от {least} до {most}.'), least=LEAST_FEE, most=MOST_FEE)
    if number == fee_on(thing, today()):
        raise InvalidField('fee', N_('Столько стоит и сейчас. Введите другую сумму.'))
    return round_money(number)


def _checked_vat(typed: object) -> int:
    number = rules.typed_number(typed.strip(), fraction=0) if isinstance(typed, str) else None
    most = rules.definitions()['vat_services'].most
    if number is None or (most is not None and number > most):
        raise InvalidField('vat_rate', N_('Введите целое число процентов, не больше {most}.'), most=str(most))
    return int(number)


def _checked_day(typed: object) -> date:
    try:
        day = date.fromisoformat(typed) if isinstance(typed, str) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidField('starts_on', N_('Выберите день в календаре.'))
    first, last = earliest_day(), today() + FURTHEST
    if not first <= day <= last:
        raise InvalidField('starts_on', N_('Выберите день с {first} по {last}.'), first=first, last=last)
    if day.day != 1:
        raise InvalidField('starts_on', N_('Цена меняется с 1-го числа. Ближайшее — {on}.'), on=next_month(day))
    return day
