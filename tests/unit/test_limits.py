"""docs/limits.yml is complete and true: what has no test elsewhere is tried here, at the limit and one beyond."""

import ast
import importlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
import yaml

from models.user import User
from services import limits, rules, search
from services.applications import applying, tracker
from services.contracts import access_invitations
from services.errors import TooManyRequests
from services.identity import captcha
from services.payments import payment_gateways, payments
from services.privacy import exports
from tests import factories
from tests.authz.world import Bank, gateway

ROOT = Path(__file__).resolve().parents[2]
NOT_LIMITS = {
    'services/network/line_start.py': 'how many rows one INSERT takes',
    'services/offers/building_table.py': 'how many houses a transaction takes; how much of a wrong line is shown',
    'services/numbering.py': 'where numbers begin',
    'services/accounts/billing_desk.py': 'how many rows of a list are shown, with the number of all',
    'services/accounts/billing_run.py': 'how many contracts a transaction takes, pauses of a loop, months made good',
    'services/accounts/debt_blocks.py': 'how many contracts a transaction takes: all are worked off',
    'services/accounts/invariants.py': 'how many faults of a kind are told',
    'services/accounts/ledger.py': 'how many postings one call may be given: a bound for the program, not for a person',
    'services/accounts/ledger_chain.py': 'how many rows are read at a time; the number of a lock',
    'services/accounts/payment_invariants.py': 'how late a letter is when it is told',
    'services/accounts/usage.py': 'how many readings a transaction takes: all are worked off',
    'services/accounts/usage_desk.py': 'how many rows of a list are shown, with the number of all',
    'services/accounts/usage_table.py': 'how much of a wrong line is shown',
    'services/audit/__init__.py': 'which of two locks comes first',
    'services/messages/letters/__init__.py': 'how many rows one statement writes',
    'services/messages/letters/chains.py': 'how many faults a letter tells',
    'services/messages/letters/recipients.py': 'how many addresses one statement asks for',
    'services/audit/chain.py': 'how many lines are read at a time',
    'services/contracts/paper_index.py': 'how many rows a job takes at a time: all are worked off',
    'services/identity/recovery.py': 'how many rows a job takes at a time; how long one that failed rests',
    'services/messages/outbox.py': 'how many rows a job takes at a time',
    'services/messages/outbox_worker.py': 'pauses of a loop',
    'services/gateways/bepaid_erip.py': 'how much of an answer is kept: the other side, not a person',
    'services/gateways/outbound.py': 'how long an answer may take: the other side, not a person',
    'services/payments/erip_claims.py': 'pauses of a job',
    'services/payments/erip_desk.py': 'how long and how many payments that came are told on the page',
    'services/payments/payment_polling.py': 'how many rows a job takes at a time',
    'services/privacy/retention.py': 'how many rows a job takes at a time',
    'services/privacy/sealed_cells.py': 'how many rows a job takes at a time',
    'services/privacy/erasure.py': 'how late money may come: a fact of the bank',
    'services/privacy/own_copy.py': 'columns of a table on paper',
    'services/quotes/quote.py': 'months a forecast shows',
    'services/quotes/overage.py': 'megabytes of a gigabyte',
    'services/network/lines.py': 'percent of a whole',
    'services/offers/address_search.py': 'how alike two names are',
    'services/offers/opening_hours.py': 'how far ahead the next opening is looked for',
    'services/offers/packages.py': 'channels of a law',
    'services/offers/price_letters.py': 'how many subscribers a job writes to at a time: all are worked off',
    'services/offers/showcase.py': 'the size of a film',
    'services/rehearsal/copies.py': 'how many rows are copied at a time: all are',
    'services/work_calendar.py': 'hours of work, and where counting them ends',
    'services/identity/captcha.py': 'how a picture is drawn',
    'services/identity/captcha_sound.py': 'how a sound is made',
    'services/identity/totp.py': 'RFC 6238',
    'services/identity/recovery_codes.py': 'how a code looks',
    'services/identity/known_devices.py': 'bytes of a key',
    'services/identity/keys.py': 'bytes of a key',
    'services/identity/vault.py': 'bytes of a key',
    'services/rate_limits.py': 'how many locks there are',
    'services/identity/sign_in.py': 'how often a hash that was replaced meanwhile is read again',
    'services/identity/employee_passwords.py': 'how long a click is remembered',
    'components/guard/dropped.py': 'how much one line of the log tells of what was dropped',
    'services/identity/form_tokens.py': 'bytes of a key',
    'services/identity/sessions.py': 'how often being here is written down',
    'services/identity/chosen_contract.py': 'how many are asked for in one query',
    'services/applications/application_queue.py': 'minutes in which we promise to call: a promise, not a limit',
    'services/audit/who_looked.py': 'the largest id there can be',
    'services/contracts/identity_papers.py': 'weights of a check digit',
    'services/colours.py': 'contrasts of WCAG',
    'services/drawings.py': 'how large the mark of an installation may be: no person sends it',
    'services/migration.py': 'the number of a lock',
    'services/contracts/access_invitations.py': 'which numbers logins have',
    'services/gateways/scanner.py': 'bytes sent at a time',
    'components/guard/binding.py': 'letters of a mark',
    'components/guard/leaving.py': 'how long a goodbye may take',
    'components/guard/memory.py': 'how memory is given back',
    'components/guard/sockets.py': 'how often the database is asked again',
    'components/guard/watch.py': 'the pause of a loop',
}
"""Modules with figures that hold nobody back, each with its reason."""


