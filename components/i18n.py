"""Words, sums and dates in the visitor's language."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from nicegui import context

from services import clock, contact_fields
from services.errors import N_, DomainError, InvalidField
from services.i18n import LANGUAGES, SHORT_DATES, plural_form, record_words, translate

NBSP = '\u00a0'
MINUS = '\u2212'
RUBLES = {'ru': 'р.', 'be': 'р.', 'en': 'BYN'}
_of_request: ContextVar[str] = ContextVar('language', default='ru')
"""The language of a plain request; a live page says its own, because its handlers run elsewhere."""


def begin(language: str) -> None:
    """Note the language of the request whose task this is."""
    _of_request.set(language)


def language() -> str:
    """Return the language of the page we are in, else of the plain request; Russian where there is none.

    Of a page it is read from its request when needed: a ContextVar set by the page builder is lost in its handlers.
    """
    try:
        state = context.client.request.state
    except (RuntimeError, AttributeError):
        return _of_request.get()
    chosen = getattr(state, 'language', 'ru')
    return chosen if chosen in LANGUAGES else 'ru'


def _(text: str) -> str:
    """Return a Russian source string in the visitor's language."""
    return translate(language(), text)


def plural(number: int, one: str, few: str, many: str, *, into: str = '') -> str:
    """Return the number with the form of the word it asks for: 1 заявка, 2 заявки, 5 заявок.

    Args:
        one, few, many: Russian, not translated: the catalogue keeps the forms of other languages by them.
        into: the language; that of the page when left out.
    """
    return f'{number}{NBSP}{plural_form(into or language(), number, (one, few, many))}'


def money(amount: Decimal, *, sign: bool = False, into: str = '') -> str:
    """Return a sum as `29,90 р.` (`29.90 BYN`) with no-break spaces; with `sign`, a plus before what came in."""
    into = into or language()
    text = format_decimal(abs(amount), format='#,##0.00', locale=into)
    before = MINUS if amount < 0 else '+' if sign and amount > 0 else ''
    return f'{before}{text}{NBSP}{RUBLES[into]}'


def typed_sum(amount: Decimal) -> str:
    """Return a sum as people type it into a field: `29,90`."""
    return f'{amount:.2f}'.replace('.', ',')


def long_date(day: date | datetime, *, into: str = '') -> str:
    """Return «14 декабря», with the year when it is another one; soon days as «завтра, 14 декабря»."""
    into, day = into or language(), _day(day)
    today = clock.today()
    text = format_date(day, 'd MMMM' if day.year == today.year else 'd MMMM y', locale=into).replace(' ', NBSP)
    near = {0: N_('сегодня'), 1: N_('завтра'), -1: N_('вчера')}
    word = near.get((day - today).days)
    return f'{translate(into, word)}, {text}' if word else text


def month_name(day: date, *, into: str = '') -> str:
    """Return «Ноябрь 2026»."""
    return format_date(day, 'LLLL y', locale=into or language()).capitalize().replace(' ', NBSP)


def short_date(day: date | datetime, *, into: str = '') -> str:
    """Return `09.03.2026`, in English `9 Mar 2026`: there the figures alone would be read as September."""
    into = into or language()
    return format_date(_day(day), SHORT_DATES[into], locale=into).replace(' ', NBSP)


def clock_time(instant: datetime) -> str:
    """Return `14:05` of a Minsk wall clock."""
    return clock.local(instant).strftime('%H:%M')


def moment(instant: datetime, *, into: str = '') -> str:
    """Return «сегодня, 22 ноября, 14:05»."""
    return f'{long_date(instant, into=into)}, {clock_time(instant)}'


def speed(kbit: int, *, into: str = '') -> str:
    """Return `100 Мбит/с`, or `12,5 Мбит/с`."""
    into = into or language()
    unit = translate(into, N_('Мбит/с'))
    return f'{format_decimal(Decimal(kbit) / 1000, locale=into)}{NBSP}{unit}'


def figure(digits: str) -> str:
    """Return a figure kept as `0.0031` with all its digits, as the language of the page writes it: `0,0031`."""
    return digits if language() == 'en' else digits.replace('.', ',')


def decimal(number: Decimal, *, into: str = '') -> str:
    """Return a number that is no money as `7,4`: two digits at most, none that say nothing."""
    return format_decimal(number, format='#,##0.##', locale=into or language())


def record(title: str, *, into: str = '') -> str:
    """Return the title of an operation or a line, kept in Russian as it was booked, in the language of the page."""
    return record_words.record(title, into or language())


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
    return _(value) if isinstance(value, str) else value  # a name of the catalogue


def _day(day: date | datetime) -> date:
    return clock.local(day).date() if isinstance(day, datetime) else day
