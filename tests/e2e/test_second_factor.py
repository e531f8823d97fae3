"""The second factor as people meet it: an app, a passkey, staff without either, a form that waits for the password."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time

import httpx
import pyotp
import pytest
from playwright.sync_api import expect

from services.demo.second_factor import SECRET
from tests.screens import PAGES
from tests.server import PASSWORD, ROOT, running

STRONG = 'тихая вода точит камень'


@pytest.fixture(scope='session')
def base_url(base_url):
    """Passkeys are bound to a name: an address in figures has none."""
    return base_url.replace('127.0.0.1', 'localhost')


@pytest.fixture(scope='module')
def server(base_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp('server')
    settings = {'PORT': base_url.rpartition(':')[2], 'PUBLIC_URL': base_url, 'DEMO_SECOND_FACTOR': '1'}
    settings['DEMO_NO_PAGE_LIMITS'] = '1'  # one journey asks for every page of the staff at once
    with running(folder, **settings) as server:
        yield server


@pytest.fixture(scope='module')
def newcomer(server):
    """Somebody who has just been hired, made on the command line; has no second factor yet."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(('PYTEST', 'NICEGUI', 'AMIGO_'))}
    settings = {'AMIGO_DEMO': '1', 'AMIGO_DATA_DIR': str(server.folder), 'AMIGO_BCRYPT_ROUNDS': '4'}
    told = ['--login', 'novik', '--name', 'Ника Новая', '--email', 'novik@example.by', '--password-file', '-']
    subprocess.run(
        [sys.executable, ROOT / 'main.py', 'create-admin', *told],
        cwd=server.folder,
        env={**kept, **settings},
        input=STRONG,
        text=True,
        check=True,
        capture_output=True,
    )
    return 'novik'


def sid(page):
    return {cookie['name']: cookie['value'] for cookie in page.context.cookies()}.get('sid')


def code_of(secret, steps=0):
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + steps)


