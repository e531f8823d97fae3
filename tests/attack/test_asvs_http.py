"""ASVS 5.0 over raw HTTP: every address of the house is asked, and every answer is looked at."""

import json
import re
import sqlite3
from contextlib import closing

import httpx
import pytest
from markupsafe import escape

from models.tables import ALL
from tests.attack.hostile import FORMS, KNOWN, owner_of
from tests.attack.intruder import Browser
from tests.attack.test_http import EVIL, FOREIGN

OTHERS = (
    '/nowhere',
    '/files/',
    '/_nicegui/nowhere',
    '/assets/nowhere.css',
    '/assets/css/tokens.css',
    '/assets/js/site.js',
    '/assets/img/favicon.svg',
    '/assets/icons/sprite.svg',
    '/openapi.json',
    '/docs',
)
"""Addresses beside the routes: what is served from folders, and what is not there."""
WITH_A_COOKIE = {path: fields for path, fields in FORMS.items() if not path.startswith('/hooks/')}
"""Forms of people; a machine proves itself by a signature (tests/unit/gateways/test_bepaid_webhooks.py)."""
WORDS = re.compile(r'text/|.*[/+](?:xml|javascript)\b')
"""Types whose bytes are words, and so need to say in which code."""
NOTES = {
    'audit_event': 'that somebody has looked',
    'quote': 'what was shown, so that a click pays exactly that',
    'attempt': 'that a table was taken: so many an hour',
}
"""What a look may leave behind, with the reason: nothing of a person, a contract or money."""


@pytest.fixture(scope='module')
def routes(server):
    return httpx.get(f'{server.url}/probe/routes').json()


def filled(path):
    for name, value in KNOWN.items():
        path = path.replace(f'{{{name}}}', value)
    return path


@pytest.fixture(scope='module')
def people(server):
    """One signed-in browser of each kind of person, and a stranger's."""
    browsers = {who: Browser(server.url) for who in ('', '100001', 'olga', 'taras', 'ada')}
    for who, browser in browsers.items():
        if who:
            browser.sign_in(who)
    yield browsers
    for browser in browsers.values():
        browser.close()


def crawl(people, routes):
    """Ask every address that can be read, as its own person and as a stranger."""
    paths = [filled(route['path']) for route in routes if 'GET' in route['methods']]
    for path in [*paths, *OTHERS]:
        for who in {owner_of(path), ''}:
            yield who, path, people[who].get(path)


def tables(server):
    """Return every row of every table as text, but for the minute a person was here last."""
    with closing(sqlite3.connect(f'file:{server.folder / "amigo.db"}?mode=ro', uri=True)) as db:
        return {model._meta.table_name: set(map(repr, db.execute(_all_of(model)))) for model in ALL}


def _all_of(model):
    columns = [field.column_name for field in model._meta.sorted_fields if field.column_name != 'seen_at']
    return f'SELECT {", ".join(columns)} FROM "{model._meta.table_name}"'  # noqa: S608 - names of our models


def touched(before, after):
    return {name: sorted(before[name] ^ after[name])[:3] for name in before if before[name] != after[name]}


def test_looking_changes_nothing(server, people, routes):
    """It stands first: what has been looked at before would be changed already."""
    before = tables(server)

    seen = [(path, answer.status_code) for _ in range(2) for _, path, answer in crawl(people, routes)]

    assert len(seen) > 200
    assert set(left := touched(before, tables(server))) <= set(NOTES), left


@pytest.fixture(scope='module')
def answers(people, routes):
    """Every answer of the house: pages, files, what is not there, and what is refused."""
    found = list(crawl(people, routes))
    scripts = re.findall(r'(?:src|href)="(/_nicegui/[^"]+)"', people['100001'].get('/my/index').text)
    found += [('', path, people[''].get(path)) for path in sorted(set(scripts))]
    found += [('100001', path, people['100001'].put(path)) for path in ('/my/index', '/files/x', '/healthz')]
    found += [('100001', path, people['100001'].post(path, headers={'Origin': EVIL})) for path in ('/my/pay', '/x')]
    assert len(scripts) > 3
    assert len(found) > 100
    assert {200, 303, 403, 404, 405} <= {answer.status_code for _, _, answer in found}
    return found


def test_every_answer_says_its_type_and_its_code(answers):
    wrong = []
    for who, path, answer in answers:
        kind = answer.headers.get('content-type', '')
        if not answer.content:
            continue
        if not kind or (WORDS.match(kind) and 'charset=utf-8' not in kind.lower()):
            wrong.append((who, path, answer.status_code, kind))
        if kind.startswith('application/json'):
            json.loads(answer.content)
        if kind.startswith('text/html'):
            assert (
                answer.text.lstrip().lower().startswith(('<!doctype html', '<div', '<section', '<form', '<dialog'))
            ), path

    assert wrong == []


