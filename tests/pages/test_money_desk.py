"""Money at the console and in the history without a browser: corrections by two, debts, proofs, statements, disputes."""

from decimal import Decimal

import pytest
from nicegui import ui
from nicegui.testing import UserInteraction

from models.account import Operation, OperationKind
from models.chat import ChatMessage
from models.correction import Correction
from models.user import Role
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factors import make_all_stale

WHY = 'Час не было связи, авария 312'
DESKS = ('/operator/debts', '/operator/corrections', '/operator/subscribers/100001/money')


@pytest.fixture
def rita(storage):
    """Another operator."""
    return _rita()


@with_connection
def _rita():
    user = factories.make_user(Role.OPERATOR, login='rita', name='Рита', first_name='Рита')
    return factories.actor(user, Role.OPERATOR)


@with_connection
def balance(actor):
    return ledger.balance(contract_of(actor))


@with_connection
def charge(actor, title='Плата за переход'):
    posting = Posting(factories.key(), OperationKind.FEE, Decimal('-3.30'), title, formula='3,30 р.', basis='Правила')
    return ledger.post(contract_of(actor), posting).id


@with_connection
def count(model):
    return model.select().count()


@with_connection
def disputed():
    return [row.operation_id for row in ChatMessage.select()]


def plain(answer):
    return answer.text.replace('\xa0', ' ')


def press(user, words):
    """Press the newest button with exactly these words: that of the dialog, when one is open."""
    found = (each for each in user.find(kind=ui.button).elements if each.text == words)
    UserInteraction(user, {max(found, key=lambda each: each.id)}, words).click()


def field(user, label, kind=ui.input):
    return next(element for element in user.find(kind=kind).elements if element.props.get('label') == label)


@pytest.mark.parametrize('address', DESKS)
async def test_a_subscriber_does_not_see_the_desks(someone, anna, address):
    answer = await someone(anna).http_client.get(address)

    assert 'Долги' not in answer.text
    assert answer.status_code in (303, 307)


async def test_a_large_correction_is_asked_by_one_and_booked_by_another(someone, anna, olga, rita):
    operator = someone(olga)
    await operator.open('/operator/subscribers/100001/money')
    press(operator, 'Исправить')
    await operator.should_see('Введите сумму цифрами')
    field(operator, 'Сумма, р.').value = '80'
    field(operator, 'Причина', ui.textarea).value = WHY
    press(operator, 'Исправить')
    await operator.should_see('Отправлено второму сотруднику')
    assert balance(anna) == Decimal('45.10')
    await operator.open('/operator/corrections')
    await operator.should_see('Исправления')
    await operator.should_not_see(kind=ui.button, content='Провести')

    other = someone(rita)
    await other.open('/operator/corrections')
    press(other, 'Провести')
    await other.should_see('Провести исправление')
    press(other, 'Провести')
    await other.should_see('Исправление проведено')
    assert balance(anna) == Decimal('125.10')


async def test_who_came_long_ago_shows_that_it_is_he_before_he_types(someone, anna, olga):
    operation = charge(anna)
    operator = someone(olga)
    make_all_stale(olga)
    await operator.open(f'/operator/subscribers/100001/money?operation={operation}')

    await operator.should_see('сначала подтвердите, что это вы')
    await operator.should_not_see(kind=ui.button, content='Исправить')
    await operator.should_not_see(kind=ui.button, content='Отменить операцию')
    page = await operator.http_client.get(f'/operator/subscribers/100001/money?operation={operation}')
    assert f'/my/confirm?next=%2Foperator%2Fsubscribers%2F100001%2Fmoney%3Foperation%3D{operation}' in page.text


async def test_an_operation_is_reversed_from_its_line(someone, anna, olga):
    operation = charge(anna)
    operator = someone(olga)
    await operator.open(f'/operator/subscribers/100001/money?operation={operation}')
    press(operator, 'Отменить операцию')
    await operator.should_see('Причину увидит абонент')
    for area in operator.find(kind=ui.textarea).elements:
        area.value = WHY
    press(operator, 'Отменить операцию')
    await operator.should_see('Счёт исправлен')

    assert balance(anna) == Decimal('45.10')
    assert count(Correction) == 1


