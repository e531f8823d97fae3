"""The cabinet without a browser: the first HTML of every page, native forms, and what others may not see."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from models.contract import DebtBlock
from models.rule import RuleChange
from models.user import Role
from services import limits
from services.accounts import billing, ledger
from services.clock import now, today
from services.offers import price_changes, shelf
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factors import make_all_stale

PAGES = (
    '/my/index',
    '/my/tariff',
    '/my/services',
    '/my/suspension',
    '/my/history',
    '/my/documents',
    '/my/profile',
)
ORIGIN = {'origin': 'http://test'}


def plain(html):
    return html.replace('\xa0', ' ').replace('&nbsp;', ' ').replace('&#34;', '"')


async def get(visitor, address):
    return plain((await visitor.http_client.get(address)).text)


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


def hidden(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


@with_connection
def balance(actor):
    return str(ledger.balance(contract_of(actor)))


@with_connection
def announced_price(ada):
    day = price_changes.earliest_day().isoformat()
    price_changes.announce('I-100', '31,90', '25', day, 'Подорожала магистраль', actor=ada)


async def test_the_first_page_has_balance_state_and_next_charge(someone, anna):
    page = await get(someone(anna), '/my/index')

    assert 'data-balance="4510"' in page
    assert '>45,10 р.<' in page
    assert re.search(r'Работает до \d+ \w+', page)
    assert '34,40 р.' in page
    assert page.count('>Пополнить<') == page.count('button--green') == 1


async def test_a_coming_price_is_told_with_the_ways_out(someone, anna, ada):
    visitor = someone(anna)
    assert 'До этого дня цена прежняя' not in await get(visitor, '/my/index')
    announced_price(ada)

    page = await get(visitor, '/my/index')
    assert re.search(r'Интернет «Комфорт» с \d+ \w+( \d{4})? — 31,90 р\.', page)
    assert all(f'<a href="{way}">' in page for way in ('/my/tariff', '/my/termination'))
    assert re.search(r'С \d+ \w+( \d{4})? — 31,90 р\.', await get(visitor, '/my/tariff'))


async def test_an_archived_tariff_says_so_to_its_subscriber(someone, anna, ada):
    with_connection(shelf.archive)('I-100', actor=ada)

    page = await get(someone(anna), '/my/tariff')
    assert 'Архивный' in page
    assert 'у вас он остаётся' in page


async def test_boris_is_told_why_and_what_brings_it_back(someone, boris):
    visitor = someone(boris)
    page = await get(visitor, '/my/index')

    assert 'data-balance="-1240"' in page
    assert 'Интернет остановлен за долг' in page
    answer = await send(visitor, '/my/promise', form_key=hidden(page, 'form_key'))
    assert answer.headers['location'] == '/my/index?done=promise'
    assert 'Действует обещанный платёж' in await get(visitor, '/my/index')


async def test_vera_goes_over_to_her_second_contract(someone, vera):
    visitor = someone(vera)
    assert 'Интернет приостановлен до' in await get(visitor, '/my/index')

    await send(visitor, '/my/contract', number='100004')

    assert 'Договор 100004' in await get(visitor, '/my/index')


async def test_a_contract_of_somebody_else_is_not_chosen(someone, anna, boris):
    visitor = someone(boris)

    answer = await send(visitor, '/my/contract', number='100001')

    assert answer.headers['location'] == '/my/index?problem=refused'
    assert '100001' not in await get(visitor, '/my/index')


async def test_the_tariff_changes_as_the_quote_said(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, '/my/tariff?to=I-200&when=next')

    assert 'Переход на «Драйв»' in page
    assert page.count('quote__row') == 4
    fields = {name: hidden(page, name) for name in ('quote_id', 'form_key', 'to', 'when')}
    for _ in range(2):
        answer = await send(visitor, '/my/tariff', **fields)
        assert answer.headers['location'] == '/my/tariff?done=changed'
    assert '«Драйв»' in await get(visitor, '/my/index')
    planned = await get(visitor, '/my/tariff')
    await send(visitor, '/my/tariff/cancel', change_id=hidden(planned, 'change_id'))
    assert 'Отменить смену тарифа' not in await get(visitor, '/my/tariff')


async def test_a_quote_that_changed_meanwhile_is_shown_anew(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, '/my/tariff?to=I-200&when=now')
    fields = {name: hidden(page, name) for name in ('quote_id', 'form_key', 'to', 'when')}
    factories.top_up(contract_of(anna), Decimal('5.00'))

    answer = await send(visitor, '/my/tariff', **fields)

    assert answer.headers['location'] == '/my/tariff?to=I-200&when=now&changed=1#quote'
    assert 'расчёт изменился' in await get(visitor, answer.headers['location'].split('#')[0])
    assert balance(anna) == '50.10'


@pytest.mark.parametrize(
    'address',
    [
        '/my/tariff?to=I-999',
        '/my/tariff?to=%3Cscript%3Ealert(1)%3C/script%3E&when=now',
        '/my/tariff?to=I-200&when=2026-99-99',
        '/my/services?add=NO',
        '/my/services?drop=NO',
        '/my/suspension?starts_on=%3Cb%3E&days=x',
        '/my/suspension?resume=1',
        '/my/history?before=abc',
        '/my/index?problem=%3Cb%3E&done=x',
    ],
)
async def test_nonsense_in_the_address_gets_a_page(someone, anna, address):
    answer = await someone(anna).http_client.get(address)

    assert answer.status_code == 200
    assert '<script>alert' not in answer.text
    assert '<b>' not in answer.text


async def test_a_wrong_length_is_told_beside_its_field_and_stays(someone, anna):
    page = await get(someone(anna), '/my/suspension?starts_on=2020-01-01&days=14')

    assert 'id="starts_on-error"' in page
    assert 'value="2020-01-01"' in page


async def test_an_add_on_is_connected_and_disconnected(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, '/my/services?add=A-IP')
    fields = {name: hidden(page, name) for name in ('quote_id', 'form_key', 'code')}

    assert (await send(visitor, '/my/services', **fields)).headers['location'] == '/my/services?done=connected'
    assert 'Отключить «Статический IP-адрес»' in await get(visitor, '/my/services?drop=A-IP')
    await send(visitor, '/my/services/disconnect', code='A-IP')
    assert 'Отключена, работает до' in await get(visitor, '/my/services')


async def test_the_fee_of_a_suspension_is_told_before_the_click(someone, anna, ada):
    start = today() + timedelta(days=40)  # nothing is returned for it, only the fee is charged
    fields = {'name': 'suspension_fee', 'value': '2.00', 'starts_on': today(), 'reason': 'проба', 'set_at': now()}
    with_connection(RuleChange.create)(set_by=ada.user_id, **fields)

    page = await get(someone(anna), f'/my/suspension?starts_on={start}&days=14')

    assert 'За каждую приостановку — 2,00 р.' in page
    assert 'Если вернётесь раньше, плата 2,00 р. не возвращается.' in page
    assert '>Приостановить и списать 2,00 р.<' in page


async def test_after_a_long_block_the_sum_to_come_back_has_the_fee(someone, boris):
    with_connection(lambda: DebtBlock.update(started_at=now() - timedelta(days=12)).execute())()

    overview, pay = await get(someone(boris), '/my/index'), await get(someone(boris), '/my/pay')

    assert 'Пополните счёт на 15,74 р. — интернет вернётся сразу.' in overview
    assert 'Из них 3,34 р. — восстановление после долгой блокировки.' in overview
    assert 'Восстановление интернета' in pay
    assert 'data-value="15,74"' in pay


async def test_a_trust_credit_stands_beside_the_services_and_keeps_the_internet_on(someone, anna):
    assert 'Кредит доверия даём на тарифах от 200 Мбит/с.' in await get(someone(anna), '/my/services')
    visitor, contract = driver(someone)
    page = await get(visitor, '/my/services?add=F-CRED')
    fields = {name: hidden(page, name) for name in ('quote_id', 'form_key', 'code')}

    assert 'Пока минус на счёте не больше 80,00 р., интернет не остановится.' in page
    assert (await send(visitor, '/my/services', **fields)).headers['location'] == '/my/services?done=connected'
    factories.top_up(contract, Decimal('-30.00'))
    assert 'Интернет работает в счёт кредита доверия' in await get(visitor, '/my/index')
    answer = await send(visitor, '/my/services/disconnect', code='F-CRED')
    assert 'потом отключайте кредит' in await get(visitor, answer.headers['location'].split('#')[0])


def driver(someone):
    """Return a visitor with the tariff I-200 and ten rubles, and his contract."""
    user = factories.make_user()
    contract = factories.make_contract(user=user, tariff='I-200', balance=Decimal('10.00'))
    return someone(factories.actor(user, Role.SUBSCRIBER, contract)), contract


async def test_every_charge_says_why(someone, anna):
    visitor = someone(anna)
    with_connection(billing.charge_activation)(contract_of(anna), actor_id=None)

    page = await get(visitor, '/my/history')

    assert 'Почему списано?' in page
    assert '<h4>Формула</h4>' in page
    assert '<h4>Основание</h4>' in page
    table = await visitor.http_client.get('/my/history.csv')
    assert table.headers['content-type'] == 'text/csv; charset=utf-8'
    assert table.content.startswith(b'\xef\xbb\xbf')


async def test_a_stale_session_comes_back_to_the_table_after_the_password(someone, anna):
    visitor = someone(anna)
    make_all_stale(anna)

    asked = await visitor.http_client.get('/my/history.csv')
    assert asked.headers['location'] == '/my/confirm?next=%2Fmy%2Fhistory%3Fcsv%3Dready'

    assert 'Теперь таблицу можно скачать' in (await visitor.http_client.get('/my/history?csv=ready')).text


async def test_too_many_tables_are_told_on_the_page(someone, anna):
    visitor = someone(anna)
    for _ in range(limits.count('history_exports')):
        assert (await visitor.http_client.get('/my/history.csv')).status_code == 200

    answer = await visitor.http_client.get('/my/history.csv')

    assert answer.headers['location'] == '/my/history?csv=later'
    assert 'Подождите час' in (await visitor.http_client.get('/my/history?csv=later')).text


@pytest.mark.parametrize('address', [*PAGES[1:], '/my/history.csv'])
async def test_a_stranger_is_led_to_the_door(someone, address):
    answer = await someone().http_client.get(address)

    assert answer.headers['location'].startswith('/my/index?next=')


@pytest.mark.parametrize('address', PAGES)
async def test_an_operator_is_led_home(someone, olga, address):
    assert (await someone(olga).http_client.get(address)).headers['location'] == '/operator/'


@pytest.mark.parametrize(
    'address',
    [
        '/my/tariff',
        '/my/tariff/cancel',
        '/my/services',
        '/my/services/disconnect',
        '/my/suspension',
        '/my/suspension/resume',
        '/my/promise',
        '/my/contract',
        '/my/profile/phone',
        '/my/profile/email',
    ],
)
@pytest.mark.parametrize('who', [None, 'olga'])
async def test_forms_of_others_change_nothing(someone, olga, who, address):
    answer = await send(someone(olga if who else None), address)

    assert answer.status_code == 303
    assert answer.headers['location'].startswith(('/my/index?next=', f'{address.rsplit("/", 1)[0]}'))


async def test_all_subscribers_have_the_same_functions(someone, anna, boris, vera):
    """What the person may do depends on his contract's state, where he may go does not."""
    found = []
    for actor in (anna, boris, vera):
        visitor = someone(actor)
        rail = re.search(r'<nav class="rail".*?</nav>', await get(visitor, '/my/index'), re.DOTALL)[0]
        statuses = [(await visitor.http_client.get(address)).status_code for address in PAGES]
        found.append((re.findall(r'href="([^"]+)"', rail), statuses))

    assert found[0] == found[1] == found[2]
    assert set(found[0][1]) == {200}
    assert len([address for address in found[0][0] if address.startswith('/my/')]) == 12
