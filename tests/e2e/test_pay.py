"""Paying by card in Chromium: the bank's page, the way back, the balance on another open page."""

import re

import httpx
import pytest
from playwright.sync_api import expect

OK, DECLINED, CHALLENGE = '4200000000000000', '4005550000000019', '4012000000001097'


def balance_of(page):
    """Return kopecks as the open overview shows them."""
    return int(page.locator('[data-balance]').first.get_attribute('data-balance'))


def to_the_bank(page, base_url, amount):
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill(amount)
    page.get_by_role('button', name='Оплатить').click()
    expect(page).to_have_url(re.compile('/demo/gateway/widget/'))


def give_card(page, number):
    page.locator('[name=number]').fill(number)
    page.locator('[name=expiry]').fill('12/30')
    page.locator('[name=cvc]').fill('123')
    page.locator('[name=holder]').fill('IVAN PETROV')
    page.get_by_role('button', name='Оплатить').click()


@pytest.fixture
def overview(context, page, sign_in, base_url):
    """Anna's overview, open in a second tab and never reloaded."""
    sign_in(page, '100001')
    tab = context.new_page()
    tab.goto(f'{base_url}/my/index')
    expect(tab.locator('[data-balance]').first).to_be_visible()
    return tab


def expect_balance(overview, kopecks):
    expect(overview.locator(f'[data-balance="{kopecks}"]').first).to_be_visible()


def test_paid_card_changes_the_open_balance_once_and_stands_in_the_history(page, overview, base_url):
    before = balance_of(overview)

    to_the_bank(page, base_url, '20,50')
    give_card(page, OK)

    expect(page.get_by_text('Оплата 20,50 р. получена')).to_be_visible()
    expect_balance(overview, before + 2050)
    page.reload()
    expect(page.get_by_text('Оплата 20,50 р. получена')).to_be_visible()
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_text('Оплата картой Visa •• 0000').first).to_be_visible()
    expect_balance(overview, before + 2050)


def test_code_of_the_bank_is_asked(page, overview, base_url):
    before = balance_of(overview)

    to_the_bank(page, base_url, '21')
    give_card(page, CHALLENGE)
    page.locator('[name=code]').fill('1234')
    page.get_by_role('button', name='Подтвердить').click()

    expect(page.get_by_text('Оплата 21,00 р. получена')).to_be_visible()
    expect_balance(overview, before + 2100)


def test_refused_card_says_why_and_another_card_pays(page, overview, base_url):
    before = balance_of(overview)

    to_the_bank(page, base_url, '22')
    give_card(page, DECLINED)
    page.get_by_role('link', name='Вернуться в магазин').click()
    expect(page.get_by_text('Банк не принял оплату 22,00 р.')).to_be_visible()
    expect(page.get_by_text('На карте не хватает денег.')).to_be_visible()
    assert balance_of(overview) == before

    page.get_by_role('link', name='Попробовать ещё раз').click()
    give_card(page, OK)
    expect(page.get_by_text('Оплата 22,00 р. получена')).to_be_visible()
    expect_balance(overview, before + 2200)


def test_cancelled_payment_takes_nothing_and_keeps_the_sum(page, overview, base_url):
    before = balance_of(overview)

    to_the_bank(page, base_url, '23')
    page.get_by_role('button', name='Отменить').click()

    expect(page.get_by_text('Вы отменили оплату 23,00 р.')).to_be_visible()
    assert balance_of(overview) == before


def test_tab_closed_at_the_bank_still_credits(page, overview, base_url):
    """The customer never returns: his browser is cut off right after the card was sent; the webhook does the rest."""
    before = balance_of(overview)
    to_the_bank(page, base_url, '24')
    page.route('**/my/pay/return*', lambda route: route.abort())

    give_card(page, OK)

    expect_balance(overview, before + 2400)
    page.close()


def test_return_page_turns_green_by_itself(page, overview, context, base_url):
    to_the_bank(page, base_url, '25')
    pay_page = overview
    pay_page.goto(f'{base_url}/my/pay')
    pay_page.get_by_role('link', name='Проверить').first.click()
    expect(pay_page.get_by_text('Проверяем оплату в банке')).to_be_visible()

    page.route('**/my/pay/return*', lambda route: route.abort())
    give_card(page, OK)

    expect(pay_page.get_by_text('Оплата 25,00 р. получена')).to_be_visible()


@pytest.mark.parametrize(
    ('typed', 'words'),
    [
        ('0', 'Введите сумму от 1,00'),
        ('5000,01', 'Введите сумму от 1,00'),
        ('1e309', 'Введите сумму цифрами'),
        ('１２', 'Введите сумму цифрами'),
        ('<b>20</b>', 'Введите сумму цифрами'),
    ],
)
def test_wrong_sum_is_told_beside_the_field_and_kept(page, sign_in, base_url, typed, words):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/pay')

    page.get_by_label('Сумма, р.').fill(typed)
    page.locator('form[action="/my/pay"] button').click()

    expect(page.locator('#amount-error')).to_contain_text(words)
    expect(page.get_by_label('Сумма, р.')).to_have_value(typed)


def test_quick_sum_fills_the_field_and_the_button(page, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/pay')

    page.get_by_role('link', name='50,00').click()

    expect(page.get_by_label('Сумма, р.')).to_have_value('50,00')
    expect(page.get_by_role('button', name='Оплатить 50,00 р.')).to_be_visible()


def test_form_pays_without_scripts(new_person, sign_in, base_url):
    page = new_person(java_script_enabled=False)
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill('26')
    page.get_by_role('button', name='Пополнить').click()
    give_card(page, OK)

    expect(page.get_by_text('Оплата 26,00 р. получена')).to_be_visible()


def test_payment_of_somebody_else_is_not_found(page, new_person, sign_in, base_url, complaints):
    complaints.expected.append('404')
    sign_in(page, '100001')
    to_the_bank(page, base_url, '27')
    page.goto(f'{base_url}/my/pay')
    address = page.get_by_role('link', name='Проверить').first.get_attribute('href')
    boris = new_person()
    sign_in(boris, '100002')

    boris.goto(f'{base_url}{address}')

    expect(boris.get_by_role('heading', name='Страница не найдена')).to_be_visible()


def test_operator_sees_payments_and_a_subscriber_does_not(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/operator/payments')
    expect(page).to_have_url(f'{base_url}/my/index')
    olga = new_person()
    sign_in(olga, 'olga')
    olga.goto(f'{base_url}/operator/payments')
    expect(olga.get_by_role('heading', name='Платежи')).to_be_visible()

    to_the_bank(page, base_url, '28,28')

    expect(olga.get_by_text('28,28 р.').first).to_be_visible()


@pytest.mark.parametrize(('size', 'status'), [(10, 401), (64 * 1024, 401), (64 * 1024 + 1, 413), (1_000_000, 413)])
def test_stranger_rings_in_vain(base_url, size, status):
    answer = httpx.post(f'{base_url}/hooks/bepaid', content=b'x' * size, trust_env=False)

    assert (answer.status_code, answer.text, 'set-cookie' in answer.headers) == (status, str(status), False)
