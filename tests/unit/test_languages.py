"""Three languages: nothing a visitor sees stays untranslated, and which language a page is in is decided in one place."""

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from starlette.responses import Response

from components import i18n, languages
from models.user import Role, User
from services.clock import MINSK
from services.i18n import LANGUAGES, NAMES, catalogue, plural_form, translate
from services.identity import own_language
from services.settings import get_settings
from tests import catalogues
from tests.catalogues import OTHERS

DAYS = ('день', 'дня', 'дней')
HOLE = re.compile(r'\{(\w*)\}')


@pytest.fixture(scope='module')
def asked():
    return catalogues.asked()


@pytest.fixture(scope='module')
def said():
    return {
        code: [message for _name, part in catalogues.parts(code) for message in part if message.id] for code in OTHERS
    }


def test_the_words_are_found(asked):
    assert len(asked) > 1000
    assert ('день', 'дней') in asked
    assert 'Почему — скажет банк, который выдал карту.' in asked, 'a mark inside another mark'
    assert {
        'Войти',
        'Номер договора',
        'Оставить заявку',
        'Пароль не подходит. Введите пароль от личного кабинета.',
    } <= set(asked)


@pytest.mark.parametrize('code', OTHERS)
def test_every_word_a_visitor_sees_is_translated(asked, code):
    assert catalogues.missing(code, asked) == {}, 'python -m tests.catalogues shows them as lines of a .po file'


@pytest.mark.parametrize('code', OTHERS)
def test_a_translation_has_the_holes_of_the_russian_text(said, code):
    for message in said[code]:
        if isinstance(message.id, str):
            assert sorted(HOLE.findall(message.id)) == sorted(HOLE.findall(message.string)), message.id
            assert message.id[:1].isspace() == message.string[:1].isspace(), message.id


@pytest.mark.parametrize(('code', 'forms'), [('be', 3), ('en', 2)])
def test_every_form_of_a_plural_is_there(said, code, forms):
    plurals = [message for message in said[code] if isinstance(message.id, tuple)]

    assert plurals
    for message in plurals:
        assert len(message.string) == forms, message.id
        assert all(message.string), message.id


def test_nothing_is_said_twice_in_different_words(said):
    for code in OTHERS:
        ids = [message.id for message in said[code]]
        assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]


def test_belarusian_has_no_russian_letters(said):
    """«и» and «щ» do not exist in Belarusian; names of things that stay Russian stand in quotes «…»."""
    for message in said['be']:
        for form in message.string if isinstance(message.string, tuple | list) else [message.string]:
            assert not re.search('[ищъИЩЪ]', re.sub('«[^»]*»', '', form)), form


def test_english_has_no_cyrillic(said):
    for message in said['en']:
        for form in message.string if isinstance(message.string, tuple | list) else [message.string]:
            assert not re.search('[А-яЁё]', re.sub('[«“][^»”]*[»”]', '', form)), form


@pytest.mark.parametrize(
    ('number', 'ru', 'be', 'en'),
    [
        (0, 'дней', 'дзён', 'days'),
        (1, 'день', 'дзень', 'day'),
        (2, 'дня', 'дні', 'days'),
        (5, 'дней', 'дзён', 'days'),
        (11, 'дней', 'дзён', 'days'),
        (21, 'день', 'дзень', 'days'),
        (24, 'дня', 'дні', 'days'),
        (111, 'дней', 'дзён', 'days'),
    ],
)
def test_a_number_chooses_the_form_of_its_word(number, ru, be, en):
    assert [plural_form(code, number, DAYS) for code in LANGUAGES] == [ru, be, en]
    assert i18n.plural(number, *DAYS, into='be') == f'{number}\u00a0{be}'


def test_a_word_nobody_translated_keeps_its_russian_forms():
    assert [plural_form('en', number, ('стул', 'стула', 'стульев')) for number in (1, 2, 5)] == [
        'стул',
        'стула',
        'стульев',
    ]
    assert translate('en', 'Такого нет ни в одном каталоге') == 'Такого нет ни в одном каталоге'


@pytest.mark.parametrize(('code', 'words'), [('ru', '1 229,90 р.'), ('be', '1 229,90 р.'), ('en', '1,229.90 BYN')])
def test_a_sum_is_written_as_people_write_it(code, words):
    assert i18n.money(Decimal('1229.9'), into=code).replace('\u00a0', ' ').replace('\u202f', ' ') == words
    assert i18n.money(Decimal('-1229.9'), into=code)[0] == '\u2212'
    assert i18n.money(Decimal(5), sign=True, into=code)[0] == '+'


@pytest.mark.parametrize(
    ('code', 'soon', 'far', 'short', 'month'),
    [
        ('ru', 'завтра, 10 марта', '9 декабря', '09.03.2026', 'Март 2026'),
        ('be', 'заўтра, 10 сакавіка', '9 снежня', '09.03.2026', 'Сакавік 2026'),
        ('en', 'tomorrow, 10 March', '9 December', '9 Mar 2026', 'March 2026'),
    ],
)
def test_a_day_is_written_as_people_write_it(code, soon, far, short, month):
    with time_machine.travel(date(2026, 3, 9).strftime('%Y-%m-%dT12:00:00+03:00'), tick=False):
        told = [
            i18n.long_date(date(2026, 3, 10), into=code),
            i18n.long_date(date(2026, 12, 9), into=code),
            i18n.short_date(date(2026, 3, 9), into=code),
            i18n.month_name(date(2026, 3, 9), into=code),
        ]
    assert [each.replace('\u00a0', ' ') for each in told] == [soon, far, short, month]
    assert MINSK


