"""The page behind the secret link, its form for the visit: a stale tab, a way back, a browser without the key."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from models.application import ApplicationStatus
from models.visit import Visit, VisitStatus
from services.applications.applying import tracker_hash
from services.clock import now
from services.runner import with_connection
from services.work_calendar import instant
from tests import factories

pytestmark = pytest.mark.at('2026-11-24 12:00')  # a Tuesday
S = ApplicationStatus
TOKEN, OTHER = 'a-secret-of-32-characters-long-00', 'b-secret-of-32-characters-long-00'
ORIGIN = {'Origin': 'http://test'}


@with_connection
def application(token=TOKEN, **fields):
    return factories.make_application(**{'tracker_hash': tracker_hash(token), 'status': S.CONFIRMED, **fields}).number


@with_connection
def visits():
    return [(v.day.isoformat(), v.hour) for v in Visit.select().where(Visit.status == VisitStatus.PLANNED)]


class Client:
    """A visitor with the link of his letter."""

    def __init__(self, user):
        self.browser = user.http_client

    async def opens(self, token=TOKEN):
        number = (await self.browser.get(f'/application/{token}')).headers['location'].rpartition('/')[2]
        await self.browser.post(f'/application/{number}', data={'code': factories.PHONE[-4:]}, headers=ORIGIN)
        return number

    async def page(self, number):
        return await self.browser.get(f'/application/{number}')

    async def sends(self, number, **fields):
        return await self.browser.post(f'/application/{number}/visit', data=fields, headers=ORIGIN)


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page)[1]


async def test_whoever_comes_back_and_takes_another_time_gets_that_time(someone, taras):
    application()
    client = Client(someone())
    number = await client.opens()
    key = key_of((await client.page(number)).text)

    await client.sends(number, key=key, step='choose', slot='2026-11-25 13')
    assert visits() == [('2026-11-25', 13)]
    for _ in range(2):  # «Назад», and the button twice
        await client.sends(number, key=key, step='choose', slot='2026-11-26 9')
    assert visits() == [('2026-11-26', 9)]
    assert 'можно ещё 1' in (await client.page(number)).text
    await client.sends(number, key=key, step='cancel')
    assert visits() == []


async def test_a_tab_that_was_open_too_long_asks_for_the_digits_and_says_so(someone, taras):
    application()
    client = Client(someone())
    number = await client.opens()
    key = key_of((await client.page(number)).text)

    with time_machine.travel(now() + timedelta(hours=2, seconds=1), tick=False):
        answer = await client.sends(number, key=key, step='choose', slot='2026-11-25 13')

    assert answer.status_code == 403
    assert 'Введите последние четыре цифры телефона ещё раз.' in answer.text
    assert 'Нина' not in answer.text
    assert visits() == []


async def test_the_address_of_the_form_leads_to_the_page_it_stands_on(someone, taras):
    number = application()
    client = Client(someone())
    await client.opens()

    answer = await client.browser.get(f'/application/{number}/visit')

    assert (answer.status_code, answer.headers['location']) == (303, f'/application/{number}')
    answer = await client.browser.get(f'/application/{TOKEN}/visit')
    assert TOKEN not in answer.headers.get('location', '')


async def test_a_browser_that_holds_another_key_is_told_how_to_come(someone, taras):
    application()
    mine, other = Client(someone()), application(OTHER)
    await mine.opens()
    for tail, fields in (('/visit', {'step': 'cancel', 'key': 'k'}), ('', {'code': factories.PHONE[-4:]})):
        answer = await mine.browser.post(f'/application/{other}{tail}', data=fields, headers=ORIGIN)
        assert answer.status_code == 404
        assert 'Откройте заявку по ссылке' in answer.text


@pytest.mark.parametrize(
    ('status', 'words'),
    [
        (S.NO_ACCESS, 'Мастер приезжал и не застал вас'),
        (S.FAILED, 'Подключить с первого раза не вышло'),
        (S.FEASIBILITY_CHECK, 'Проверяем линию'),
        (S.SURVEY, 'Проверяем линию'),
    ],
)
async def test_what_did_not_go_as_planned_is_not_called_so(someone, taras, status, words):
    number = application(status=status)
    client = Client(someone())
    await client.opens()

    page = (await client.page(number)).text

    assert words in page
    assert 'Всё идёт по плану' not in page
    assert 'Выберите ниже' not in page


@pytest.mark.parametrize('status', [S.WAITLIST, S.NOT_FEASIBLE])
async def test_nobody_is_promised_a_call_within_two_hours_who_waits_for_a_line(someone, taras, status):
    number = application(status=status)
    client = Client(someone())
    await client.opens()

    assert 'в течение двух рабочих часов' not in (await client.page(number)).text


def words(page):
    """Return the text people see."""
    text = re.sub(r'<(script|style)[^>]*>.*?</\1>', ' ', page, flags=re.DOTALL)
    return ' '.join(re.sub(r'<[^>]+>', ' ', text).replace('\xa0', ' ').split())


async def test_the_price_that_is_kept_is_told_with_the_month_it_ends(someone):
    quote = {'lines': [], 'monthly': '20.93', 'monthly_later': '29.90', 'promo_months': 3, 'once': '7.50'}
    number = application(quote=quote, price_until=now().date() + timedelta(days=14))
    client = Client(someone())
    await client.opens()

    text = words((await client.page(number)).text)

    assert 'В месяц 20,93 р. — 3 месяца, дальше 29,90 р.' in text
    assert 'При подключении 7,50 р.' in text
    assert 'Цена закреплена до 8 декабря' in text


async def test_a_page_that_follows_learns_a_mark_and_nothing_without_the_pass(someone):
    number = application()
    client, stranger = Client(someone()), someone().http_client
    here = f'/application/{number}/state'
    assert (await stranger.get(here)).status_code == 404
    await client.browser.get(f'/application/{TOKEN}')
    assert ((await client.browser.get(here)).status_code, (await client.browser.get(here)).json()) == (403, {})
    await client.opens()
    assert list((await client.browser.get(here)).json()) == ['state']
    assert f'data-tracker="{(await client.browser.get(here)).json()["state"]}"' in (await client.page(number)).text


async def test_four_days_are_seen_at_once_and_the_others_on_demand(someone, taras):
    number = application()
    client = Client(someone())
    await client.opens()

    page = (await client.page(number)).text

    at_once, _more, others = page.partition('Другие дни')
    assert (at_once.count('class="slot-day"'), others.count('class="slot-day"') > 4) == (4, True)


@pytest.mark.parametrize(
    ('hours_before', 'shown', 'missing'),
    [
        (5, ['можно ещё 2 раза', 'Отменить визит'], 'меньше четырёх часов'),
        (3, ['До визита меньше четырёх часов'], 'Отменить визит'),
    ],
)
async def test_a_planned_visit_says_when_and_what_may_be_done(someone, taras, hours_before, shown, missing):
    number = application()
    client = Client(someone())
    await client.opens()
    key = key_of((await client.page(number)).text)
    await client.sends(number, key=key, step='choose', slot='2026-11-25 13')

    with time_machine.travel(instant(date(2026, 11, 25), 13) - timedelta(hours=hours_before), tick=False):
        await client.opens()
        text = words((await client.page(number)).text)

    assert 'с 13:00 до 15:00' in text
    assert [each for each in shown if each not in text] == []
    assert missing not in text
