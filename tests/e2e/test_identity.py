"""Identity as people meet it: recovery by letter, another role, own devices, and tabs that follow."""

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.server import PASSWORD

NEW = 'кони едят овёс утром'


def test_a_forgotten_password_is_recovered_by_letter(page, sign_in, base_url, complaints):
    page.goto(f'{base_url}/my/index')
    page.get_by_role('link', name='Забыли пароль').click()
    dialog = page.get_by_role('dialog', name='Восстановление пароля')
    dialog.get_by_label('Номер договора').fill('100002')
    dialog.get_by_label('E-mail').fill('boris@example.by')
    dialog.get_by_label('Код с картинки').fill('12345')
    dialog.get_by_role('button', name='Восстановить').click()
    expect(page.get_by_role('status')).to_contain_text('письмо придёт')

    page.goto(f'{base_url}/demo/mailbox')
    expect(page.get_by_role('heading', name='Ссылка для нового пароля').first).to_be_visible()
    link = page.get_by_text(re.compile(r'/my/recovery/confirm#')).first
    address = re.search(r'\S+/my/recovery/confirm#[\w-]+', link.inner_text())[0]

    page.goto(address)
    page.get_by_label('Новый пароль', exact=True).fill(NEW)
    page.get_by_label('Новый пароль ещё раз').fill(NEW)
    page.get_by_role('button', name='Сохранить пароль').click()
    expect(page.get_by_role('status')).to_contain_text('Пароль изменён. Войдите.')
    sign_in(page, '100002', NEW)
    expect(page.get_by_role('banner')).to_contain_text('100002')

    complaints.expected.append('status of 410')
    page.goto(f'{base_url}/my/recovery')
    page.goto(address)
    page.get_by_label('Новый пароль', exact=True).fill(NEW)
    page.get_by_label('Новый пароль ещё раз').fill(NEW)
    page.get_by_role('button', name='Сохранить пароль').click()
    expect(page.get_by_role('alert')).to_contain_text('больше не действует')
    expect(page.get_by_role('link', name='Запросить новую ссылку')).to_be_visible()


def test_a_wrong_code_keeps_what_was_typed(page, base_url, complaints):
    complaints.expected.append('status of 422')
    page.goto(f'{base_url}/my/recovery')
    page.get_by_label('Номер договора').fill('100001')
    page.get_by_label('E-mail').fill('anna@example.by')
    page.get_by_label('Код с картинки').fill('54321')
    page.get_by_role('button', name='Восстановить').click()

    expect(page.get_by_text('Код не подошёл или устарел')).to_be_visible()
    expect(page.get_by_label('Номер договора')).to_have_value('100001')
    expect(page.get_by_label('E-mail')).to_have_value('anna@example.by')


def test_ada_changes_hats_and_her_other_tab_follows(context, sign_in, base_url):
    page, other = context.new_page(), context.new_page()
    sign_in(page, 'ada')
    expect(page).to_have_url(f'{base_url}/operator/')
    other.goto(f'{base_url}/operator/security')
    expect(other.get_by_text('Это устройство')).to_be_visible()
    before = {cookie['name']: cookie['value'] for cookie in context.cookies()}['sid']

    page.get_by_role('button', name='Сменить роль').click()
    page.get_by_role('button', name='Техник').click()

    expect(page).to_have_url(f'{base_url}/field/')
    expect(other).to_have_url(f'{base_url}/field/', timeout=4_000)
    assert {cookie['name']: cookie['value'] for cookie in context.cookies()}['sid'] != before


def test_a_device_is_signed_out_from_another(page, new_person, sign_in, base_url):
    lost = new_person()
    sign_in(lost, '100003')
    expect(lost.get_by_role('button', name='Выйти')).to_be_visible()
    sign_in(page, '100003')
    page.goto(f'{base_url}/my/security')
    page.get_by_role('button', name='Выйти везде, кроме этого').click()

    expect(page.get_by_role('status')).to_contain_text('больше не в системе')
    expect(lost.get_by_role('button', name='Войти')).to_be_visible(timeout=4_000)
    expect(page.get_by_role('listitem').filter(has_text='Это устройство')).to_be_visible()


