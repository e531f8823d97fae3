"""The billing clock in a browser: the date is moved, the days pass before one's eyes, every sum says why."""

import re

from playwright.sync_api import expect


def test_next_month_is_seen_before_it_comes(page, base_url):
    page.goto(f'{base_url}/demo/clock')
    page.get_by_label('Договор', exact=True).select_option('100001')

    page.get_by_role('button', name='До 1-го числа').click()

    expect(page.get_by_text('Книги копии сходятся')).to_be_visible(timeout=60_000)
    own = page.get_by_role('row', name=re.compile('100001'))
    expect(own).to_contain_text('Работает')
    page.get_by_role('button', name='Почему спишется?').first.click()
    why = page.get_by_role('dialog', name='Почему спишется?')
    expect(why).to_contain_text('Основание')
    why.get_by_role('button', name='Закрыть').click()
    expect(why).to_be_hidden()


def test_all_contracts_are_told_and_one_is_picked_out(page, base_url):
    page.goto(f'{base_url}/demo/clock')
    page.get_by_label('Договор', exact=True).select_option('Все договоры')
    page.get_by_role('button', name='+1 месяц').click()
    own = page.get_by_role('navigation', name='События договора').get_by_role('link', name='100001')
    expect(own).to_be_visible(timeout=60_000)
    expect(page.get_by_text('Книги копии сходятся')).to_be_visible(timeout=60_000)

    own.click()

    expect(own).to_have_attribute('aria-current', 'true')
    expect(page.get_by_role('list').filter(has_text='100002')).to_have_count(0)
