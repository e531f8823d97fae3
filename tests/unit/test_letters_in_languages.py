"""Letters and SMS to subscribers are written in their language, with the same facts in each."""

from datetime import date
from decimal import Decimal

import pytest
from jinja2 import nodes

from models.outbox import OutgoingMessage
from models.user import User
from services.clock import now
from services.messages import letters
from services.messages.letters import recipients
from services.messages.letters.render import TEMPLATES, _environment, render_letter

STAFF = {'audit_broken', 'audit_head', 'books_broken', 'books_head', 'books_stopped', 'staff_password'}
"""Letters to employees; they are Russian."""
WRITTEN = sorted({file.name.removesuffix('.ru.txt') for file in TEMPLATES.glob('*.ru.txt')} - STAFF)


def facts_of(name, code):
    """Return what a template shows, with the filter of each: (fact, filter) pairs."""
    tree = _environment(code).parse((TEMPLATES / f'{name}.{code}.txt').read_text('utf-8'))
    shown = {(node.name, '') for node in tree.find_all(nodes.Name) if node.ctx == 'load'}
    return shown | {(str(node.node), node.name) for node in tree.find_all(nodes.Filter)}


@pytest.mark.parametrize('code', ['be', 'en'])
@pytest.mark.parametrize('name', WRITTEN)
def test_a_letter_tells_the_same_facts_in_each_language(name, code):
    assert facts_of(name, code) == facts_of(name, 'ru')


def test_what_is_not_translated_is_a_list():
    assert not {file.name for file in TEMPLATES.glob('*.be.txt')} & {f'{name}.be.txt' for name in STAFF}
    assert len(WRITTEN) > 50


@pytest.mark.parametrize(
    ('code', 'subject', 'words'),
    [
        ('ru', 'Интернет приостановлен с 1 декабря 2026', 'Здравствуйте, Анна.'),
        ('be', 'Інтэрнэт прыпынены з 1 снежня 2026', 'Добры дзень, Анна.'),
        ('en', 'The internet is suspended from 1 December 2026', 'Hello, Анна.'),
    ],
)
def test_a_letter_is_written_in_the_language_asked_for(code, subject, words):
    facts = {
        'name': 'Анна',
        'contract': '100001',
        'starts_on': date(2026, 12, 1),
        'ends_on': date(2026, 12, 15),
        'returned': Decimal('12.5'),
        'fee': Decimal(0),
    }
    told, text, html = render_letter('suspended', facts, code)

    assert told.replace('\u00a0', ' ') == subject
    assert words in text
    assert f'<html lang="{code}">' in html
    assert ('12.50\u00a0BYN' if code == 'en' else '12,50\u00a0р.') in text


def test_letters_to_employees_stay_russian():
    told, _text, html = render_letter('staff_password', {'name': 'Ольга', 'until': now()}, 'en')

    assert told == 'Вам выдали новый одноразовый пароль'
    assert '<html lang="ru">' in html


def test_the_account_says_the_language(db, anna):
    user = User.get_by_id(anna.user_id)
    User.update(language='be', phone='+375291112233').where(User.id == user.id).execute()

    letters.queue('data_erased', user.email, key='x:letter', name='Анна')
    letters.queue_sms('data_erased', '+375291112233', key='x:sms')
    letters.queue('data_erased', 'somebody@example.by', key='x:other', name='Пётр')

    told = {row.key: row for row in OutgoingMessage.select()}
    assert told['x:letter'].subject == 'Вашы даныя выдалены'
    assert 'вашы даныя выдалены' in told['x:sms'].text
    assert told['x:other'].subject == 'Ваши данные удалены'


def test_many_letters_ask_once_for_the_languages(db, anna):
    email = User.get_by_id(anna.user_id).email
    User.update(language='en').where(User.id == anna.user_id).execute()

    told = recipients.languages_of([email, 'nobody@example.by', '', *(f'x{n}@example.by' for n in range(500))])

    assert told[email] == 'en'
    assert 'nobody@example.by' not in told


def test_the_page_of_an_application_says_its_language(db, anna):
    email = User.get_by_id(anna.user_id).email

    letters.queue('data_erased', email, key='x:page', language='en', name='Anna')

    assert OutgoingMessage.get(OutgoingMessage.key == 'x:page').subject == 'Your data are erased'


@pytest.mark.parametrize(
    ('code', 'quoted'),
    [('ru', '«Аренда: Роутер Wi-Fi 6»'), ('be', '«Арэнда: Роутер Wi-Fi 6»'), ('en', '“Rental: Роутер Wi-Fi 6”')],
)
def test_a_letter_about_a_correction_quotes_the_operation_in_its_language(code, quoted):
    facts = {'name': 'Анна', 'contract': '100001', 'reason': 'Ошиблись', 'balance': Decimal(0), 'amount': Decimal(5)}

    text = render_letter('corrected', {**facts, 'reversed': 'Аренда: Роутер Wi-Fi 6'}, code)[1]

    assert quoted in text.replace('\u00a0', ' ')
