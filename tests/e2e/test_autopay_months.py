"""Autopay over two months with the billing clock: the letter the day before, the money, the charge, nothing owed."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from components.i18n import long_date
from services.clock import today
from tests.e2e.test_autopay import keep_card
from tests.e2e.test_pay import balance_of


def first_after_next():
    """Return the day of the second charge from now."""
    first = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
    return (first + timedelta(days=32)).replace(day=1)


def on_day(page, day, words):
    """Return the lines of the clock that tell this of a day."""
    return page.get_by_role('listitem').filter(has_text=long_date(day)).filter(has_text=words)


def test_two_months_of_autopay_are_seen_before_they_come(page, sign_in, base_url):
    charged_on = first_after_next()
    sign_in(page, '100001')
    keep_card(page, base_url, amount='1')
    page.goto(f'{base_url}/my/cards')
    page.get_by_text('За несколько дней до списания').click()
    page.get_by_label('За сколько дней').fill('3')
    page.get_by_text('Сколько не хватает').click()
    page.get_by_label('Не больше за месяц, р.').fill('200')
    page.get_by_text('Разрешаю списывать').click()
    page.get_by_role('button', name='Включить автоплатёж').click()
    expect(page.get_by_text('Автоплатёж включён')).to_be_visible()
    page.goto(f'{base_url}/my/index')
    before = balance_of(page)
    assert before < 2 * 3440, 'otherwise nothing has to be paid for two months'

    page.goto(f'{base_url}/demo/clock')
    page.get_by_label('Договор', exact=True).select_option('100001')
    page.get_by_label('До какого дня').fill(charged_on.isoformat())
    page.get_by_role('button', name='Посмотреть').click()
    expect(page.get_by_text('Книги копии сходятся')).to_be_visible(timeout=60_000)

    announced_on, paid_on = charged_on - timedelta(days=4), charged_on - timedelta(days=3)
    expect(on_day(page, announced_on, 'Ушло бы письмо: Автоплатёж')).to_have_count(1)
    expect(on_day(page, paid_on, 'Автоплатёж картой Visa •• 0000')).to_have_count(1)
    expect(on_day(page, charged_on, 'на счёте 0,00 р.')).to_have_count(1)
    expect(page.get_by_role('row', name=re.compile('100001'))).to_contain_text('Работает')
    page.goto(f'{base_url}/my/index')
    assert balance_of(page) == before, 'the clock works on a copy'
