"""What is refused leaves a line: who, from where, what; a flood leaves few, and nobody's secret is ever among them."""

import threading
from datetime import timedelta

import pytest
import time_machine

from models.user import AuditEvent, Role, Session
from services.audit import refusals
from services.clock import now
from services.contracts import profile, subscribers
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, TooManyRequests
from services.identity import (
    captcha,
    confirming,
    guessing,
    own_password,
    passkeys,
    recovery,
    second_step,
    sessions,
    sign_in,
)
from services.identity.auth_rules import get_rules
from services.identity.guessing import Solution
from services.identity.recovery import RecoveryLinkGone
from services.runner import with_connection
from tests import factories
from tests.factories import key
from tests.factors import enter, give_app, give_key, wrong_code

HERE = '192.0.2.7'


def lines(action):
    query = AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.id)
    return [(row.actor_id, row.subject, row.address, row.facts.get('why')) for row in query]


def come_in(login, password='wrong', address=HERE):
    solved = Solution(captcha.issue('sign_in').token, '12345')  # a guesser who reads captchas
    with pytest.raises((sign_in.WrongCredentials, TooManyRequests)):
        sign_in.sign_in(login, password, address=address, agent='tests', solution=solved)


def test_a_wrong_password_is_remembered_with_whose_account_and_from_where(db, anna):
    come_in('100001')

    assert lines('session.refuse') == [(None, f'user:{anna.user_id}', HERE, 'WrongCredentials')]


def test_an_unknown_login_is_remembered_without_what_was_typed(db):
    come_in('my-secret-password')

    assert lines('session.refuse') == [(None, 'user:unknown', HERE, 'WrongCredentials')]
    assert 'secret' not in str(list(AuditEvent.select().dicts()))


def test_the_same_refusal_is_one_line_a_minute(db, anna):
    start = now()
    for second in range(0, 55, 5):
        with time_machine.travel(start + timedelta(seconds=second), tick=False):
            come_in('100001')
    assert len(lines('session.refuse')) == 1

    with time_machine.travel(start + timedelta(seconds=65), tick=False):
        come_in('100001')
    assert [why for *_, why in lines('session.refuse')] == ['WrongCredentials', 'SecondsTooSoon']


def test_neighbours_of_one_network_are_one_place(db):
    for last in range(5):
        come_in('nobody', address=f'2001:db8:1:2::{last}')
    come_in('nobody', address='2001:db8:1:3::1')

    assert [address for _, _, address, _ in lines('session.refuse')] == ['2001:db8:1:2::/64', '2001:db8:1:3::/64']


def test_a_flood_from_everywhere_does_not_fill_the_table(db):
    for number in range(90):
        refusals.note_refusal('session.refuse', 'user:unknown', address=f'198.51.100.{number}')

    assert len(lines('session.refuse')) == refusals.MOST_A_MINUTE


def test_a_sign_in_leaves_a_line_with_its_place(db, anna):
    sign_in.sign_in('100001', factories.PASSWORD, address=HERE, agent='tests')

    assert lines('session.begin') == [(None, f'user:{anna.user_id}', HERE, None)]
    assert lines('session.refuse') == []


def test_a_service_that_refuses_leaves_a_line(db, anna, taras):
    with pytest.raises(NotAllowed):
        refusals.watched(subscribers.get_card, '100001', actor=taras)
    with pytest.raises(NotFound):
        refusals.watched(subscribers.get_card, '999999', actor=an_operator())

    name = 'contracts.subscriber_cards.get_card'
    assert [(subject, why) for _, subject, _, why in lines('refused')] == [(name, 'NotAllowed'), (name, 'NotFound')]
    assert lines('refused')[0][0] == taras.user_id


def an_operator():
    return factories.actor(factories.make_user(Role.OPERATOR, login='petr'), Role.OPERATOR)


def test_a_service_that_works_leaves_no_refusal(db, anna, olga):
    assert refusals.watched(subscribers.get_card, '100001', actor=olga).number == '100001'
    assert lines('refused') == []


def test_the_line_survives_the_transaction_that_was_undone(committed_db, anna, taras):
    with pytest.raises(NotAllowed):
        with_connection(refusals.watched)(subscribers.get_card, '100001', actor=taras)

    assert len(with_connection(lines)('refused')) == 1