def test_the_code_of_the_sign_in_form_is_read_and_refreshed_by_keyboard(page, sign_in, base_url, complaints):
    complaints.expected.append('status of 422')
    for _ in range(3):
        sign_in(page, '100001', 'not-this-one')
        expect(page.get_by_role('alert')).to_contain_text('не подходят')
    picture = page.get_by_role('img', name='Картинка с пятью цифрами')
    expect(picture).to_be_visible()
    first = picture.get_attribute('src')

    page.wait_for_load_state()  # the script that refreshes
    page.get_by_label('Пароль').focus()
    page.keyboard.press('Tab')
    expect(page.get_by_role('link', name='Другой код')).to_be_focused()
    page.keyboard.press('Enter')
    code = page.get_by_label('Код с картинки')
    expect(code).to_be_focused()
    expect(picture).not_to_have_attribute('src', first)
    sound = page.get_by_label('Прослушать цифры по-русски')
    token = picture.get_attribute('src').removeprefix('/captcha/').removesuffix('.png')
    expect(sound).to_have_attribute('src', f'/captcha/{token}.wav')
    page.keyboard.press('Shift+Tab')
    expect(sound).to_be_focused()

    page.get_by_label('Пароль').fill(PASSWORD)
    code.fill('12345')
    code.press('Enter')
    expect(page.get_by_role('banner')).to_contain_text('100001')


def test_the_form_of_recovery_has_a_code_of_its_own_beside_it(page, sign_in, base_url, complaints):
    complaints.expected.append('status of 422')
    for _ in range(3):
        sign_in(page, '100003', 'not-this-one')
        expect(page.get_by_role('alert')).to_be_visible()
    page.get_by_role('link', name='Забыли пароль').click()
    dialog = page.get_by_role('dialog', name='Восстановление пароля')
    dialog.get_by_label('Код с картинки').fill('54321')

    expect(dialog.get_by_label('Номер договора')).to_have_value('100003')
    expect(page.get_by_label('Код с картинки').first).to_have_value('')


def test_a_form_pressed_twice_is_sent_once(page, base_url):
    page.goto(f'{base_url}/my/recovery/confirm#not-a-key')
    page.wait_for_load_state()
    page.get_by_label('Новый пароль', exact=True).fill(NEW)
    page.get_by_label('Новый пароль ещё раз').fill(NEW)
    page.evaluate("""() => {
        window.sent = [];
        window.addEventListener('submit', (event) => {
            window.sent.push(!event.defaultPrevented);
            event.preventDefault();
        });
    }""")

    page.get_by_role('button', name='Сохранить пароль').dblclick()

    assert page.evaluate('window.sent') == [True, False]


def test_a_mistake_at_the_door_survives_a_reload_by_address_and_the_way_back(page, sign_in, base_url, complaints):
    complaints.expected.append('status of 422')
    sign_in(page, '100002', 'not-this-one')
    expect(page.get_by_role('alert')).to_contain_text('не подходят')

    page.goto(f'{base_url}/auth/login')
    expect(page).to_have_url(f'{base_url}/my/index')
    page.go_back()
    page.go_forward()
    expect(page.get_by_role('button', name='Войти')).to_be_enabled()


def test_who_came_long_ago_shows_himself_and_goes_on_with_the_password(page, sign_in, base_url, server):
    sign_in(page, '100004')
    expect(page.get_by_role('heading', name='Договор 100004')).to_be_visible()
    with closing(sqlite3.connect(server.folder / 'amigo.db')) as database, database:
        database.execute("UPDATE session SET fresh_at = '2020-01-01 00:00:00'")
    page.goto(f'{base_url}/my/security')
    page.get_by_role('link', name='Сменить пароль').click()
    page.get_by_label('Пароль').fill(PASSWORD)
    page.keyboard.press('Enter')

    expect(page.get_by_text('Теперь задайте новый пароль')).to_be_in_viewport()
    expect(page.get_by_label('Нынешний пароль')).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press('Tab')
    page.keyboard.type(NEW)
    page.keyboard.press('Tab')
    page.keyboard.type(NEW)
    page.keyboard.press('Enter')
    expect(page.get_by_role('status')).to_contain_text('Пароль изменён')
