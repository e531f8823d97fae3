"""Recovery: a letter only to the bound address, an answer that tells nothing, a link that works once for an hour."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine

from models.base import database
from models.guessing import RecoveryRequest
from models.outbox import OutgoingMessage
from models.user import RecoveryToken, Role, Session, SpentToken, User, UserRole
from services.clock import now
from services.errors import InvalidField, InvalidForm
from services.identity import captcha, guessing, passwords, recovery, sessions, sign_in
from services.identity.auth_rules import get_rules
from services.identity.recovery import RecoveryLinkGone
from services.identity.sign_in import WrongCredentials
from services.settings import get_settings

NEW = 'кони едят овёс'
HERE = '192.0.2.7'
ASKED = ('100001', 'anna@example.by')


def solved():
    return captcha.issue('recovery').token, '12345'


def request(number, email, token, answer, address=HERE):
    recovery.request(number, email, token, answer, address=address)


def ask(asked=ASKED, address=HERE):
    request(*asked, *solved(), address=address)
    recovery.write_due()


def letters():
    return list(
        OutgoingMessage.select().where(OutgoingMessage.key.startswith('recovery:')).order_by(OutgoingMessage.id)
    )


def token():
    return re.search(r'/my/recovery/confirm#(\S+)', letters()[-1].text)[1]


def test_a_form_in_order_is_taken_without_looking_anything_up(db):
    request(' 100001 ', ' anna@example.by ', *solved())

    row = RecoveryRequest.get()
    assert (row.contract_number, row.email, row.address) == (*ASKED, HERE)
    assert letters() == []


@pytest.mark.parametrize('answer', ['54321', '', 'x' * 10_000, None, {'a': 1}])
def test_a_wrong_code_is_refused_and_used_up(db, answer):
    sealed, right = solved()
    with pytest.raises(InvalidForm) as refused:
        request('100001', 'anna@example.by', sealed, answer)
    assert list(refused.value.errors) == ['captcha']

    with pytest.raises(InvalidForm):
        request('100001', 'anna@example.by', sealed, right)


def test_a_code_opens_once(db):
    code = solved()
    request('100001', 'anna@example.by', *code)

    with pytest.raises(InvalidForm) as refused:
        request('100001', 'anna@example.by', *code)
    assert list(refused.value.errors) == ['captcha']


def test_a_code_is_used_up_for_good_though_the_form_is_refused(committed_db):
    code = solved()
    with database.connection_context(), pytest.raises(InvalidForm):
        request('', '', *code)

    with database.connection_context():
        assert SpentToken.select().count() == 1


@pytest.mark.parametrize(
    ('number', 'email', 'wrong'),
    [
        ('', '', {'number', 'email'}),
        ('   ', 'anna@example.by', {'number'}),
        ('100001', 'not an address', {'email'}),
        ('1' * 10_000, 'x' * 10_000, {'number', 'email'}),
        ('100\x00001', 'anna@exa\x07mple.by', {'number', 'email'}),
        ('<b>1</b>', '<script>@x.by', {'number', 'email'}),
        ('👋👋👋', '👋', {'number', 'email'}),
        ({'a': 1}, ['b'], {'number', 'email'}),
        (None, None, {'number', 'email'}),
    ],
)
def test_what_is_not_of_the_form_is_named_beside_its_field(db, number, email, wrong):
    with pytest.raises(InvalidForm) as refused:
        request(number, email, *solved())

    assert set(refused.value.errors) == wrong


@pytest.mark.parametrize('email', ['anna@example.by', 'Anna@Example.BY'])
def test_the_letter_goes_to_the_bound_address(db, anna, email):
    ask(('100001', email))

    assert [letter.recipient for letter in letters()] == ['anna@example.by']
    assert '/my/recovery/confirm#' in letters()[0].text
    stored = RecoveryToken.get()
    assert stored.token_hash == sessions.token_hash(token())
    assert token() not in str(stored.__data__)


@pytest.mark.parametrize(
    'asked',
    [
        ('100001', 'boris@example.by'),
        ('999999', 'anna@example.by'),
        ('100002', 'boris@example.com'),
    ],
)
def test_otherwise_there_is_no_letter_and_no_word(db, anna, boris, asked):
    ask(asked)

    assert letters() == []
    assert RecoveryToken.select().count() == 0


def test_a_blocked_person_and_an_employee_get_none(db, anna, vera):
    User.update(is_blocked=True).where(User.id == anna.user_id).execute()
    UserRole.create(user=vera.user_id, role=Role.ADMINISTRATOR)
    User.update(email='vera@example.by').where(User.id == vera.user_id).execute()

    ask()
    ask(('100003', 'vera@example.by'))

    assert letters() == []


def test_three_letters_an_hour_and_the_fourth_is_silently_none(db, anna):
    for number in range(4):
        ask(address=f'192.0.2.{number}')
    assert len(letters()) == get_rules().recovery.letters_to_account

    with time_machine.travel(now() + timedelta(minutes=61)):
        ask(address='192.0.2.9')
        assert len(letters()) == get_rules().recovery.letters_to_account + 1


def test_a_stranger_cannot_use_up_the_owners_tries(db, anna):
    for number in range(10):
        ask(('100001', 'guess@example.by'), address=f'198.51.100.{number}')
    ask()

    assert len(letters()) == 1


def test_five_requests_an_hour_from_one_address(db, anna):
    for _ in range(get_rules().recovery.asked_by_network):
        ask(('999999', 'x@example.by'))
    ask()

    assert letters() == []


def test_the_link_sets_the_password_ends_all_sessions_and_writes_about_it(db, anna):
    ask()
    recovery.set_new_password(token(), NEW, NEW)

    user = User.get_by_id(anna.user_id)
    assert passwords.verify_password(NEW, user.password_hash)
    assert sessions.resolve_hash(anna.session_hash) is None
    assert Session.select().where((Session.user == user) & Session.revoked_at.is_null()).count() == 0
    assert OutgoingMessage.select().where(OutgoingMessage.key.startswith(f'password:{user.id}:')).count() == 1


def test_the_link_works_once(db, anna):
    ask()
    used = token()
    recovery.set_new_password(used, NEW, NEW)

    with pytest.raises(RecoveryLinkGone):
        recovery.set_new_password(used, 'другие кони едят', 'другие кони едят')


def test_the_link_dies_after_an_hour(db, anna):
    ask()
    with time_machine.travel(now() + get_rules().tokens.recovery_link), pytest.raises(RecoveryLinkGone):
        recovery.set_new_password(token(), NEW, NEW)


def test_the_newest_link_kills_the_older(db, anna):
    ask()
    older = token()
    ask()

    with pytest.raises(RecoveryLinkGone):
        recovery.set_new_password(older, NEW, NEW)
    recovery.set_new_password(token(), NEW, NEW)


@pytest.mark.parametrize('made_up', ['', 'x', 'x' * 10_000, None, {'a': 1}, '\x00', '👋'])
def test_a_made_up_key_opens_nothing(db, anna, made_up):
    ask()
    with pytest.raises(RecoveryLinkGone):
        recovery.set_new_password(made_up, NEW, NEW)


@pytest.mark.parametrize(
    ('new', 'again', 'field'),
    [
        (NEW, NEW + '.', 'again'),
        ('short', 'short', 'new'),
        ('договор 100001', 'договор 100001', 'new'),
        ({}, {}, 'again'),
    ],
)
def test_a_bad_password_is_refused_and_the_link_stays_good(db, anna, new, again, field):
    ask()
    with pytest.raises(InvalidField) as refused:
        recovery.set_new_password(token(), new, again)
    assert refused.value.field == field

    recovery.set_new_password(token(), NEW, NEW)


def test_of_two_clicks_at_the_same_moment_one_wins(committed_db, request):
    from tests import cast

    anna = cast._anna()
    with database.connection_context():
        ask()
        link = token()
    outcomes, start = [], threading.Barrier(2)

    def click(password):
        with database.connection_context():
            start.wait(5)
            try:
                recovery.set_new_password(link, password, password)
                outcomes.append(password)
            except RecoveryLinkGone:
                outcomes.append('gone')

    threads = [threading.Thread(target=click, args=(p,)) for p in (NEW, 'другие кони едят')]
    [t.start() for t in threads]
    [t.join(20) for t in threads]

    assert sorted(outcome == 'gone' for outcome in outcomes) == [False, True]
    winner = next(outcome for outcome in outcomes if outcome != 'gone')
    with database.connection_context():
        assert passwords.verify_password(winner, User.get_by_id(anna.user_id).password_hash)


def test_whoever_is_asked_for_the_same_is_done_before_the_answer(db, anna, monkeypatch):
    asked, run = [], database.obj.execute_sql
    monkeypatch.setattr(database.obj, 'execute_sql', lambda sql, *rest: (asked.append(sql), run(sql, *rest))[1])

    request(*ASKED, *solved())
    for_a_match, asked[:] = list(asked), []
    request('999999', 'nobody@example.by', *solved())

    assert [re.sub(r'"s[0-9a-f]+"', 's', sql) for sql in asked] == [
        re.sub(r'"s[0-9a-f]+"', 's', sql) for sql in for_a_match
    ]
    assert RecoveryRequest.select().count() == 2


def test_what_was_asked_before_a_crash_is_worked_off_after_it(committed_db):
    from tests import cast

    cast._anna()
    with database.connection_context():
        request(*ASKED, *solved())
    with database.connection_context():
        assert recovery.write_due() == 1
        assert len(letters()) == 1
        assert RecoveryRequest.select().count() == 0
        assert recovery.write_due() == 0


def test_two_processes_write_one_letter(committed_db):
    from tests import cast

    cast._anna()
    with database.connection_context():
        request(*ASKED, *solved())
        row = RecoveryRequest.get()
    start = threading.Barrier(2)

    def work():
        with database.connection_context():
            start.wait(5)
            recovery._work_off(row.id)

    threads = [threading.Thread(target=work) for _ in range(2)]
    [t.start() for t in threads]
    [t.join(20) for t in threads]

    with database.connection_context():
        assert len(letters()) == 1


def test_a_row_that_cannot_be_worked_off_holds_nobody_up_and_is_tried_again(db, anna, boris, monkeypatch):
    User.update(email='boris@example.by').where(User.id == boris.user_id).execute()
    request('100002', 'boris@example.by', *solved())
    request(*ASKED, *solved())
    write = recovery._write_letter
    monkeypatch.setattr(
        recovery, '_write_letter', lambda user, address: 1 / 0 if user.id == boris.user_id else write(user, address)
    )
    recovery.write_due()
    assert [letter.recipient for letter in letters()] == ['anna@example.by']

    monkeypatch.undo()
    assert recovery.write_due() == 0
    with time_machine.travel(now() + recovery.LATER):
        recovery.write_due()
    assert {letter.recipient for letter in letters()} == {'anna@example.by', 'boris@example.by'}


def test_what_lay_too_long_is_dropped(db, anna):
    request(*ASKED, *solved())
    with time_machine.travel(now() + get_rules().recovery.forgotten_after):
        recovery.write_due()

    assert (letters(), RecoveryRequest.select().count()) == ([], 0)


def test_the_link_leads_to_the_host_of_the_settings(db, anna):
    ask()

    assert f'{get_settings().url}/my/recovery/confirm#' in letters()[0].text


def test_after_a_reset_the_owner_comes_in_even_in_a_siege(db, anna):
    ask()
    device = recovery.set_new_password(token(), NEW, NEW)
    for number in range(get_rules().guessing.siege.failures_of_account):
        with pytest.raises(WrongCredentials):
            sign_in.sign_in(
                '100001',
                'wrong',
                address=f'198.51.100.{number}',
                agent='',
                solution=guessing.Solution(captcha.issue('sign_in').token, '12345'),
            )

    assert sign_in.sign_in('100001', NEW, address=HERE, agent='', device=device).token
