"""A new price of a tariff: announced to those who have it, from the 1st of a coming month, taken back until then."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.base import is_postgres
from models.catalogue import Tariff
from models.price import TariffPrice
from models.user import Role
from services import audit, limits, rules
from services.authority import Actor, require_role
from services.clock import now, today
from services.errors import N_, DomainError, InvalidField, InvalidForm, NotFound, gathered
from services.input_text import clean_text
from services.messages.letters import prices as letters
from services.money import round_money
from services.offers.price_audience import touched_by
from services.offers.tariff_prices import fee_on
from services.quotes.subscription import next_month
from services.runner import transactional

FURTHEST = limits.span('price_ahead')
LEAST_FEE, MOST_FEE = Decimal('0.01'), Decimal('1000.00')


class PriceWaits(DomainError):
    """One price is announced already, and people were told."""

    message = N_('Для этого тарифа уже объявлена цена {fee} с {on}. Отзовите её, чтобы объявить другую.')


@dataclass(frozen=True)
class _Announcement:
    """A price as it is announced."""

    fee: Decimal
    vat_rate: int
    starts_on: date
    reason: str


@transactional
def announce(code: str, fee: str, vat_rate: str, starts_on: str, reason: str, *, actor: Actor | None) -> int:
    """Announce a price and write to everybody who has the tariff; returns the id of the price.

    The same announcement again answers the same and writes to nobody.

    Args:
        fee: as typed, rubles a month with VAT, like «31,90».
        vat_rate: percent inside the fee, as typed.
        starts_on: ISO date, the 1st of a month after the notice of prices: a month is paid by the price of its 1st.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such tariff.
        InvalidForm: what is wrong in `fee`, `vat_rate`, `starts_on`, `reason`.
        PriceWaits: another price is announced and has not begun.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    tariff = locked_tariff(code)
    new, errors = _checked(tariff, fee, vat_rate, starts_on, reason)
    if new is None:
        raise InvalidForm(errors)
    waiting = coming_row(tariff)
    if waiting is not None:
        if (waiting.monthly_fee, waiting.vat_rate, waiting.starts_on) == (new.fee, new.vat_rate, new.starts_on):
            return int(waiting.id)
        raise PriceWaits(fee=waiting.monthly_fee, on=waiting.starts_on)
    before = fee_on(tariff, today())
    row = TariffPrice.create(
        tariff=tariff,
        monthly_fee=new.fee,
        vat_rate=new.vat_rate,
        starts_on=new.starts_on,
        announced_at=now(),
        set_by=actor.user_id,
        reason=new.reason,
    )
    told = letters.price_announced(row, tariff, touched_by(tariff, new.starts_on), before=before)
    facts = {'fee': str(new.fee), 'before': str(before), 'vat': str(new.vat_rate), 'on': new.starts_on.isoformat()}
    audit.note('price.announce', f'tariff:{tariff.code}', actor=actor, reason=new.reason, told=told, **facts)
    return int(row.id)


@transactional
def withdraw(price_id: int, *, actor: Actor | None) -> None:
    """Take back a price that has not begun and write so to those who have the tariff; once, however often called.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such price, or it is in force already: announce another one.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    is_id = isinstance(price_id, int) and not isinstance(price_id, bool)
    row: Any = TariffPrice.get_or_none(TariffPrice.id == price_id) if is_id else None
    if row is None or row.starts_on <= today():
        raise NotFound
    tariff = locked_tariff(row.tariff.code)
    taken_back = TariffPrice.update(withdrawn_by=actor.user_id, withdrawn_at=now())
    if not taken_back.where((TariffPrice.id == row.id) & TariffPrice.withdrawn_at.is_null()).execute():
        return
    told = letters.price_withdrawn(row, tariff, touched_by(tariff, row.starts_on), before=fee_on(tariff, today()))
    facts = {'fee': str(row.monthly_fee), 'on': row.starts_on.isoformat()}
    audit.note('price.withdraw', f'tariff:{tariff.code}', actor=actor, told=told, **facts)


def earliest_day() -> date:
    """Return the first day a price announced today may begin: the 1st of a month, after the notice of the rules."""
    day = today() + timedelta(days=rules.current().price_notice_days)
    return day if day.day == 1 else next_month(day)


def coming_row(tariff: Tariff) -> Any:
    """Return the price that is announced and has not begun, None without one."""
    living = (TariffPrice.tariff == tariff) & TariffPrice.withdrawn_at.is_null() & (TariffPrice.starts_on > today())
    return TariffPrice.select().where(living).get_or_none()


def locked_tariff(code: object) -> Tariff:
    """Return a tariff by its code, its row held until the end of the transaction.

    Raises:
        NotFound: no such tariff.
    """
    if not isinstance(code, str) or len(code) > 16:
        raise NotFound
    query = Tariff.select().where(Tariff.code == code)
    found: Tariff | None = (query.for_update() if is_postgres() else query).get_or_none()
    if found is None:
        raise NotFound
    return found


def _checked(
    tariff: Tariff, fee: object, vat_rate: object, starts_on: object, reason: object
) -> tuple[_Announcement | None, dict[str, InvalidField]]:
    errors: dict[str, InvalidField] = {}
    rubles, percent, day, why = None, None, None, ''
    with gathered(errors):
        rubles = _checked_fee(tariff, fee)
    with gathered(errors):
        percent = _checked_vat(vat_rate)
    with gathered(errors):
        day = _checked_day(starts_on)
    with gathered(errors):
        why = clean_text('reason', reason, rule='staff_reason', required=True)
    if errors or rubles is None or percent is None or day is None:
        return None, errors
    return _Announcement(rubles, percent, day, why), errors


def _checked_fee(tariff: Tariff, typed: object) -> Decimal:
    number = rules.typed_number(typed.strip(), fraction=2) if isinstance(typed, str) else None
    if number is None:
        raise InvalidField('fee', N_('Введите сумму, например 31,90.'))
    if not LEAST_FEE <= number <= MOST_FEE:
        raise InvalidField('fee', N_('Можно от {least} до {most}.'), least=LEAST_FEE, most=MOST_FEE)
    if number == fee_on(tariff, today()):
        raise InvalidField('fee', N_('Тариф столько и стоит. Введите другую сумму.'))
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