def test_a_speed_is_written_as_people_write_it():
    assert [i18n.speed(12_500, into=code).replace('\u00a0', ' ') for code in LANGUAGES] == [
        '12,5 Мбит/с',
        '12,5 Мбіт/с',
        '12.5 Mbit/s',
    ]


def scope_of(path, *, cookie='', browser='', actor=None):
    headers = [(b'cookie', cookie.encode())] if cookie else []
    headers += [(b'accept-language', browser.encode())] if browser else []
    return {'type': 'http', 'path': path, 'headers': headers, 'state': {'actor': actor}}


def settled(path, **facts):
    scope = scope_of(path, **facts)
    languages.settle(scope)
    return scope['state']['language'], scope['path']


@pytest.mark.parametrize(
    ('path', 'language', 'asked_for'),
    [
        ('/minsk/', 'ru', '/minsk/'),
        ('/be/minsk/', 'be', '/minsk/'),
        ('/en/minsk/kontakti/', 'en', '/minsk/kontakti/'),
        ('/en/minsk/packets-constructor/application', 'en', '/minsk/packets-constructor/application'),
        ('/be/', 'be', '/'),
        ('/be', 'be', '/'),
        ('/be/my/', 'ru', '/be/my/'),
        ('/be/my/index', 'ru', '/be/my/index'),
        ('/be/operator/', 'ru', '/be/operator/'),
        ('/be/assets/css/site.css', 'ru', '/be/assets/css/site.css'),
        ('/de/minsk/', 'ru', '/de/minsk/'),
        ('/be/be/minsk/', 'ru', '/be/be/minsk/'),
        ('/be/minsk', 'be', '/minsk'),
        ('/be/minsk/tarify/', 'be', '/minsk/tarify/'),
        ('/be/offer', 'ru', '/be/offer'),
    ],
)
def test_the_address_of_a_town_says_the_language(path, language, asked_for):
    assert settled(path, browser='ru') == (language, asked_for)


def test_the_address_wins_over_what_is_remembered():
    assert settled('/minsk/', cookie='language=be')[0] == 'ru'
    assert settled('/be/minsk/', cookie='language=en')[0] == 'be'


def test_what_is_no_page_of_a_town_leaves_the_choice_alone():
    assert settled('/offline', cookie='language=be')[0] == 'be'
    assert settled('/minsk', cookie='language=be')[0] == 'be'
    assert settled('/offer', cookie='language=en')[0] == 'en'


def test_elsewhere_the_cookie_wins_over_the_account_and_the_account_over_the_browser():
    anna = SimpleNamespace(role=Role.SUBSCRIBER, language='en')
    plain = SimpleNamespace(role=Role.SUBSCRIBER, language='ru')

    assert settled('/my/index', cookie='language=be', actor=anna)[0] == 'be'
    assert settled('/my/index', browser='be', actor=anna)[0] == 'en'
    assert settled('/my/index', browser='be', actor=plain)[0] == 'be'
    assert settled('/my/index', cookie='language=xx')[0] == 'ru'


@pytest.mark.parametrize('role', [Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR])
def test_consoles_are_russian(role):
    staff = SimpleNamespace(role=role, language='en')

    assert settled('/operator/', cookie='language=be', actor=staff)[0] == 'ru'
    assert settled('/my/index', cookie='language=be', actor=staff)[0] == 'ru'
    assert settled('/demo/mailbox', cookie='language=be')[0] == 'ru'


@pytest.mark.parametrize(
    ('browser', 'language'),
    [
        ('be', 'be'),
        ('be-BY,be;q=0.9,ru;q=0.8', 'be'),
        ('ru,be;q=0.9', 'ru'),
        ('pl,be;q=0.5,ru;q=0.4', 'be'),
        ('en-US,en;q=0.9', 'ru'),
        ('', 'ru'),
        ('*', 'ru'),
        (';;q=9,be;q=x', 'ru'),
    ],
)
def test_a_browser_gets_the_language_it_asks_for_first(browser, language):
    assert settled('/', browser=browser)[0] == language


def test_english_by_the_browser_is_the_providers_choice(monkeypatch):
    chosen = get_settings().model_copy(update={'browser_languages': 'be,en'})
    monkeypatch.setattr(languages, 'get_settings', lambda: chosen)

    assert settled('/', browser='en-US,en;q=0.9')[0] == 'en'


@pytest.mark.parametrize(('url', 'is_secure'), [('https://amigo.example', True), ('http://127.0.0.1:8080', False)])
def test_the_cookie_goes_over_tls_where_there_is_tls(monkeypatch, url, is_secure):
    chosen = get_settings().model_copy(update={'public_url': url})
    monkeypatch.setattr(languages, 'get_settings', lambda: chosen)

    assert ('Secure' in languages.keep(Response(), 'be').headers['set-cookie']) == is_secure


def test_a_wish_is_read_to_the_limit():
    assert settled('/', browser='x,' * ((languages.LONGEST - 2) // 2) + 'be')[0] == 'be'
    assert settled('/', browser='x,' * (languages.LONGEST // 2) + 'be')[0] == 'ru'


def test_a_person_keeps_his_language(db, anna):
    own_language.choose('be', actor=anna)
    own_language.choose('../etc', actor=anna)

    assert User.get_by_id(anna.user_id).language == 'be'


def test_a_catalogue_is_read_once():
    assert catalogue('be') is catalogue('be')
    assert set(NAMES) == set(LANGUAGES)
    assert not catalogue('../../etc').texts
