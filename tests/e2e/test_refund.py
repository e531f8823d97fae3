"""Money back in Chromium: the subscriber pays in the bank, an employee returns a part, the subscriber sees it."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pay import OK, give_card, to_the_bank

WHY = 'Оплатили дважды по ошибке'


@pytest.fixture
def desk(browser, sign_in):
    """An operator in a browser of his own."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    yield page
    context.close()


def picture(page, name):
    """Keep a picture where somebody asked for it."""
    if os.environ.get('REFUND_PICTURES'):
        for width in (360, 1440):
            page.set_viewport_size({'width': width, 'height': 900})
            page.screenshot(path=f'{os.environ["REFUND_PICTURES"]}/{name}-{width}.png', full_page=True)


def test_an_operator_gives_a_part_back_and_the_subscriber_sees_it(page, desk, sign_in, base_url):
    sign_in(page, '100001')
    to_the_bank(page, base_url, '31,50')
    give_card(page, OK)
    expect(page.get_by_text('Оплата 31,50 р. получена')).to_be_visible()
    returned_to = page.url

    desk.goto(f'{base_url}/operator/payments?amount=31,50')
    row = desk.locator('tr[data-payment]').first
    expect(row).to_contain_text('Оплачен')
    row.get_by_role('link').click()
    desk.get_by_label('Сумма возврата, р.').fill('31,51')
    desk.get_by_label('Причина').fill('мало')
    desk.get_by_role('button', name='Вернуть', exact=True).click()
    expect(desk.get_by_text('Напишите подробнее')).to_be_visible()
    desk.get_by_label('Причина').fill(WHY)
    desk.get_by_role('button', name='Вернуть', exact=True).click()
    expect(desk.get_by_text('можно вернуть не больше 31,50 р.')).to_be_visible()
    desk.get_by_label('Сумма возврата, р.').fill('10')
    picture(desk, 'before')
    desk.get_by_role('button', name='Вернуть', exact=True).click()

    expect(desk.locator('[data-refund=done]')).to_contain_text('10,00')
    expect(desk.get_by_text('Возвращён частично')).to_be_visible()
    picture(desk, 'after')
    desk.goto(f'{base_url}/operator/payments')
    picture(desk, 'list')
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_text('Возврат на карту •• 0000').first).to_be_visible()
    page.goto(returned_to)
    expect(page.get_by_text(re.compile('Часть оплаты 31,50'))).to_be_visible()
    picture(page, 'returned')


def test_cash_is_written_down_once_and_taken_back(desk, base_url):
    desk.goto(f'{base_url}/operator/manual-payments?contract=100002')
    for name, value in (('Сумма, р.', '12,40'), ('Номер документа', 'ПКО-31')):
        desk.get_by_label(name).fill(value)
    desk.get_by_role('button', name='Принять', exact=True).click()
    row = desk.get_by_role('link', name=re.compile('Платёж №'))
    expect(row).to_be_visible()

    for name, value in (('Номер договора', '100001'), ('Сумма, р.', '5'), ('Номер документа', 'пко-31')):
        desk.get_by_label(name).fill(value)
    desk.get_by_role('button', name='Принять', exact=True).click()
    expect(desk.get_by_role('link', name='Открыть первый')).to_be_visible()
    picture(desk, 'twice')
    desk.get_by_role('link', name='Открыть первый').click()
    expect(desk.get_by_role('heading', name=re.compile('Платёж №'))).to_be_visible()
    picture(desk, 'first')

    desk.get_by_role('button', name='Отменить платёж').click()
    desk.get_by_label('Причина').fill('Записали не на тот договор')
    picture(desk, 'cancel')
    desk.get_by_role('dialog').get_by_role('button', name='Отменить платёж').click()
    expect(desk.get_by_text('Отменён').first).to_be_visible()
    picture(desk, 'cancelled')
