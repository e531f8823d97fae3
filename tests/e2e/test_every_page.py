"""Every page of everybody: the way out is in sight, and no password field stands in the way of a manager (ASVS 6.2.6, 6.2.7, 7.4.4)."""

import pyotp
import pytest
from playwright.sync_api import expect

from tests.screens import PAGES, address_of, live_a_little
from tests.server import PASSWORD

NEW = 'кони едят овёс утром'
FIELDS = {
    '/my/index': {'login': 'username', 'password': 'current-password'},
    '/my/recovery/confirm#x': {'new': 'new-password', 'again': 'new-password'},
}


@pytest.fixture(scope='module')
def lived_in(server, browser):
    """A house with an application, its letter and a talk, so that every page has its example."""
    live_a_little(browser, server.url)
    return server


@pytest.mark.parametrize('login', [login for login in PAGES if login])
def test_the_way_out_is_in_sight_on_every_page(lived_in, page, sign_in, base_url, complaints, login):
    complaints.expected.append('/my/pay/return')  # a return from no payment is not found, and a page all the same
    sign_in(page, login)
    page.get_by_role('button', name='Выйти', exact=True).first.wait_for(state='attached')
    for shot in PAGES[login]:
        address = address_of(page, base_url, shot)
        assert address, shot.name
        page.goto(base_url + address)
        menu, out = (
            page.get_by_role('banner').get_by_role('button', name=name, exact=True) for name in ('Меню', 'Выйти')
        )
        page.set_viewport_size({'width': 1440, 'height': 900})
        expect(out).to_be_visible()
        page.set_viewport_size({'width': 360, 'height': 780})
        menu.click()
        expect(out).to_be_visible()


def test_a_password_is_hidden_pasted_whole_and_known_to_managers(page, context, base_url):
    context.grant_permissions(['clipboard-read', 'clipboard-write'], origin=base_url)
    for address, known in FIELDS.items():
        page.goto(base_url + address)
        for name, purpose in known.items():
            box = page.locator(f'input[name="{name}"]').first
            expect(box).to_have_attribute('autocomplete', purpose)
            if purpose != 'username':
                expect(box).to_have_attribute('type', 'password')
            page.evaluate('text => navigator.clipboard.writeText(text)', NEW)
            box.focus()
            page.keyboard.press('Control+V')
            expect(box).to_have_value(NEW)


def test_a_person_changes_his_password(page, sign_in, base_url):
    sign_in(page, '100002')
    page.get_by_role('banner').get_by_text('100002').wait_for()
    page.goto(f'{base_url}/my/security')
    for label, text in (('Нынешний пароль', PASSWORD), ('Новый пароль', NEW), ('Новый пароль ещё раз', NEW)):
        box = page.get_by_label(label, exact=True)
        expect(box).to_have_attribute('type', 'password')
        expect(box).to_have_attribute('autocomplete', 'current-password' if text == PASSWORD else 'new-password')
        box.fill(text)
    page.get_by_role('button', name='Сменить пароль').click()
    expect(page.get_by_role('status')).to_contain_text('Пароль')

    page.get_by_role('banner').get_by_role('button', name='Выйти', exact=True).click()
    sign_in(page, '100002', NEW)
    expect(page.get_by_role('banner')).to_contain_text('100002')


def test_after_a_new_factor_the_other_sessions_are_offered_an_end(page, new_person, sign_in, base_url):
    elsewhere = new_person()
    for browser in (elsewhere, page):
        sign_in(browser, '100003')
        expect(browser.get_by_role('banner')).to_contain_text('100003')
    page.goto(f'{base_url}/my/security')
    page.get_by_role('button', name='Показать QR-код').click()
    secret = page.locator('[data-secret]').inner_text().replace(' ', '')
    page.get_by_label('Код из приложения').fill(pyotp.TOTP(secret).now())
    page.get_by_role('button', name='Подключить приложение').click()
    page.get_by_role('link', name='Коды сохранены, дальше').click()

    page.get_by_role('button', name='Завершить остальные сеансы').click()

    expect(page.get_by_role('status')).to_contain_text('больше не в системе')
    expect(elsewhere.get_by_role('button', name='Войти')).to_be_visible(timeout=4_000)
    expect(page.get_by_role('listitem').filter(has_text='Это устройство')).to_be_visible()