def test_refusals_at_once_leave_one_line(committed_db, taras):
    start = threading.Barrier(4)

    def refuse():
        start.wait()
        refusals.note_refusal('refused', 'service', actor=taras)

    threads = [threading.Thread(target=refuse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(with_connection(lines)('refused')) == 1


def test_wrong_present_passwords_are_remembered(db, anna):
    with pytest.raises(InvalidField):
        own_password.change_password('wrong', 'кони едят овёс', 'кони едят овёс', actor=anna)
    with time_machine.travel(now() + timedelta(minutes=2)), pytest.raises(InvalidField):
        profile.change_email('new@example.by', 'wrong', key(), actor=anna)

    assert [subject for _, subject, _, _ in lines('password.refuse')] == [f'user:{anna.user_id}'] * 2


def test_a_wrong_second_factor_leaves_its_line(db, anna):
    give_app(anna)
    half = enter('100001')

    for _ in range(get_rules().second_factor.wrong_codes_of_session.most - 1):
        with pytest.raises(InvalidField):
            second_step.pass_by_code(wrong_code(), actor=half)
    with pytest.raises(second_step.SecondStepOver):
        second_step.pass_by_code(wrong_code(), actor=half)

    here = (anna.user_id, f'user:{anna.user_id}', half.address, None)
    assert lines('factor.refuse') == [here]
    assert lines('session.second_step_failed') == [here]
    assert wrong_code() not in str(list(AuditEvent.select().dicts()))


def test_a_wrong_passkey_leaves_its_line_too(db, anna):
    give_key(anna)
    half = enter('100001')
    second_step.ask_passkey(actor=half)

    with pytest.raises(passkeys.PasskeyRefused):
        second_step.pass_by_passkey('{}', actor=half)

    assert [subject for _, subject, _, _ in lines('factor.refuse')] == [f'user:{anna.user_id}']


@pytest.mark.parametrize(('password', 'action'), [('wrong', 'password.refuse'), (factories.PASSWORD, 'factor.refuse')])
def test_what_is_shown_wrong_in_confirming_leaves_its_line(db, anna, password, action):
    give_app(anna)

    with pytest.raises(InvalidField):
        confirming.confirm(password, wrong_code(), '', actor=anna)

    assert [subject for _, subject, _, _ in lines(action)] == [f'user:{anna.user_id}']


def test_that_a_captcha_was_asked_for_leaves_a_line(db, anna):
    for place in range(60):
        try:
            sign_in.sign_in('100001', 'wrong', address=f'198.51.100.{place}', agent='tests')
        except sign_in.WrongCredentials:
            continue
        except guessing.CaptchaNeeded:
            break

    assert lines('session.refuse')[-1] == (None, f'user:{anna.user_id}', f'198.51.100.{place}', 'CaptchaNeeded')

    bad = Solution(captcha.issue('sign_in').token, '00000')
    with pytest.raises(guessing.CaptchaWrong):
        sign_in.sign_in('100001', 'wrong', address='203.0.113.9', agent='tests', solution=bad)
    assert lines('session.refuse')[-1] == (None, f'user:{anna.user_id}', '203.0.113.9', 'CaptchaWrong')


def test_leaving_leaves_a_line_once(db, anna):
    token = sign_in.sign_in('100001', factories.PASSWORD, address=HERE, agent='tests').token

    sessions.end_session(token)
    sessions.end_session(token)
    sessions.end_session('made-up')
    sessions.end_session(None)

    assert lines('session.leave') == [(anna.user_id, f'user:{anna.user_id}', HERE, None)]


def test_recovery_that_leads_nowhere_is_remembered(db, anna):
    factories.ask_recovery('100001', 'somebody@example.by', address=HERE)
    factories.ask_recovery('999999', 'somebody@example.by', address=HERE)
    with pytest.raises(RecoveryLinkGone):
        recovery.set_new_password('made-up-token', 'кони едят овёс', 'кони едят овёс')

    subjects = [subject for _, subject, _, _ in lines('recovery.refuse')]
    assert subjects == [f'user:{anna.user_id}', 'user:unknown', 'recovery']


def test_what_is_not_a_refusal_leaves_no_line(db, anna):
    with pytest.raises(InvalidForm):
        recovery.request('', '', captcha.issue('recovery').token, '12345', address=HERE)
    with pytest.raises(InvalidField):
        own_password.change_password(factories.PASSWORD, 'a', 'b', actor=anna)

    assert AuditEvent.select().count() == 0
    assert Session.select().count() == 1
