"""A service does all of it or nothing (ASVS 2.3.3): cut off after any statement, the database is as before and nobody heard.

Every line of docs/authz.yml that changes something is cut, with the arguments of its recipe. On SQLite after each
statement; on PostgreSQL what moves money and opens doors, after each that writes (tests/faults cuts all of it there).
"""

from contextlib import suppress

import pytest

from models.base import database
from services.errors import NotFound
from services.events import ContractChanged, record
from services.runner import transactional
from tests.authz import rules
from tests.authz.breaking import stage_of  # noqa: F401 - a fixture
from tests.authz.recipes import RECIPES

COUNTED = {'attempt'}
ANSWERED = {'passkey_challenge', 'passkey'}
IN_STEPS = {
    'applications.applying.submit': COUNTED,
    'applications.tracker.unlock': COUNTED,
    'applications.waiting_list.join': COUNTED,
    'offers.building_table.load_text': {'building'},  # five hundred houses at a time; sent again, the rest is taken
    'offers.buildings.export_table': COUNTED,
    'accounts.history.export_piece': COUNTED,
    'accounts.books_desk.check': COUNTED,
    'accounts.debts.export_piece': {'attempt', 'audit_event'},  # that phones were read is told, whatever comes after
    'accounts.usage_desk.take': {'traffic_usage'},  # five hundred readings at a time; sent again, the rest is taken
    'accounts.usage_table.take_text': {'traffic_usage'},
    'contracts.statements.make_last_statement': {'attempt', 'audit_event'},
    'contracts.statements.make_statement': COUNTED,
    'network.line_list.export_table': {'attempt', 'audit_event'},
    'contracts.access_invitations.accept_as_new': COUNTED,
    'contracts.profile.change_email': COUNTED,
    'identity.confirming.confirm': COUNTED,
    'identity.own_password.change_password': COUNTED,
    'identity.own_password.set_first_password': COUNTED,
    'identity.totp.confirm': COUNTED,
    'payments.erip_desk.prepare': {'erip_claim'},
    'payments.payees.find': COUNTED,
    'payments.payments.check': COUNTED,
    'identity.sign_in.sign_in': {'failed_sign_in'},
    # a question, a captcha and a code are used up by the answer, whatever comes after
    'identity.passkeys.register': ANSWERED,
    'identity.second_step.pass_by_passkey': ANSWERED,
    'identity.second_step.pass_by_code': {'totp_secret', 'attempt'},
    'identity.recovery.request': {'spent_token'},
    # written before the bank is asked: what was begun there is found again
    'payments.payments.start': {'payment', 'audit_event', 'attempt'},
    'payments.card_charges.pay': {'payment', 'card_payment', 'audit_event', 'attempt'},
    'payments.refunds.approve': {'refund', 'audit_event'},
    'payments.refunds.refund': {'refund', 'audit_event'},
    # the check stands with its letter; what may be missing is the line of who asked for it
    'audit.journal.check_now': {'audit_anchor', 'outgoing_message'},
    'identity.sessions.resolve': {'session'},
}
"""Services of several transactions, and what an earlier one may leave: mostly that a try was counted, before anything
is looked at, so that no failure of ours gives a guesser another."""
TELLING = {
    'payments.card_charges.pay', 'payments.payments.start', 'payments.refunds.approve', 'payments.refunds.refund',
    'audit.journal.check_now', 'accounts.books_desk.check', 'accounts.usage_desk.take',
}  # fmt: skip
"""Of those, whose first step is told to open pages, or has a letter; how far a check is, is told while it goes on."""
AFTERWARDS = {'privacy.requests.confirm'}
"""When all is done and committed, SQLite's log is emptied: nothing of it can be taken back."""
ON_POSTGRES = ('accounts.', 'payments.', 'identity.')
IDLE = {
    'accounts.billing_run.run_month', 'contracts.paper_index.renew', 'identity.chosen_contract.choose_contract', 'identity.sessions.resolve_hash',
    'identity.staff.unblock', 'messages.chat.mark_read', 'messages.chat.tell_typing', 'payments.payment_hooks.follow',
    'payments.payment_sheet.ask_bank',
    'privacy.consents.withdraw_news', 'privacy.retention.run', 'privacy.sealed_cells.rotate',
}  # fmt: skip
"""What writes nothing with the arguments of its recipe."""

CHANGING = {entry.name: entry for entry in rules.entries().values() if entry.does == 'changes'}
HERE = [
    *(('sqlite', name) for name in CHANGING),
    *(('postgres', name) for name in CHANGING if name.startswith(ON_POSTGRES) and name not in IN_STEPS),
]


def test_every_changing_service_has_arguments_and_every_exception_is_one():
    assert set(CHANGING) <= set(RECIPES)
    assert set(IN_STEPS) >= TELLING
    assert set(IN_STEPS) | IDLE | AFTERWARDS <= set(CHANGING)


def test_a_part_that_failed_tells_nobody_though_the_whole_goes_on(committed_db):
    @transactional
    def part():
        record(ContractChanged(2))
        raise NotFound

    @transactional
    def whole():
        record(ContractChanged(1))
        with suppress(NotFound):
            part()

    with database.connection_context():
        whole()

    assert committed_db.events == [ContractChanged(1)]


@pytest.mark.parametrize(('kind', 'name'), HERE)
def test_a_call_that_is_cut_off_leaves_nothing(stage_of, kind, name):  # noqa: F811
    cut_everywhere(stage_of(kind), CHANGING[name], at_reads=kind == 'sqlite')


def cut_everywhere(stage, entry, *, at_reads):
    """Cut a call after each statement until it runs through; where something was left, the next call starts anew."""
    first = 1
    while first:
        with stage.play(entry, at_reads=at_reads) as play:
            first = _cut_from(first, play, entry)


def _cut_from(first, play, entry):
    """Cut on in one database; return the number to go on with in another, 0 when the call ran through."""
    may_stay = IN_STEPS.get(entry.name, set())
    while True:
        reached, changed = play.cut(first)
        if not reached:
            assert changed or entry.name in IDLE, 'it changes nothing anyway'
            return 0
        if entry.name in AFTERWARDS and changed:
            return 0
        assert changed <= may_stay, f'cut after statement {reached}: {sorted(changed)}'
        assert play.told == [] or entry.name in TELLING, f'cut after statement {reached}: {play.told}'
        first = reached + 1
        if changed:
            return first
