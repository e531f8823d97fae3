"""Access of relatives in browsers: a letter, a switch, a raise, an end that reaches the open page."""

import re

from playwright.sync_api import expect

SOON = 3_500
"""Milliseconds: two seconds of ours, and the time of drawing."""


def invite(page, base_url, name, email, level):
    page.goto(f'{base_url}/my/access')
    page.get_by_label('Имя').fill(name)
    page.get_by_label('E-mail').fill(email)
    page.get_by_role('radio', name=re.compile(f'^{level}')).check()
    page.get_by_label('На какой срок').select_option(label='На год')
    page.get_by_role('button', name='Пригласить').click()
    expect(page.get_by_text('Приглашение отправлено. Доступ откроется')).to_be_visible()


def link(page, base_url):
    page.goto(f'{base_url}/demo/mailbox')
    letter = page.get_by_text(re.compile(r'/my/access/accept#')).first
    return re.search(r'\S+/my/access/accept#[\w-]+', letter.inner_text())[0]


def test_anna_opens_her_contract_to_vera_raises_and_ends_it(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.get_by_role('heading', name='Договор 100001')).to_be_visible()
    invite(page, base_url, 'Вера', 'vera@example.by', 'Просмотр')

    vera = new_person()
    vera.goto(link(vera, base_url))
    expect(vera.get_by_role('heading', name='открывает вам договор 100001')).to_be_visible()
    vera.get_by_role('link', name='Войти и принять').click()
    vera.get_by_label('Номер договора').fill('100003')
    vera.get_by_label('Пароль').fill('amigo-demo-2026')
    vera.get_by_role('button', name='Войти').click()
    expect(vera.get_by_text('Вы вошли как Демонова Вера')).to_be_visible()
    vera.get_by_role('button', name='Принять').click()

    expect(vera.get_by_role('heading', name='Договор 100001')).to_be_visible()
    expect(vera.get_by_role('note')).to_contain_text('вам открыт просмотр')
    expect(vera.get_by_role('link', name='Пополнить')).to_have_count(0)
    vera.goto(f'{base_url}/my/pay')
    expect(vera.get_by_role('alert')).to_contain_text('может владелец договора')

    page.goto(f'{base_url}/my/access')
    page.get_by_role('button', name='Изменить — Вера').click()
    card = page.locator('section', has=page.get_by_role('heading', name='Вера'))
    card.get_by_label('Что можно').select_option(label='Оплата')
    card.get_by_role('button', name='Сохранить').click()
    expect(page.get_by_text('Доступ изменён')).to_be_visible()

    expect(vera.get_by_role('link', name='Пополнить')).to_be_visible(timeout=SOON)
    vera.get_by_role('link', name='Пополнить').click()
    expect(vera.get_by_label('Сумма, р.')).to_be_visible()
    expect(vera.get_by_role('note')).to_contain_text('вам открыта оплата')

    page.get_by_role('button', name='Закрыть доступ — Вера').click()
    expect(vera.get_by_role('heading', name='Договор 100003')).to_be_visible(timeout=SOON)
    expect(vera.get_by_role('alert')).to_contain_text('был открыт другой договор')
    vera.goto(f'{base_url}/my/history')
    expect(vera.get_by_role('note')).to_have_count(0)


def test_somebody_new_comes_in_by_a_number_of_his_own(page, new_person, sign_in, base_url):
    sign_in(page, '100002')
    expect(page.get_by_role('heading', name='Договор 100002')).to_be_visible()
    invite(page, base_url, 'Мама', 'mama@example.by', 'Оплата')

    mother = new_person(viewport={'width': 360, 'height': 780})
    mother.goto(link(mother, base_url))
    mother.get_by_label('Новый пароль', exact=True).fill('кони едят овёс утром')
    mother.get_by_label('Новый пароль ещё раз').fill('кони едят овёс утром')
    mother.get_by_role('button', name='Принять').click()
    expect(mother.get_by_role('heading', name='Готово')).to_be_visible()
    number = mother.locator('.figure').inner_text()
    mother.get_by_role('link', name='Войти', exact=True).click()
    sign_in(mother, number, 'кони едят овёс утром')

    expect(mother.get_by_role('note')).to_contain_text('Договор 100002')
    expect(mother.locator('[data-balance]')).to_be_visible()