def figures(path):
    """Return the names of constants of a module that are written as plain numbers or times."""
    found = set()
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and _is_figure(node.value):
            found |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


def _is_figure(node):
    if isinstance(node, ast.Tuple):
        return any(_is_figure(part) for part in node.elts)
    if isinstance(node, ast.BinOp):
        return _is_figure(node.left) and _is_figure(node.right)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == 'timedelta'
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


def test_no_figure_of_a_service_or_the_guard_stands_outside_the_documents():
    paths = [*(ROOT / 'services').rglob('*.py'), *(ROOT / 'components' / 'guard').glob('*.py')]
    names = {path.relative_to(ROOT).as_posix(): figures(path) for path in paths}
    with_figures = {
        name
        for name, found in names.items()
        if found and not name.startswith(('services/demo', 'services/gateways/sandbox'))
    }

    assert with_figures - set(NOT_LIMITS) == set()
    assert set(NOT_LIMITS) <= with_figures


def test_every_limit_is_read_by_the_code():
    code = '\n'.join(
        p.read_text(encoding='utf-8') for f in ('services', 'components', 'pages') for p in (ROOT / f).rglob('*.py')
    )
    held_by_the_database = {'promised_payments', 'visits_of_slot'}

    assert {name for name in limits.LIMITS.limits if f"('{name}')" not in code} == held_by_the_database


NAMED = {
    **{name: limit.tests for name, limit in limits.LIMITS.limits.items()},
    **{f'rule {name}': rule.tests for name, rule in rules.definitions().items() if rule.tests},
}


@pytest.mark.parametrize('name', NAMED)
def test_every_limit_names_tests_that_are_there(name):
    for test in NAMED[name]:
        path, _, function = test.partition('::')
        tree = ast.parse((ROOT / path).read_text(encoding='utf-8'))
        assert function in {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }, test


@pytest.mark.parametrize('name', limits.LIMITS.costly)
def test_every_costly_function_is_there_and_is_held(name):
    costly = limits.LIMITS.costly[name]
    module, _, function = costly.where.rpartition('.')

    assert callable(getattr(importlib.import_module(module), function))
    assert set(costly.limits) <= set(limits.LIMITS.limits)


@pytest.mark.parametrize(
    ('key', 'value'), [('value', 0), ('value', 'many'), ('within', '5'), ('tests', []), ('more', 1)]
)
def test_what_the_program_does_not_understand_stops_it(tmp_path, key, value):
    document = yaml.safe_load(limits.DOCUMENT.read_text(encoding='utf-8'))
    document['limits']['applications'][key] = value
    copy = tmp_path / 'limits.yml'
    copy.write_text(yaml.safe_dump(document, allow_unicode=True), encoding='utf-8')

    with pytest.raises(ValueError):
        limits.load(copy)


