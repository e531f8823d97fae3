"""Readings of traffic on the screens: an operator's table from file to books, and what a subscriber is shown."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.usage import TrafficUsage, UsageFile
from services import limits
from services.accounts import usage
from services.accounts.usage import Reading
from services.clock import today
from services.runner import with_connection
from tests import factories

GB = 1024**3
ORIGIN = {'origin': 'http://test'}


async def post_table(person, text):
    content = text if isinstance(text, bytes) else text.encode()
    files = {'table': ('usage.csv', content, 'text/csv')}
    return await person.http_client.post('/operator/usage/table', files=files, headers=ORIGIN)


def this_month():
    return today().replace(day=1)


def read(contract, gigabytes, period=None):
    with_connection(usage.take)([Reading(contract.number, period or this_month(), gigabytes * GB)])


def rows(model):
    return with_connection(lambda: list(model.select()))()


async def test_a_table_is_looked_at_and_taken_in(someone, olga):
    factories.make_contract('300001', tariff='I-10G')
    operator = someone(olga)
    assert 'Показаний ещё нет' in (await operator.http_client.get('/operator/usage')).text

    answer = await post_table(operator, f'300001;{today():%Y-%m};{12 * GB}\n999999;{today():%Y-%m};5')
    assert answer.status_code == 303
    page = (await operator.http_client.get(answer.headers['location'])).text
    assert 'такого договора нет' in page
    assert '12\u00a0ГБ' in page
    assert rows(TrafficUsage) == []

    table = answer.headers['location'].partition('table=')[2]
    taken = await operator.http_client.post('/operator/usage/take', data={'table': table}, headers=ORIGIN)
    assert taken.headers['location'] == '/operator/usage?done=1'
    assert [row.used_bytes for row in rows(TrafficUsage)] == [12 * GB]
    again = await operator.http_client.post('/operator/usage/take', data={'table': table}, headers=ORIGIN)
    assert again.headers['location'] == '/operator/usage?problem=gone'
    page = (await operator.http_client.get('/operator/usage?done=1')).text
    assert 'показания загружены' in page
    assert 'Последнее' in page


@pytest.mark.parametrize(
    ('content', 'problem'), [(b'', 'empty'), (b'\xff\xfe1\x00', 'wrong'), ('договор;месяц;байты', 'empty')]
)
async def test_a_file_that_is_no_table_comes_back_with_a_sentence(someone, olga, content, problem):
    operator = someone(olga)
    answer = await post_table(operator, content)

    if problem == 'wrong':  # it has a line, which cannot be read
        page = (await operator.http_client.get(answer.headers['location'])).text
        assert 'нужны три столбца' in page
        assert 'нечего загружать' in page
    else:
        assert answer.headers['location'] == f'/operator/usage?problem={problem}'
        assert rows(UsageFile) == []


async def test_a_file_that_is_too_large_is_refused(someone, olga):
    operator = someone(olga)
    most = limits.count('usage_file_bytes')
    line = f'999999;{today():%Y-%m};5\n'
    fits = line * (most // len(line) - 20)

    assert (await post_table(operator, fits)).headers['location'].startswith('/operator/usage?table=')
    assert (await post_table(operator, line * (most // len(line) + 20))).headers['location'].endswith('problem=file')
    assert len(rows(UsageFile)) == 1


@pytest.mark.parametrize('body', [{'data': {'table': 'text'}}, {'files': {'other': ('a', b'1')}}, {'content': b'\x00'}])
async def test_a_form_without_a_file_is_refused(someone, olga, body):
    answer = await someone(olga).http_client.post('/operator/usage/table', headers=ORIGIN, **body)

    assert answer.headers['location'] == '/operator/usage?problem=file'


async def test_nobody_else_brings_readings_in(someone, anna, taras):
    factories.make_contract('300001', tariff='I-10G')
    for person in (None, anna, taras):
        answer = await post_table(someone(person), f'300001;{today():%Y-%m};5')
        assert answer.headers['location'] == '/my/index'
    assert rows(UsageFile) == []


@pytest.fixture
def economist():
    user = factories.make_user(email='quota@example.by')
    contract = factories.make_contract('300002', user=user, tariff='I-10G', balance=Decimal('40.00'))
    return factories.actor(user, 'subscriber', contract), contract


async def overview(person):
    return (await person.http_client.get('/my/index')).text


async def test_the_overview_tells_what_is_left(someone, economist):
    actor, contract = economist
    read(contract, 7)
    page = await overview(someone(actor))

    assert 'Использовано 7 из 10 ГБ' in page
    assert 'осталось 3 ГБ' in page
    assert 'сверх тарифа' not in page


async def test_the_overview_tells_what_is_above_and_the_next_charge_holds_it(someone, economist):
    actor, contract = economist
    read(contract, 12)
    page = await overview(someone(actor))

    assert 'Использовано 12 из 10 ГБ' in page
    assert '5,32\u00a0р.' in page
    assert 'сверх тарифа' in page
    assert 'спишем' in page
    assert '16,22\u00a0р.' in page  # 10,90 + 5,32


async def test_a_change_of_tariff_says_how_the_traffic_of_its_month_counts(someone, economist):
    actor, contract = economist
    read(contract, 12)
    now, later = [
        (await someone(actor).http_client.get('/my/tariff', params={'to': 'I-100', 'when': when})).text
        for when in (f'{today().replace(day=1) + timedelta(days=40):%Y-%m}-15', 'next')
    ]

    for page in (now, later):
        assert 'В этом месяце использовано 12 из 10 ГБ.' in page
    assert 'Трафик в месяц перехода не обнуляется' in now
    assert 'Трафик сверх тарифа на сегодня' not in now
    assert 'Трафик сверх тарифа на сегодня — 5,32\u00a0р.' in later
    assert 'не обнуляется' not in later


async def test_between_unlimited_tariffs_a_change_says_nothing_of_traffic(someone, anna):
    page = (await someone(anna).http_client.get('/my/tariff', params={'to': 'I-200', 'when': 'now'})).text

    assert 'Переход на «' in page
    assert 'рафик' not in page.partition('Переход на «')[2].partition('</form>')[0]


async def test_an_unlimited_tariff_says_nothing_of_traffic(someone, anna):
    with_connection(usage.take)([Reading('100001', this_month(), 900 * GB)])

    assert 'Использовано' not in await overview(someone(anna))
