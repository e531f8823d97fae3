"""ERIP, other contracts, receipts and registers without a browser: first HTML, native forms, who may not."""

import re
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.erip import ClaimState, EripClaim
from models.payment import Payment
from models.registry import LineState, RegistryLine
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.clock import now, today
from services.payments import payment_gateways
from services.runner import with_connection
from tests.cast import contract_of

ORIGIN = {'origin': 'http://test'}
PNG = 'iVBORw0KGgo='


def plain(answer):
    return answer.text.replace('\xa0', ' ')


async def get(visitor, address):
    return plain(await visitor.http_client.get(address))


@with_connection
def standing_claim(actor):
    moment = now()
    EripClaim.create(
        contract=contract_of(actor),
        state=ClaimState.OPEN,
        tracking_id='erip_1',
        uid='uid-1',
        service_no='99999999',
        steps=['Платежи → ЕРИП → Amigo'],
        qr=PNG,
        created_at=moment,
        updated_at=moment,
    )


@with_connection
def in_cash(actor):
    posting = Posting(key='cash:1', kind=OperationKind.PAYMENT, amount=Decimal('5.00'), title='Наличными')
    return ledger.post(contract_of(actor), posting).id


@with_connection
def lines():
    return [(row.account_number, row.state) for row in RegistryLine.select().order_by(RegistryLine.place)]


async def test_the_codes_stand_in_the_first_html_and_the_picture_when_there_is_one(someone, anna):
    visitor = someone(anna)

    without = await get(visitor, '/my/pay/erip')
    standing_claim(anna)
    ready = await get(visitor, '/my/pay/erip')

    for page in (without, ready):
        assert 'data-copies="99999999"' in page
        assert 'data-copies="100001"' in page
    assert 'Готовим QR-код' in without
    assert f'data:image/png;base64,{PNG}' in ready
    assert 'Платежи → ЕРИП → Amigo' in ready
    assert 'Готовим QR-код' not in ready


async def test_without_erip_there_is_no_tab_and_no_page(someone, anna, monkeypatch):
    monkeypatch.setattr(payment_gateways, 'erip', lambda: None)

    assert (await someone(anna).http_client.get('/my/pay/erip')).status_code == 404


async def test_ways_to_pay_lead_to_each_other(someone, anna):
    visitor = someone(anna)
    for address in ('/my/pay', '/my/pay/erip', '/my/pay/other'):
        page = await get(visitor, address)
        assert all(f'href="{way}"' in page for way in ('/my/pay', '/my/pay/erip', '/my/pay/other'))
        assert page.count('aria-current="page"') >= 1


async def test_a_number_shows_a_masked_name_and_the_form_of_the_sum(someone, anna, boris):
    visitor = someone(anna)

    page = await get(visitor, '/my/pay/other?number=100002&amount=0')

    assert 'Образцов' not in page
    assert 'Демонстрационная, 5' not in page
    assert '−12,40' not in page
    assert 'name="number" value="100002"' in page
    assert 'Введите сумму от 1,00' in page
    wrong = await get(visitor, '/my/pay/other?number=999999')
    assert 'Такого договора нет' in wrong
    assert 'name="amount"' not in wrong


async def test_the_form_of_another_makes_a_payment_that_only_the_payer_sees(someone, anna, boris):
    visitor = someone(anna)
    page = await get(visitor, '/my/pay/other?number=100002')
    key = re.search(r'name="form_key" value="([^"]*)"', page)[1]

    answer = await visitor.http_client.post(
        '/my/pay/other',
        data={'number': '100002', 'amount': '20', 'form_key': key, 'contract': '100001'},
        headers=ORIGIN,
    )

    assert answer.status_code == 303  # nobody listens at the bank's address here
    payment = with_connection(Payment.get)()
    assert payment.contract_id == boris.contract_id
    assert 'За договор 100002' in await get(visitor, '/my/pay/other')
    assert payment.tracking_id not in await get(someone(boris), '/my/pay')


async def test_strangers_get_no_receipt_and_owners_do(someone, anna, boris):
    operation = in_cash(anna)

    mine = await someone(anna).http_client.get(f'/my/pay/receipt.pdf?p={operation}')
    other = await someone(boris).http_client.get(f'/my/pay/receipt.pdf?p={operation}')

    assert (mine.status_code, mine.headers['content-type']) == (200, 'application/pdf')
    assert mine.content.startswith(b'%PDF')
    assert other.status_code == 404
    assert f'/my/pay/receipt.pdf?p={operation}' in await get(someone(anna), '/my/history')


async def test_an_operator_loads_a_register_and_sees_what_will_become_of_it(someone, olga, anna):
    day = f'{today():%d.%m.%Y}'
    text = f'Дата;Счёт;Сумма;Документ;Назначение\n{day};100001;4,44;71;<b>x</b>\n{day};999999;5;72;\nвчера;1;1;1;\n'
    operator = someone(olga)

    answer = await operator.http_client.post(
        '/operator/registries',
        data={'source': 'erip'},
        files={'file': ('р.csv', text.encode(), 'text/csv')},
        headers=ORIGIN,
    )

    assert answer.headers['location'].startswith('/operator/registries/')
    assert lines() == [('100001', LineState.NEW), ('999999', LineState.NEW)]
    page = await get(operator, answer.headers['location'])
    for words in ('Будет зачислен', 'Договор не найден', 'строка 4: дата не читается'):
        assert words in page
    assert '<b>x</b>' not in page
    assert '№ 1' in await get(operator, '/operator/registries')


@pytest.mark.parametrize(
    ('fields', 'file', 'word'),
    [({}, b'x', 'large'), ({'source': 'cash'}, b'Day', 'source'), ({'source': 'erip'}, b'x;y', 'unread')],
)
async def test_what_is_no_register_is_told_on_the_list(someone, olga, fields, file, word):
    files = {'file': ('x.csv', file, 'text/csv')}

    answer = await someone(olga).http_client.post('/operator/registries', data=fields, files=files, headers=ORIGIN)

    assert answer.headers['location'] == f'/operator/registries?problem={word}'
    assert lines() == []


async def test_a_register_that_is_too_large_is_not_read(someone, olga):
    files = {'file': ('x.csv', b'x' * 300_000, 'text/csv')}

    answer = await someone(olga).http_client.post(
        '/operator/registries', data={'source': 'erip'}, files=files, headers=ORIGIN
    )

    assert answer.headers['location'] == '/operator/registries?problem=large'


async def test_a_subscriber_reaches_no_register(someone, anna):
    for address in ('/operator/registries', '/operator/registries/1'):
        answer = await someone(anna).http_client.get(address)
        assert answer.status_code in {303, 307, 404}
    files = {'file': ('x.csv', b'x', 'text/csv')}
    await someone(anna).http_client.post('/operator/registries', data={'source': 'erip'}, files=files, headers=ORIGIN)
    assert lines() == []