async def test_the_list_of_debts_and_its_table(someone, boris, olga):
    operator = someone(olga)
    page = plain(await operator.http_client.get('/operator/debts?line=blocked&search=100002'))
    assert '12,40 р.' in page
    assert 'Заблокирован' in page
    assert '100002' not in plain(await operator.http_client.get('/operator/debts?line=promised'))

    table = await operator.http_client.get('/operator/debts.csv?line=blocked')
    assert table.headers['content-type'].startswith('text/csv')
    assert '100002;' in table.content.decode('utf-8-sig')

    make_all_stale(olga)
    asked = await operator.http_client.get('/operator/debts.csv?line=blocked')
    assert asked.headers['location'] == '/my/confirm?next=%2Foperator%2Fdebts%3Fline%3Dblocked%26csv%3Dready'


async def test_others_get_no_table_of_debts(someone, anna, taras):
    for person in (anna, taras):
        answer = await someone(person).http_client.get('/operator/debts.csv')
        assert answer.status_code == 303


async def test_the_history_is_filtered_by_its_address(someone, anna):
    charge(anna)
    visitor = someone(anna)

    charges = plain(await visitor.http_client.get('/my/history?kind=charges&search=переход'))
    nothing = plain(await visitor.http_client.get('/my/history?kind=letters&from=2026-01-01&to=bad'))

    assert 'Плата за переход' in charges
    assert 'Начальный остаток' not in charges
    assert 'Тариф в тот день' in charges
    assert 'само, по расписанию' in charges
    assert 'Ничего не нашлось' in nothing
    assert 'value="2026-01-01"' in nothing


async def test_a_line_is_disputed_with_a_message_that_carries_it(someone, anna, olga):
    operation = charge(anna)
    visitor = someone(anna)
    assert f'/my/chat?about={operation}' in plain(await visitor.http_client.get('/my/history'))

    await visitor.open(f'/my/chat?about={operation}')
    assert field(visitor, 'Сообщение', ui.textarea).value.replace('\xa0', ' ').startswith('Списание 3,30 р. ')
    press(visitor, 'Отправить')
    await visitor.should_see('Доставлено')

    assert disputed() == [operation]
    seen = plain(await someone(olga).http_client.get('/operator/chats/100001'))
    assert f'/operator/subscribers/100001/money?operation={operation}' in seen


async def test_a_stranger_to_a_line_writes_without_it(someone, anna, boris):
    operation = charge(anna)
    visitor = someone(boris)

    await visitor.open(f'/my/chat?about={operation}')

    assert not field(visitor, 'Сообщение', ui.textarea).value


async def test_a_statement_comes_as_a_file_or_says_why_not(someone, anna):
    visitor = someone(anna)

    paper = await visitor.http_client.get('/my/history/statement.pdf')
    wrong = await visitor.http_client.get('/my/history/statement.pdf?from=2026-02-02&to=2026-02-01')
    make_all_stale(anna)
    asked = await visitor.http_client.get('/my/history/statement.pdf')

    assert paper.headers['content-type'] == 'application/pdf'
    assert paper.content.startswith(b'%PDF-')
    assert 'no-store' in paper.headers['cache-control']
    assert wrong.headers['location'] == '/my/history?from=2026-02-02&to=2026-02-01&pdf=wrong'
    assert asked.headers['location'] == '/my/confirm?next=%2Fmy%2Fhistory%3Fpdf%3Dready'
    assert 'не больше чем за год' in (await visitor.http_client.get('/my/history?pdf=wrong')).text


async def test_a_wallet_that_does_not_exist_is_a_missing_page(someone, olga):
    answer = await someone(olga).http_client.get('/operator/subscribers/999999/money')

    assert answer.status_code == 404
    assert count(Operation) == 0
