"""Turn a letter's template into subject, text and HTML; turn sums, dates and phones into words."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services import clock
from services.contact_fields import phone
from services.settings import get_settings

TEMPLATES = Path(__file__).parent / 'templates'
NBSP = '\u00a0'
_OUR_PATH = r'(?:/(?:[A-Za-z0-9/_#?=&;.%-]*[A-Za-z0-9/_#=-])?)?(?!\.?[A-Za-z0-9:@-])'
_STYLE = 'font:16px/1.5 sans-serif;color:#15181E;max-width:36em'


def money(amount: Decimal) -> str:
    """Return rubles as `30,00 р.` with no-break spaces."""
    text = format_decimal(amount, format='#,##0.00', locale='ru')
    return f'{text}{NBSP}р.'.replace('-', '\u2212')


def day(value: date | datetime) -> str:
    """Return «14 декабря 2026»: a letter is read on another day, so it never says «завтра»."""
    calendar_day = clock.local(value).date() if isinstance(value, datetime) else value
    return format_date(calendar_day, 'd MMMM y', locale='ru').replace(' ', NBSP)


def moment(value: datetime) -> str:
    """Return «14 декабря 2026, 14:05» of a Minsk wall clock."""
    return f'{day(value)}, {clock.local(value):%H:%M}'


@lru_cache
def _environment() -> Environment:
    # Plain text: nothing to escape here; the HTML form is made from the finished text below.
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters.update(money=money, day=day, moment=moment, phone=phone)
    return environment


def render_letter(letter: str, facts: dict[str, object]) -> tuple[str, str, str]:
    """Return (subject, text, HTML) of a letter in Russian.

    The first line of the template is the subject: the news itself (LOOK «Words»). Whom to ask stands under each letter.
    """
    filled = _fill(f'{letter}.ru.txt', facts)
    subject, _, text = filled.partition('\n')
    settings = get_settings()
    whom_to_ask = f'{settings.company_name}\n{phone(settings.company_hotline)} · {settings.company_mail}'
    text = f'{text.strip()}\n\n{whom_to_ask}\n'
    paragraphs = ''.join(f'<p>{linked(p)}</p>' for p in text.strip().split('\n\n'))
    html = f'<!doctype html><html lang="ru"><body style="{_STYLE}">{paragraphs}</body></html>'
    return ' '.join(subject.split()), text, html


def render_sms(letter: str, facts: dict[str, object]) -> str:
    """Return the text of an SMS from `templates/<letter>.sms.ru.txt`: one paragraph, no subject."""
    return ' '.join(_fill(f'{letter}.sms.ru.txt', facts).split())


def _fill(template: str, facts: dict[str, object]) -> str:
    settings = get_settings()
    company = {
        'company': settings.company_name,
        'hotline': phone(settings.company_hotline),
        'mail': settings.company_mail,
        'url': settings.url,
    }
    return _environment().get_template(template).render(**company, **facts)


def linked(text: str) -> str:
    """Return the text as HTML: all of it escaped, addresses of this site (and no others) made links."""
    ours = re.escape(escape(get_settings().url)) + _OUR_PATH
    html = re.sub(ours, lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
    return html.replace('\n', '<br>')