@pytest.mark.parametrize('name', ['limits', 'fields'])
def test_the_image_carries_the_documents(name):
    copied = next(
        line for line in (ROOT / 'Dockerfile').read_text(encoding='utf-8').splitlines() if line.endswith(' ./docs/')
    )

    assert f'docs/{name}.yml' in copied
    assert f'!docs/{name}.yml' in (ROOT / '.dockerignore').read_text(encoding='utf-8').splitlines()


# --- business and doors -----------------------------------------------------------------------------------------


def test_the_price_of_an_application_is_held_for_two_weeks():
    assert applying.PRICE_LOCK == timedelta(days=14) == timedelta(days=limits.count('visit_days_ahead'))


def test_the_bank_is_told_how_many_cards_may_be_tried(db, anna, monkeypatch):
    told = []
    bank = type(
        'Asked',
        (Bank,),
        {'create_checkout': lambda _self, intent: told.append(intent.attempts) or Bank().create_checkout(intent)},
    )
    monkeypatch.setattr(
        payment_gateways,
        'card_gateway',
        lambda: gateway().__class__(bank(), True, 'http://shop.test', 'http://shop.test/hooks/bepaid'),
    )

    payments.start('20', factories.key(), actor=anna)

    assert told == [limits.count('payment_card_tries')]


def test_one_address_tries_forty_links_an_hour(db):
    most = limits.count('tracker_tries_of_address')
    for number in range(most + 1):
        factories.make_application(tracker_hash=applying.tracker_hash(f'link-{number}'), phone='+375291234567')
    for number in range(most):
        assert tracker.unlock(f'link-{number}', '4567', address='192.0.2.1')

    with pytest.raises(TooManyRequests):
        tracker.unlock(f'link-{most}', '4567', address='192.0.2.1')
    assert tracker.unlock(f'link-{most}', '4567', address='192.0.2.2')


def test_one_network_makes_ten_logins_a_day(db, monkeypatch):
    monkeypatch.setattr(
        access_invitations,
        'look',
        lambda *_args, **_kw: access_invitations.Invitation('', '100001', 'see', None, 'Вера', 'vera@example.by'),
    )
    monkeypatch.setattr(access_invitations, '_make_login', lambda *_args: '9000001')
    new = {'new': 'кони едят овёс по утрам', 'again': 'кони едят овёс по утрам', 'actor': None, 'address': '192.0.2.1'}
    for _ in range(limits.count('access_logins')):
        assert access_invitations.accept_as_new('t', 'Вера Новая', **new)

    with pytest.raises(TooManyRequests):
        access_invitations.accept_as_new('t', 'Вера Новая', **new)


def test_so_many_captchas_are_kept():
    assert captcha._drawn.cache_info().maxsize == limits.count('captcha_pictures_kept')
    assert captcha._spoken.cache_info().maxsize == limits.count('captcha_sounds_kept')


def test_a_copy_is_taken_over_when_its_lease_is_over(db, anna):
    with time_machine.travel('2026-11-25T12:00:00+03:00', tick=False) as clock:
        exports.order(actor=anna)
        first = exports._claim()
        clock.shift(exports.LEASE - timedelta(seconds=1))
        assert exports._claim() is None
        clock.shift(timedelta(seconds=2))
        assert exports._claim() == first is not None


def test_a_search_reads_so_many_signs_and_words(db):
    def said(text):
        _sql, params = User.select().where(search.matches(text, [User.name])).sql()
        return params

    assert len(said(' '.join('слово' for _ in range(search.MOST_WORDS + 1)))) == len(
        said(' '.join('слово' for _ in range(search.MOST_WORDS)))
    )
    assert len(said(' '.join('слово' for _ in range(search.MOST_WORDS - 1)))) < len(
        said(' '.join('слово' for _ in range(search.MOST_WORDS)))
    )
    assert said('я' * search.LONGEST) == said('я' * (search.LONGEST + 1))
    assert said('я' * (search.LONGEST - 1)) != said('я' * search.LONGEST)