def next_code(server, login):
    """Return a code of the demo's app that this person has not used yet."""
    with sqlite3.connect(server.folder / 'amigo.db') as db:
        query = 'SELECT last_step FROM totp_secret JOIN user ON user.id = user_id WHERE login = ?'
        used = db.execute(query, (login,)).fetchone()[0]
    return pyotp.TOTP(SECRET).generate_otp(max(int(time.time()) // 30, used + 1))


@pytest.fixture
def virtual_key(page):
    """A key with a finger that is always there, as Chromium's own tests use it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send('WebAuthn.enable')
    options = {
        'protocol': 'ctap2',
        'transport': 'internal',
        'hasResidentKey': True,
        'hasUserVerification': True,
        'isUserVerified': True,
        'automaticPresenceSimulation': True,
    }
    devtools.send('WebAuthn.addVirtualAuthenticator', {'options': options})
    return devtools


def test_anna_connects_an_app_and_comes_in_by_its_code(page, sign_in, base_url, complaints):
    sign_in(page, '100001')
    expect(page.locator('[data-balance]')).to_be_visible()
    page.goto(f'{base_url}/my/security')
    page.get_by_role('button', name='Показать QR-код').click()
    expect(page.get_by_role('img', name='QR-код для приложения')).to_be_visible()
    secret = page.locator('[data-secret]').inner_text().replace(' ', '')
    page.get_by_label('Код из приложения').fill(code_of(secret))
    page.get_by_role('button', name='Подключить приложение').click()

    expect(page.get_by_role('heading', name='Запасные коды')).to_be_visible()
    spare = page.locator('.codes li').all_inner_texts()
    assert len(spare) == 10
    page.get_by_role('link', name='Коды сохранены, дальше').click()
    expect(page.get_by_role('status').filter(has_text='Приложение с кодами подключено.')).to_be_visible()

    page.get_by_role('banner').get_by_role('button', name='Выйти').click()
    sign_in(page, '100001')
    expect(page.get_by_role('heading', name='Подтвердите вход')).to_be_visible()
    half = sid(page)
    complaints.expected.append('status of 422')
    page.get_by_label('Код из приложения').fill('0000')
    page.get_by_role('button', name='Подтвердить').click()
    expect(page.get_by_text('Код не подошёл')).to_be_visible()
    page.get_by_label('Код из приложения').fill(code_of(secret, 1))
    page.get_by_role('button', name='Подтвердить').click()
    expect(page.locator('[data-balance]')).to_be_visible()
    assert sid(page) != half

    page.get_by_role('banner').get_by_role('button', name='Выйти').click()
    sign_in(page, '100001')
    page.get_by_text('Нет телефона под рукой?').click()
    page.get_by_label('Запасной код').fill(spare[0])
    page.get_by_role('button', name='Войти по запасному коду').click()
    expect(page.locator('[data-balance]')).to_be_visible()


def test_boris_comes_in_by_a_passkey_and_a_replay_is_refused(page, sign_in, base_url, complaints, virtual_key):
    sign_in(page, '100002')
    expect(page.locator('[data-balance]')).to_be_visible()
    page.goto(f'{base_url}/my/security')
    page.get_by_label('Название ключа').fill('Телефон Бориса')
    page.get_by_role('button', name='Добавить ключ доступа').click()
    expect(page.get_by_role('heading', name='Запасные коды')).to_be_visible()
    page.get_by_role('link', name='Коды сохранены, дальше').click()
    expect(page.get_by_role('listitem').filter(has_text='Телефон Бориса')).to_be_visible()

    page.get_by_role('banner').get_by_role('button', name='Выйти').click()
    sign_in(page, '100002')
    with page.expect_request(lambda request: request.method == 'POST' and request.url.endswith('/second-step')) as sent:
        page.get_by_role('button', name='Ключом доступа').click()
    expect(page.locator('[data-balance]')).to_be_visible()
    assertion = sent.value.post_data_json['credential']
    assert json.loads(assertion)['response']['signature']

    page.get_by_role('banner').get_by_role('button', name='Выйти').click()
    sign_in(page, '100002')
    expect(page.get_by_role('button', name='Ключом доступа')).to_be_visible()
    replayed = page.request.post(
        f'{base_url}/my/second-step', form={'credential': assertion}, headers={'Origin': base_url}
    )
    assert replayed.status == 422
    page.request.post(f'{base_url}/auth/passkey/question', headers={'Origin': base_url})
    again = page.request.post(
        f'{base_url}/my/second-step', form={'credential': assertion}, headers={'Origin': base_url}
    )
    assert again.status == 422
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_role('heading', name='Подтвердите вход')).to_be_visible()


PUBLIC = ('/my/recovery', '/my/access/accept')
"""Pages for whoever has a link."""


def test_staff_without_a_factor_reach_nothing_until_they_set_one_up(page, sign_in, base_url, newcomer):
    sign_in(page, newcomer, STRONG)
    expect(page.get_by_role('heading', name='Подключите второй шаг')).to_be_visible()

    with httpx.Client(base_url=base_url, cookies={'sid': sid(page)}, follow_redirects=True) as client:
        for address in {shot.address for shots in PAGES.values() for shot in shots if '{' not in shot.address}:
            if address.startswith(('/operator', '/field', '/my')) and not address.startswith(PUBLIC):
                answer = client.get(address)
                assert 'Подключите второй шаг' in answer.text, address
                assert answer.url.path == '/my/second-step', address
        assert client.get('/files/documents/1').status_code in {403, 404}

    page.get_by_role('button', name='Показать QR-код').click()
    secret = page.locator('[data-secret]').inner_text().replace(' ', '')
    page.get_by_label('Код из приложения').fill(code_of(secret))
    page.get_by_role('button', name='Подключить приложение').click()
    page.get_by_role('link', name='Коды сохранены, дальше').click()
    expect(page).to_have_url(f'{base_url}/operator/')


def test_olga_comes_in_with_the_secret_the_demo_shows(page, sign_in, server, base_url):
    assert SECRET in server.log.read_text(encoding='utf-8')
    sign_in(page, 'olga')

    page.get_by_label('Код из приложения').fill(next_code(server, 'olga'))
    page.get_by_role('button', name='Подтвердить').click()

    expect(page).to_have_url(f'{base_url}/operator/')


def test_a_form_that_came_too_late_goes_on_after_the_password(page, sign_in, server, base_url):
    sign_in(page, '100003')
    expect(page.locator('[data-balance]')).to_be_visible()
    page.goto(f'{base_url}/my/profile')
    with sqlite3.connect(server.folder / 'amigo.db') as db:
        db.execute("UPDATE session SET fresh_at = '2020-01-01 00:00:00'")
    before = sid(page)

    page.get_by_label('Номер телефона').fill('+375 29 765-43-21')
    page.get_by_role('button', name='Сохранить телефон').click()
    expect(page.get_by_role('heading', name='Подтвердите, что это вы')).to_be_visible()
    page.get_by_label('Пароль').fill(PASSWORD)
    page.get_by_role('button', name='Продолжить').click()

    expect(page.get_by_text('Телефон сохранён.')).to_be_visible()
    expect(page.get_by_label('Номер телефона')).to_have_value(re.compile('765-43-21'))
    assert sid(page) != before


def test_a_lost_factor_is_reset_by_two(page, new_person, sign_in, base_url, server):
    for login, other in (('taras', page), ('ada', new_person())):
        sign_in(other, login)
        other.get_by_label('Код из приложения').fill(next_code(server, login))
        other.get_by_role('button', name='Подтвердить').click()
        other.get_by_role('banner').get_by_role('button', name='Выйти').wait_for(state='attached')
    ada = other
    ada.goto(f'{base_url}/operator/factor-resets')
    ada.get_by_label('Номер договора или логин').fill('taras')
    ada.get_by_label('Что проверили').fill('Пришёл в офис с паспортом')
    ada.get_by_role('button', name='Запросить сброс').click()
    expect(ada.get_by_role('status').filter(has_text='Запрос создан')).to_be_visible()
    expect(ada.get_by_role('button', name='Сбросить', exact=True)).to_have_count(0)

    olga = new_person()
    sign_in(olga, 'olga')
    olga.get_by_label('Код из приложения').fill(next_code(server, 'olga'))
    olga.get_by_role('button', name='Подтвердить').click()
    olga.goto(f'{base_url}/operator/factor-resets')
    olga.get_by_role('button', name='Сбросить', exact=True).click()
    expect(olga.get_by_role('status').filter(has_text='Второй фактор сброшен')).to_be_visible()

    expect(page.get_by_role('button', name='Войти')).to_be_visible(timeout=4_000)
    sign_in(page, 'taras')
    expect(page.get_by_role('heading', name='Подключите второй шаг')).to_be_visible()