def test_vera_changes_contracts_and_stays_where_she_is(page, context, sign_in, base_url):
    sign_in(page, '100003')
    expect(page.get_by_role('banner')).to_contain_text('100003')
    other = context.new_page()
    other.goto(f'{base_url}/my/services')
    expect(other.get_by_role('heading', name='Услуги')).to_be_visible()
    page.goto(f'{base_url}/my/history')

    page.get_by_role('button', name='договор 100003').click()
    page.get_by_role('button', name=re.compile('^100004')).click()

    expect(page).to_have_url(f'{base_url}/my/history')
    expect(page.get_by_role('banner')).to_contain_text('договор 100004')
    expect(other.get_by_role('heading', name='Договор 100004')).to_be_visible(timeout=SOON)

    page.set_viewport_size({'width': 360, 'height': 780})
    page.get_by_role('button', name='Меню').click()
    page.get_by_role('button', name='договор 100004').click()
    page.get_by_role('button', name=re.compile('^100003')).click()
    expect(page).to_have_url(f'{base_url}/my/history')
    page.get_by_role('navigation', name='Кабинет').get_by_role('link', name='Главная').click()
    expect(page.get_by_role('heading', name='Договор 100003')).to_be_visible()


def test_vera_gives_up_annas_contract_with_the_keyboard_alone(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.get_by_role('heading', name='Договор 100001')).to_be_visible()
    invite(page, base_url, 'Вера Д.', 'vera-d@example.by', 'Оплата')
    vera = new_person()
    sign_in(vera, '100003')
    expect(vera.get_by_role('heading', name='Договор 100003')).to_be_visible()
    vera.goto(link(vera, base_url))
    vera.get_by_role('button', name='Принять').click()
    other = vera.context.new_page()
    other.goto(f'{base_url}/my/history')
    expect(other.get_by_role('note')).to_contain_text('Договор 100001')

    vera.get_by_role('link', name='Отказаться от доступа').press('Enter')
    expect(vera.get_by_role('heading', name='Открытые вам договоры')).to_be_in_viewport()
    vera.get_by_role('button', name='Отказаться от доступа').press('Enter')
    expect(vera.get_by_text('Открыть его снова сможет только владелец')).to_be_visible()
    vera.keyboard.press('Tab')
    expect(vera.get_by_role('button', name='Да, отказаться')).to_be_focused()
    vera.keyboard.press('Enter')

    expect(vera.get_by_role('status')).to_contain_text('Вы отказались от доступа')
    expect(vera.get_by_role('banner')).to_contain_text('договор 100003')
    expect(vera.get_by_role('heading', name='Открытые вам договоры')).to_have_count(0)
    expect(other.get_by_role('heading', name='Договор 100003')).to_be_visible(timeout=SOON)
    page.goto(f'{base_url}/my/access')
    expect(page.get_by_text('Демонова Вера Павловна: отказ от доступа')).to_be_visible()


def test_a_link_clicked_while_the_access_changes_is_followed(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.get_by_role('heading', name='Договор 100001')).to_be_visible()
    invite(page, base_url, 'Вера В.', 'vera-v@example.by', 'Просмотр')
    vera = new_person()
    sign_in(vera, '100003')
    expect(vera.get_by_role('heading', name='Договор 100003')).to_be_visible()
    vera.goto(link(vera, base_url))
    vera.get_by_role('button', name='Принять').click()
    expect(vera.get_by_role('note')).to_contain_text('вам открыт просмотр')
    other = vera.context.new_page()
    other.goto(f'{base_url}/my/documents')
    expect(other.get_by_role('note')).to_contain_text('вам открыт просмотр')
    on_the_way = []

    def hold(route):  # a slow answer: the access changes meanwhile
        on_the_way.append(route)

    vera.route('**/my/history', hold)
    vera.get_by_role('link', name='История').click(no_wait_after=True)

    page.goto(f'{base_url}/my/access')
    page.get_by_role('button', name='Изменить — Вера В.').click()
    card = page.locator('section', has=page.get_by_role('heading', name='Вера В.'))
    card.get_by_label('Что можно').select_option(label='Оплата')
    card.get_by_role('button', name='Сохранить').click()
    expect(other.get_by_role('note')).to_contain_text('вам открыта оплата', timeout=SOON)  # both pages were told
    for route in on_the_way:
        route.continue_()

    expect(vera).to_have_url(f'{base_url}/my/history')
    expect(vera.get_by_role('note')).to_contain_text('вам открыта оплата')
