"""Turn a letter's template into subject, text and HTML; turn sums, dates and phones into words."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from html import escape
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services import clock
from services.contact_fields import phone
from services.i18n import translate
from services.i18n.record_words import record
from services.settings import get_settings

TEMPLATES = Path(__file__).parent / 'templates'
NBSP = '\u00a0'
RUBLES = {'ru': 'р.', 'be': 'р.', 'en': 'BYN'}
_OUR_PATH = r'(?:/(?:[A-Za-z0-9/_#?=&;.%-]*[A-Za-z0-9/_#=-])?)?(?!\.?[A-Za-z0-9:@-])'
_STYLE = 'font:16px/1.5 sans-serif;color:#15181E;max-width:36em'


def money(amount: Decimal, *, into: str = 'ru') -> str:
    """Return rubles as `30,00 р.` (`30.00 BYN`) with no-break spaces."""
    text = format_decimal(amount, format='#,##0.00', locale=into)
    return f'{text}{NBSP}{RUBLES[into]}'.replace('-', '\u2212')


def day(value: date | datetime, *, into: str = 'ru') -> str:
    """Return «14 декабря 2026»: a letter is read on another day, so it never says «завтра»."""
    calendar_day = clock.local(value).date() if isinstance(value, datetime) else value
    return format_date(calendar_day, 'd MMMM y', locale=into).replace(' ', NBSP)


def short_day(value: date, *, into: str = 'ru') -> str:
    """Return «14 декабря», of a day at most two weeks away; plain spaces, so that an English SMS stays a short one."""
    return format_date(value, 'd MMMM', locale=into)


def moment(value: datetime, *, into: str = 'ru') -> str:
    """Return «14 декабря 2026, 14:05» of a Minsk wall clock."""
    return f'{day(value, into=into)}, {clock.local(value):%H:%M}'


@lru_cache
def _environment(language: str) -> Environment:
    # Plain text: nothing to escape here; the HTML form is made from the finished text below.
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters.update(
        money=partial(money, into=language),
        day=partial(day, into=language),
        short_day=partial(short_day, into=language),
        moment=partial(moment, into=language),
        phone=phone,
        named=partial(translate, language),
        recorded=partial(record, into=language),
    )
    return environment


def render_letter(letter: str, facts: dict[str, object], language: str = 'ru') -> tuple[str, str, str]:
    """Return (subject, text, HTML) of a letter; in Russian what nobody wrote in that language (letters to employees).

    The first line of the template is the subject: the news itself (LOOK «Words»). Whom to ask stands under each letter.
    """
    language = _written(f'{letter}.', language)
    filled = _fill(f'{letter}.{language}.txt', facts, language)
    subject, _, text = filled.partition('\n')
    settings = get_settings()
    whom_to_ask = f'{settings.company_name}\n{phone(settings.company_hotline)} · {settings.company_mail}'
    text = f'{text.strip()}\n\n{whom_to_ask}\n'
    paragraphs = ''.join(f'<p>{linked(p)}</p>' for p in text.strip().split('\n\n'))
    html = f'<!doctype html><html lang="{language}"><body style="{_STYLE}">{paragraphs}</body></html>'
    return ' '.join(subject.split()), text, html


def render_sms(letter: str, facts: dict[str, object], language: str = 'ru') -> str:
    """Return the text of an SMS from `templates/<letter>.sms.<language>.txt`: one paragraph, no subject."""
    language = _written(f'{letter}.sms.', language)
    return ' '.join(_fill(f'{letter}.sms.{language}.txt', facts, language).split())


@lru_cache
def _written(start: str, language: str) -> str:
    return language if language in RUBLES and (TEMPLATES / f'{start}{language}.txt').exists() else 'ru'


def _fill(template: str, facts: dict[str, object], language: str) -> str:
    settings = get_settings()
    company = {
        'company': settings.company_name,
        'hotline': phone(settings.company_hotline),
        'mail': settings.company_mail,
        'url': settings.url,
    }
    return _environment(language).get_template(template).render(**company, **facts)


def linked(text: str) -> str:
    """Return the text as HTML: all of it escaped, addresses of this site (and no others) made links."""
    ours = re.escape(escape(get_settings().url)) + _OUR_PATH
    html = re.sub(ours, lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
    return html.replace('\n', '<br>')
