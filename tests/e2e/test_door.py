"""The door: who gets in, who does not, and who must leave."""

import re

from playwright.sync_api import expect


def test_an_operator_comes_to_the_queue(page, sign_in, base_url):
    sign_in(page, 'olga')

    expect(page).to_have_url(f'{base_url}/operator/')
    expect(page.get_by_role('banner')).to_contain_text('Ольга')


def test_a_subscriber_comes_to_the_cabinet(page, sign_in, base_url):
    sign_in(page, '100001')

    expect(page).to_have_url(f'{base_url}/my/index')
    expect(page.get_by_role('banner')).to_contain_text('100001')
    expect(page.get_by_role('button', name='Выйти')).to_be_visible()


def test_a_wrong_password_says_so_and_keeps_the_login(page, sign_in, complaints):
    complaints.expected.append('status of 422')
    sign_in(page, '100001', 'not-this-one')

    expect(page.get_by_role('alert')).to_contain_text('Номер договора или пароль не подходят')
    expect(page.get_by_label('Номер договора')).to_have_value('100001')
    expect(page.get_by_label('Пароль')).to_be_focused()


def test_signing_out_in_one_tab_leads_the_other_to_the_door(context, sign_in):
    stays, leaves = context.new_page(), context.new_page()
    sign_in(stays, '100001')
    expect(stays.get_by_role('button', name='Выйти')).to_be_visible()
    leaves.goto(stays.url)

    leaves.get_by_role('button', name='Выйти').click()

    expect(stays.get_by_role('button', name='Войти')).to_be_visible(timeout=2_000)
    expect(stays.get_by_role('status')).to_contain_text('Сеанс завершён')


def test_a_stranger_is_led_to_the_door_and_back(page, sign_in, base_url):
    page.goto(f'{base_url}/operator/')

    expect(page).to_have_url(re.compile(r'/my/index\?next='))
    page.get_by_label('Номер договора').fill('olga')
    page.get_by_label('Пароль').fill('amigo-demo-2026')
    page.get_by_role('button', name='Войти').click()
    expect(page).to_have_url(f'{base_url}/operator/')


def test_a_subscriber_does_not_reach_the_console(page, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/operator/')

    expect(page).to_have_url(f'{base_url}/my/index')
