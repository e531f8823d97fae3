"""The cabinet in a browser: Anna changes her tariff and takes a break, Boris sees why he is blocked."""

import re

from playwright.sync_api import expect


def balance(page):
    return int(page.locator('[data-balance]').get_attribute('data-balance'))


def test_anna_changes_her_tariff_with_the_money_shown_before(page, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.locator('[data-balance]')).to_be_visible()
    before = balance(page)

    page.get_by_role('link', name='Сменить тариф').click()
    page.get_by_role('link', name='Сейчас — «Драйв»').click()
    button = page.get_by_role('button', name=re.compile('^Перейти и списать'))
    shown = re.search(r'(\d+),(\d\d)', button.inner_text())
    button.click()
    expect(page.get_by_text('Готово')).to_be_visible()

    page.goto(f'{base_url}/my/index')
    assert balance(page) == before - int(shown[1] + shown[2])
    expect(page.get_by_text('Интернет «Драйв»').first).to_be_visible()

    page.get_by_role('navigation', name='Кабинет').get_by_role('link', name='История').click()
    page.get_by_role('button', name='Почему списано?').first.click()
    why = page.get_by_role('dialog', name='Почему списано?')
    expect(why.get_by_text('Формула')).to_be_visible()
    expect(why.get_by_text('Основание')).to_be_visible()
    expect(why).to_contain_text('36,90 р. − 29,90 р.')
    page.keyboard.press('Escape')
    expect(why).to_be_hidden()


def test_anna_suspends_and_resumes(page, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.locator('[data-balance]')).to_be_visible()
    before = balance(page)

    page.get_by_role('link', name='Приостановить').click()
    page.get_by_role('button', name='Посчитать').click()
    expect(page.get_by_role('heading', name='Приостановка на 14 дней')).to_be_visible()
    page.get_by_role('button', name='Приостановить').click()
    expect(page.get_by_role('heading', name='Приостановка назначена')).to_be_visible()

    page.get_by_role('link', name='Отменить приостановку').click()
    page.get_by_role('button', name=re.compile('^Отменить приостановку')).click()
    expect(page.get_by_text('Приостановка отменена.')).to_be_visible()
    page.goto(f'{base_url}/my/index')
    assert balance(page) == before


def test_vera_resumes_with_one_click_after_the_price(page, sign_in):
    sign_in(page, '100003')

    page.get_by_role('link', name='Возобновить').first.click()
    page.get_by_role('link', name='Возобновить').click()
    page.get_by_role('button', name=re.compile('^Возобновить и списать')).click()

    expect(page.get_by_text('Интернет снова работает')).to_be_visible()


def test_boris_sees_why_he_is_blocked_and_promises(page, sign_in, base_url):
    sign_in(page, '100002')

    expect(page.locator('[data-balance]')).to_have_attribute('data-balance', '-1240')
    expect(page.get_by_text('Интернет остановлен за долг')).to_be_visible()
    expect(page.get_by_text('Пополните счёт на 12,40 р.')).to_be_visible()
    other = page.context.new_page()
    other.goto(f'{base_url}/my/index')

    page.get_by_role('button', name='Обещанный платёж').click()

    expect(page.get_by_text('Обещанный платёж включён, интернет работает.')).to_be_visible()
    expect(other.get_by_text('Действует обещанный платёж')).to_be_visible()


def test_a_wrong_phone_is_told_beside_the_field_and_stays(page, sign_in, base_url):
    sign_in(page, '100003')
    expect(page.locator('[data-balance]')).to_be_visible()
    page.goto(f'{base_url}/my/profile')

    page.get_by_label('Номер телефона').fill('12')
    page.get_by_role('button', name='Сохранить телефон').click()

    expect(page.get_by_text('Проверьте номер')).to_be_visible()
    expect(page.get_by_label('Номер телефона')).to_have_value('12')
