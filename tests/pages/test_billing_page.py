"""The page of the monthly run: who may start it, what it shows before and after."""

from datetime import timedelta
from decimal import Decimal

import pytest
from nicegui import ui
from nicegui.testing import UserInteraction

from models.account import Account, BillingRun
from services.accounts import billing_run, books, invariants, ledger
from services.clock import today
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of


@pytest.fixture
def street(committed_db):
    long_ago = today() - timedelta(days=60)
    factories.make_contract('300001', active_on=long_ago, balance=Decimal('100.00'))
    factories.make_contract('300002', active_on=long_ago, balance=Decimal('5.00'))


async def test_an_operator_sees_who_would_be_charged_and_blocked_but_cannot_start(someone, olga, street):
    operator = someone(olga)
    await operator.open('/operator/billing')

    await operator.should_see('не списано: 2')
    await operator.should_see('Отключим: 1', retries=100)  # it is counted once the page is there
    await operator.should_see('отключим интернет')
    await operator.should_not_see(ui.button, content='Начать списание')


async def test_an_administrator_starts_the_run_and_sees_its_end_after_a_reload_too(someone, ada, street):
    administrator = someone(ada)
    await administrator.open('/operator/billing')
    await administrator.should_see('59,80', retries=100)
    press(administrator, 'Начать списание')
    await administrator.should_see('Списание нельзя отменить разом')
    press(administrator, 'Начать списание')
    await administrator.should_see('идёт', retries=100)

    with_connection(billing_run.carry_on)()
    await administrator.should_see('2 из 2', retries=100)
    await administrator.open('/operator/billing')

    await administrator.should_see('Отключено за долг')
    assert ended() == [(2, 2)]


@pytest.mark.broken_books
async def test_a_stop_is_told_and_an_administrator_ends_it_when_the_check_is_clean(someone, anna, olga, ada):
    spoil(anna)
    books.stop(invariants.self_check(thorough=True))  # as the hourly check does, which fills the log too
    operator, administrator = someone(olga), someone(ada)
    await operator.open('/operator/billing')
    await operator.should_see('Начисления остановлены')
    await operator.should_see('Остаток счёта не равен сумме его проводок')
    await operator.should_not_see('а по проводкам')
    await operator.should_not_see(ui.button, content='Проверить снова')

    await administrator.open('/operator/billing')
    await administrator.should_see('а по проводкам')
    press(administrator, 'Проверить снова')
    await administrator.should_see('Книги всё ещё не сходятся: нарушено 2', retries=100)
    press(administrator, 'Возобновить начисления')
    await administrator.should_see('Сначала книги проверятся ещё раз', retries=100)
    reason(administrator).value = 'Копейка найдена'
    press(administrator, 'Возобновить')
    await administrator.should_see('Проверка всё ещё находит расхождения', retries=100)
    assert is_stopped()

    spoil(anna, -1)
    press(administrator, 'Возобновить')
    await administrator.should_see('Начисления возобновлены', retries=100)
    assert not is_stopped()
    await operator.should_not_see('Сообщите администратору', retries=100)


async def test_nothing_is_told_while_everything_is_charged(someone, ada):
    administrator = someone(ada)
    await administrator.open('/operator/billing')

    await administrator.should_not_see('Начисления остановлены')
    await administrator.should_not_see(ui.button, content='Возобновить начисления')


@with_connection
def spoil(actor, kopecks=1):
    wallet = ledger.wallet_of(contract_of(actor))
    Account.update(balance=wallet.balance + Decimal(kopecks).scaleb(-2)).where(Account.id == wallet.id).execute()


@with_connection
def is_stopped():
    return books.is_stopped()


def reason(person):
    return max(person.find(kind=ui.textarea).elements, key=lambda each: each.id)


async def test_another_month_than_the_three_is_missing(someone, olga):
    answer = await someone(olga).http_client.get('/operator/billing?month=2020-01')

    assert answer.status_code == 404


@with_connection
def ended():
    return [(run.done, run.total) for run in BillingRun.select() if run.ended_at]


def press(person, words):
    """Press the newest button with exactly these words: that of the dialog, when one is open."""
    found = (each for each in person.find(kind=ui.button).elements if each.text == words)
    button = max(found, key=lambda each: each.id)
    UserInteraction(person, {button}, words).click()
