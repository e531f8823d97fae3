"""SECURITY §4.1 over HTTP (P1, P13, P16), forged forms, redirects, and what stands in every answer."""

import re

import pytest

EVIL = 'https://evil.example'
FORMS = {
    '/auth/login': {'login': '100001', 'password': 'amigo-demo-2026'},
    '/auth/logout': {},
    '/auth/role': {'role': 'technician'},
    '/auth/password': {'old': 'amigo-demo-2026', 'new': 'кони едят овёс утром', 'again': 'кони едят овёс утром'},
    '/auth/sessions/end-others': {},
    '/my/recovery': {'number': '100001', 'email': 'anna@example.by'},
    '/my/recovery/confirm': {'token': 'x', 'new': 'y', 'again': 'y'},
    '/my/first-login': {'new': 'y', 'again': 'y'},
}


FOREIGN = (
    {'Origin': EVIL},
    {'Origin': 'null'},
    {'Origin': 'null', 'Sec-Fetch-Site': 'cross-site'},
    {'Sec-Fetch-Site': 'cross-site'},
    {'Sec-Fetch-Site': 'same-site'},
)


@pytest.mark.parametrize('path', FORMS)
def test_a_form_of_another_site_is_turned_away(browse, path):
    ada = browse('ada')
    before = ada.cookies.get('sid')

    for headers in FOREIGN:
        answer = ada.post(path, data=FORMS[path], headers=headers)

        assert answer.status_code == 403, headers
        assert 'set-cookie' not in answer.headers
        assert 'content-security-policy' in answer.headers
    assert ada.get('/operator/security').status_code == 200
    assert ada.cookies.get('sid') == before


@pytest.mark.parametrize(
    'wanted',
    [
        EVIL,
        '//evil.example',
        '///evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        'https:evil.example',
        'javascript:alert(1)',
        'data:text/html,x',
        '/my/index//evil.example',
        '/my/index\r\nLocation: https://evil.example',
        '/my/../../evil',
        '/my/%0d%0aX: y',
        '/auth/logout',
        ' /my/index',
        '/my/index#@evil.example',
        '/my/index?next=https://evil.example',
        'x' * 10_000,
    ],
)
def test_x_after_signing_in_one_stays_on_this_site(browse, wanted):
    answer = browse().sign_in('100001', next=wanted)

    assert answer.headers['location'] == '/my/index'


def test_p1_a_planted_cookie_is_not_taken_over(browse, server):
    visitor = browse(cookies={'sid': 'planted-by-an-attacker-000000000000000000000'})
    visitor.post('/auth/login', data={'login': '100001', 'password': 'amigo-demo-2026'})

    attacker = browse(cookies={'sid': 'planted-by-an-attacker-000000000000000000000'})
    assert 'Вход в личный кабинет' in attacker.get('/my/index').text


def test_p1_signing_in_anew_ends_the_session_that_was_there(browse):
    anna = browse('100001')
    old = anna.cookies.get('sid')
    anna.sign_in('100001')

    assert anna.cookies.get('sid') != old
    assert 'Вход в личный кабинет' in browse(cookies={'sid': old}).get('/my/index').text


def test_p1_another_role_is_another_session(browse):
    ada = browse('ada')
    old = ada.cookies.get('sid')
    answer = ada.post('/auth/role', data={'role': 'technician'})

    assert answer.headers['location'] == '/field/'
    assert ada.cookies.get('sid') != old
    assert browse(cookies={'sid': old}).get('/operator/security').status_code == 303


def test_p13_what_a_proxy_would_say_is_not_believed(browse):
    forged = {
        'X-Forwarded-Prefix': '//evil.example',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-For': '6.6.6.6',
        'Forwarded': 'for=6.6.6.6;host=evil.example',
        'X-Real-IP': '6.6.6.6',
    }
    anna = browse(headers=forged)
    anna.sign_in('100001')
    page = anna.get('/my/security')

    assert 'evil.example' not in page.text
    assert '6.6.6.6' not in page.text
    assert '127.0.0.1' in page.text