def test_every_answer_keeps_browsers_from_guessing_framing_and_telling(answers):
    wrong = []
    for who, path, answer in answers:
        header = answer.headers
        policy = header.get('content-security-policy', '')
        is_fine = (
            header.get('x-content-type-options') == 'nosniff'
            and header.get('referrer-policy') in {'same-origin', 'no-referrer'}
            and (policy.startswith('sandbox') or "frame-ancestors 'none'" in policy)
        )
        wrong += [] if is_fine else [(who, path, answer.status_code, dict(header))]

    assert wrong == []


def test_every_policy_allows_no_object_no_base_and_no_script_of_others(answers):
    wrong = []
    for who, path, answer in answers:
        policy = dict(part.strip().partition(' ')[::2] for part in answer.headers['content-security-policy'].split(';'))
        scripts = policy.get('script-src', '').split()
        is_fine = 'sandbox' in policy or (
            (policy['object-src'], policy['base-uri'], policy['default-src']) == ("'none'", "'none'", "'self'")
            and all(word == "'self'" or word.startswith("'nonce-") or word == "'unsafe-eval'" for word in scripts)
        )
        wrong += [] if is_fine else [(who, path, policy)]

    assert wrong == []


@pytest.mark.parametrize('method', ['GET', 'OPTIONS', 'POST', 'HEAD'])
def test_no_other_site_is_let_to_read(people, routes, method):
    asked = {'Origin': EVIL, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-file-name'}
    wrong = []
    for path in [*(filled(route['path']) for route in routes), *OTHERS, '/_nicegui_ws/socket.io/']:
        answer = people[owner_of(path)].request(method, path, headers=asked)
        wrong += [(path, name) for name in answer.headers if name.startswith('access-control-')]

    assert wrong == []


@pytest.mark.parametrize('headers', FOREIGN)
def test_no_form_of_another_site_is_taken_anywhere(server, people, headers):
    before = tables(server)
    wrong = []
    for path, fields in WITH_A_COOKIE.items():
        answer = people[owner_of(path)].post(filled(path), data=dict.fromkeys(fields, 'x'), headers=headers)
        wrong += [] if answer.status_code == 403 else [(path, answer.status_code)]

    assert wrong == []
    assert touched(before, tables(server)) == {}


@pytest.mark.parametrize('kind', ['text/plain', 'text/plain; charset=utf-8; application/json', ''])
def test_what_a_browser_sends_without_asking_first_is_taken_nowhere(server, people, kind):
    before = tables(server)
    wrong = []
    for path, fields in WITH_A_COOKIE.items():
        body = json.dumps(dict.fromkeys(fields, '100001'))
        for origin in (EVIL, 'null'):
            headers = {'Content-Type': kind, 'Origin': origin}
            answer = people[owner_of(path)].post(filled(path), content=body, headers=headers)
            wrong += [] if answer.status_code == 403 else [(path, origin, answer.status_code)]

    assert wrong == []
    assert touched(before, tables(server)) == {}


ODD = '%253Cb%253E %3C &amp;lt; &lt; &#60; \\u0000 \\x3c %00 %0d%0a +a%2B ＜ \'"<b> {{7*7}} {0.__class__} %(x)s ${1} \\\\ %u003c'
"""Words that become others when somebody decodes, encodes or cleans them once more."""


@pytest.fixture
def with_a_factor(server):
    """Give Boris a second factor, so that somebody can ask to reset it."""
    with closing(sqlite3.connect(server.folder / 'amigo.db', timeout=20)) as db, db:
        (boris,) = db.execute(
            'SELECT user_id FROM contract JOIN subscriber s ON s.id = subscriber_id WHERE number = ?', ('100002',)
        ).fetchone()
        db.execute("INSERT INTO totp_secret (user_id, sealed, last_step) VALUES (?, x'00', 0)", (boris,))


@pytest.mark.usefixtures('with_a_factor')
def test_what_is_typed_is_decoded_once_kept_as_it_is_and_escaped_once(server, people):
    answer = people['olga'].post('/operator/factor-resets', data={'known_as': '100002', 'reason': ODD})

    assert answer.headers.get('location') == '/operator/factor-resets?done=asked'
    with closing(sqlite3.connect(f'file:{server.folder / "amigo.db"}?mode=ro', uri=True)) as db:
        assert db.execute('SELECT reason FROM factor_reset').fetchall() == [(ODD,)]
    assert f'<p>{escape(ODD)}</p>' in people['ada'].get('/operator/factor-resets').text


def test_what_is_typed_wrong_comes_back_escaped_once(people):
    answer = people[''].post('/auth/login', data={'login': ODD[:32], 'password': 'x'})

    assert f'value="{escape(ODD[:32])}"' in answer.text
