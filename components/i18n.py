"""Words, sums and dates in the visitor's language."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from nicegui import context

from services import clock, contact_fields
from services.errors import DomainError, InvalidField
from services.i18n import LANGUAGES, translate

NBSP = '\u00a0'
MINUS = '\u2212'


def language() -> str:
    """Return the language of the page we are in; Russian where there is none.

    It is read from the page's request when needed: a ContextVar set by the page builder is lost in its handlers.
    """
    try:
        state = context.client.request.state
    except (RuntimeError, AttributeError):
        return 'ru'
    chosen = getattr(state, 'language', 'ru')
    return chosen if chosen in LANGUAGES else 'ru'


def _(text: str) -> str:
    """Return a Russian source string in the visitor's language."""
    return translate(language(), text)


def plural(number: int, one: str, few: str, many: str) -> str:
    """Return the number with the form of the word it asks for: 1 заявка, 2 заявки, 5 заявок."""
    form = Locale('ru').plural_form(number)
    word = {'one': one, 'few': few}.get(form, many)
    return f'{number}{NBSP}{word}'


def money(amount: Decimal, *, sign: bool = False) -> str:
    """Return a sum as `29,90 р.` with no-break spaces; with `sign`, a plus before what came in."""
    text = format_decimal(abs(amount), format='#,##0.00', locale='ru')
    before = MINUS if amount < 0 else '+' if sign and amount > 0 else ''
    return f'{before}{text}{NBSP}р.'


def typed_sum(amount: Decimal) -> str:
    """Return a sum as people type it into a field: `29,90`."""
    return f'{amount:.2f}'.replace('.', ',')


def long_date(day: date | datetime) -> str:
    """Return «14 декабря», with the year when it is another one; soon days as «завтра, 14 декабря»."""
    day = _day(day)
    today = clock.today()
    text = format_date(day, 'd MMMM' if day.year == today.year else 'd MMMM y', locale='ru').replace(' ', NBSP)
    near = {0: _('сегодня'), 1: _('завтра'), -1: _('вчера')}.get((day - today).days)
    return f'{near}, {text}' if near else text


def month_name(day: date) -> str:
    """Return «Ноябрь 2026»."""
    return format_date(day, 'LLLL y', locale='ru').capitalize().replace(' ', NBSP)


def short_date(day: date | datetime) -> str:
    """Return `09.03.2026`."""
    return _day(day).strftime('%d.%m.%Y')


def clock_time(instant: datetime) -> str:
    """Return `14:05` of a Minsk wall clock."""
    return clock.local(instant).strftime('%H:%M')


def moment(instant: datetime) -> str:
    """Return «сегодня, 22 ноября, 14:05»."""
    return f'{long_date(instant)}, {clock_time(instant)}'


def speed(kbit: int) -> str:
    """Return `100 Мбит/с`, or `12,5 Мбит/с`."""
    return f'{format_decimal(Decimal(kbit) / 1000, locale="ru")}{NBSP}Мбит/с'


def decimal(number: Decimal) -> str:
    """Return a number that is no money as `7,4`: two digits at most, none that say nothing."""
    return format_decimal(number, format='#,##0.##', locale='ru')


def phone(number: str) -> str:
    """Return an E.164 number as people write it, on the screen as in letters."""
    return contact_fields.phone(number)


def error_text(error: DomainError) -> str:
    """Return what a refusal says, in the visitor's language, its facts filled in."""
    return filled(error.reason if isinstance(error, InvalidField) else error.message, error.facts)


def filled(template: str, facts: Mapping[str, object]) -> str:
    """Return a Russian template of a service in the visitor's language, its facts filled in."""
    return _(template).format(**{key: _fact(value) for key, value in facts.items()})


def _fact(value: object) -> object:
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return long_date(value)
    return value


def _day(day: date | datetime) -> date:
    return clock.local(day).date() if isinstance(day, datetime) else day