@pytest.mark.parametrize('who', ['', '100001', '100002'])
@pytest.mark.parametrize('method', ['POST', 'PUT', 'PATCH', 'DELETE'])
def test_p16_nothing_is_uploaded_through_nicegui(browse, who, method):
    opened = browse('100001').open('/my/probe')
    answer = browse(who).request(method, f'/_nicegui/client/{opened.client_id}/upload/5', content=b'x' * 100_000)

    assert answer.status_code == 403


def test_the_nonce_blesses_no_script_that_came_from_people(browse):
    anna = browse('100001')
    quiet = anna.get('/my/probe').text
    loud = anna.get(
        '/my/probe', params={'said': '</script><script>alert(1)</script><SCRIPT src=//evil.example></SCRIPT>'}
    )

    assert loud.text.count('<script') == quiet.count('<script') > 5
    assert loud.text.lower().count('<script nonce="') == loud.text.count('<script')
    assert 'alert(1)' in loud.text  # it is there, as text
    nonces = set(re.findall(r'<script nonce="([^"]+)"', loud.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in loud.headers['content-security-policy']


def test_the_words_of_the_sign_in_form_are_shown_as_text(browse):
    answer = browse().post('/auth/login', data={'login': '"><script>alert(1)</script>', 'password': 'x'})

    assert answer.status_code == 422
    assert '<script>alert' not in answer.text


@pytest.mark.parametrize(
    'path', ['/my/index', '/my/recovery/confirm', '/', '/nowhere', '/healthz', '/_nicegui/nowhere']
)
def test_every_answer_carries_the_headers(browse, path):
    answer = browse(follow_redirects=True).get(path)

    assert answer.headers['x-content-type-options'] == 'nosniff'
    assert "frame-ancestors 'none'" in answer.headers['content-security-policy']
    assert "script-src 'self'" in answer.headers['content-security-policy']
    assert "'unsafe-inline'" not in answer.headers['content-security-policy'].split('style-src')[0]
    assert 'server' not in answer.headers
    if path == '/my/recovery/confirm':
        assert answer.headers['referrer-policy'] == 'no-referrer'


@pytest.mark.parametrize(
    'path', ['/my/security', '/operator/security', '/field/security', '/my/probe', '/my/first-login']
)
def test_a_stranger_is_led_to_the_door(browse, path):
    answer = browse().get(path)

    assert answer.status_code == 303
    assert answer.headers['location'].startswith('/my/index')


@pytest.mark.parametrize(
    ('who', 'path', 'home'),
    [
        ('100001', '/operator/', '/my/index'),
        ('100001', '/operator/security', '/my/index'),
        ('100001', '/field/security', '/my/index'),
        ('olga', '/my/security', '/operator/'),
        ('olga', '/field/security', '/operator/'),
        ('taras', '/operator/security', '/field/'),
        ('taras', '/my/probe', '/field/'),
    ],
)
def test_the_wrong_role_is_led_home(browse, who, path, home):
    answer = browse(who).get(path)

    assert (answer.status_code, answer.headers['location']) == (303, home)


def test_a_role_without_a_contract_is_refused_kindly(browse):
    ada = browse('ada')
    answer = ada.post('/auth/role', data={'role': 'subscriber'})

    assert answer.status_code == 409
    assert 'Роль осталась прежней' in answer.text
    assert ada.get('/operator/security').status_code == 200


@pytest.mark.parametrize('role', ['administrator', 'god', '', '\x00', 'x' * 10_000])
def test_a_role_one_does_not_hold_is_refused(browse, role):
    olga = browse('olga')
    answer = olga.post('/auth/role', data={'role': role})

    assert answer.status_code in {303, 403}
    assert olga.get('/operator/security').status_code == 200
    assert 'set-cookie' not in answer.headers


@pytest.mark.parametrize('path', ['/', '/minsk', '/be/', '/operator/'])
def test_p13_no_redirect_leads_where_a_header_says(browse, path):
    honest, forged = [
        browse(headers=headers).get(path, follow_redirects=False)
        for headers in ({}, {'X-Forwarded-Prefix': '//evil.example'})
    ]

    assert forged.headers.get('location') == honest.headers.get('location')
    assert honest.status_code in {302, 303, 308}
