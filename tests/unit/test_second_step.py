"""The second step: a half-opened session reaches nothing, shows a factor, and becomes another, full session."""

from datetime import timedelta

import pytest
import time_machine

from models.outbox import OutgoingMessage
from models.user import AuditEvent, Role, SecondStep, Session, User
from services.accounts import overview
from services.authority import own_contract, require_operator, require_role
from services.clock import now
from services.contracts import profile
from services.errors import InvalidField, NotAllowed, SignInRequired
from services.events import SessionEnded
from services.identity import (
    chosen_contract,
    confirming,
    enrolment,
    factor_reset,
    factors,
    own_password,
    own_sessions,
    passkeys,
    recovery,
    recovery_codes,
    second_step,
    sessions,
    sign_in,
    totp,
)
from services.identity.auth_rules import get_rules
from services.messages import chat
from services.settings import get_settings
from tests import factories
from tests.factors import code, enter, give_app, give_key, wrong_code

pytestmark = pytest.mark.at('2026-12-01 10:00')


@pytest.fixture
def obligatory(monkeypatch):
    """Staff need a second factor, as outside the demo."""
    monkeypatch.setenv('AMIGO_DEMO_SECOND_FACTOR', '1')
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def pass_by_code(typed, half):
    return sessions.resolve(second_step.pass_by_code(typed, actor=half))


def test_without_a_factor_a_subscriber_is_in_at_once(db, anna, obligatory):
    assert enter('100001').second_step is None


def test_whoever_has_a_factor_is_asked_for_it(db, anna):
    give_app(anna)

    half = enter('100001')

    assert half.second_step == SecondStep.ASK
    assert second_step.asked(actor=half) == second_step.Asked(has_app=True, has_passkey=False, codes_left=0)


def test_a_code_opens_a_full_session_under_a_new_id(db, anna):
    give_app(anna)
    half = enter('100001')

    full = pass_by_code(code(), half)

    assert (full.second_step, full.contract_number) == (None, '100001')
    assert full.session_hash != half.session_hash
    assert sessions.resolve_hash(half.session_hash) is None
    assert AuditEvent.select().where(AuditEvent.action == 'session.second_step').count() == 1


def test_a_passkey_opens_it_too(db, anna):
    key = give_key(anna)
    half = enter('100001')

    answer = key.get(second_step.ask_passkey(actor=half))
    full = sessions.resolve(second_step.pass_by_passkey(answer, actor=half))

    assert full.second_step is None
    with pytest.raises(SignInRequired):
        second_step.pass_by_passkey(answer, actor=sessions.resolve_hash(half.session_hash))


def test_a_replayed_passkey_opens_no_second_session(db, anna):
    key = give_key(anna)
    half, other = enter('100001'), enter('100001')
    answer = key.get(second_step.ask_passkey(actor=half))
    second_step.ask_passkey(actor=other)
    second_step.pass_by_passkey(answer, actor=half)

    with pytest.raises(passkeys.PasskeyRefused):
        second_step.pass_by_passkey(answer, actor=other)


def test_a_recovery_code_opens_it_once_and_a_letter_says_so(db, anna):
    give_app(anna)
    spare = recovery_codes.make(anna.user_id)[0]

    assert pass_by_code(spare, enter('100001')).second_step is None
    with pytest.raises(InvalidField):
        second_step.pass_by_code(spare, actor=enter('100001'))
    assert 'Осталось кодов: 9' in OutgoingMessage.get(OutgoingMessage.key.contains(':code_used:')).text


def test_the_same_code_opens_no_second_session(db, anna):
    give_app(anna)
    pass_by_code(code(), enter('100001'))

    with pytest.raises(InvalidField):
        second_step.pass_by_code(code(), actor=enter('100001'))


def test_a_half_opened_session_reaches_no_service(db, anna):
    give_app(anna)
    half = enter('100001')

    for refused in (
        lambda: require_role(half, *Role),
        lambda: require_operator(half),
        lambda: own_contract(half),
        lambda: overview.get_overview(actor=half),
        lambda: profile.get_profile(actor=half),
        lambda: profile.change_phone('+375291112233', actor=half),
        lambda: profile.change_email('a@example.by', factories.PASSWORD, factories.key(), actor=half),
        lambda: own_password.rules(actor=half),
        lambda: own_password.change_password(factories.PASSWORD, 'кони едят овёс', 'кони едят овёс', actor=half),
        lambda: own_password.set_first_password('кони едят овёс', 'кони едят овёс', actor=half),
        lambda: own_sessions.list_own(actor=half),
        lambda: own_sessions.end_others(actor=half),
        lambda: chosen_contract.choose_contract('100001', actor=half),
        lambda: sessions.switch_role('any', Role.SUBSCRIBER, actor=half),
        lambda: chat.send('Здравствуйте', factories.key(), actor=half),
        lambda: confirming.confirm(factories.PASSWORD, code(), '', actor=half),
        lambda: confirming.ask_passkey(actor=half),
        lambda: factors.own(actor=half),
        lambda: factor_reset.list_waiting(actor=half),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_full_session_owes_no_second_step(db, anna):
    for service in (
        second_step.asked,
        second_step.ask_passkey,
        lambda actor: second_step.pass_by_code(code(), actor=actor),
    ):
        with pytest.raises(NotAllowed):
            service(actor=anna)
        with pytest.raises(SignInRequired):
            service(actor=None)


def test_five_wrong_codes_end_it_and_the_person_hears_of_it(db, anna):
    give_app(anna)
    half = enter('100001')
    db.events.clear()
    for _ in range(4):
        with pytest.raises(InvalidField):
            second_step.pass_by_code(wrong_code(), actor=half)

    with pytest.raises(second_step.SecondStepOver):
        second_step.pass_by_code(wrong_code(), actor=half)

    assert sessions.resolve_hash(half.session_hash) is None
    assert SessionEnded((half.session_hash,)) in db.events
    letter = OutgoingMessage.get(OutgoingMessage.key.contains(':failed:'))
    assert (letter.recipient, '192.0.2.7' in letter.text) == ('anna@example.by', True)


@pytest.mark.parametrize(('login', 'way'), [('100001', '/my/recovery'), ('olga', 'скажите администратору')])
def test_the_letter_about_a_stopped_sign_in_names_a_way_that_is_open_to_the_person(db, anna, olga, login, way):
    give_app({'100001': anna, 'olga': olga}[login])
    half = enter(login)
    for _ in range(get_rules().second_factor.wrong_codes_of_session.most - 1):
        with pytest.raises(InvalidField):
            second_step.pass_by_code(wrong_code(), actor=half)
    with pytest.raises(second_step.SecondStepOver):
        second_step.pass_by_code(wrong_code(), actor=half)

    text = OutgoingMessage.get(OutgoingMessage.key.contains(':failed:')).text
    assert way in text
    assert ('/my/recovery' in text) is (login == '100001')


def test_wrong_passkeys_count_as_wrong_codes(db, anna):
    give_key(anna)
    half = enter('100001')
    for _ in range(4):
        with pytest.raises(passkeys.PasskeyRefused):
            second_step.pass_by_passkey('{}', actor=half)

    with pytest.raises(second_step.SecondStepOver):
        second_step.pass_by_passkey('{}', actor=half)


def test_a_half_opened_session_lives_ten_minutes(db, anna):
    give_app(anna)
    half = enter('100001')

    with time_machine.travel(now() + timedelta(minutes=10) - timedelta(seconds=1), tick=False):
        assert sessions.resolve_hash(half.session_hash)
    with time_machine.travel(now() + timedelta(minutes=10), tick=False):
        assert sessions.resolve_hash(half.session_hash) is None


def test_a_blocked_person_gets_no_further(db, anna):
    give_app(anna)
    half = enter('100001')
    User.update(is_blocked=True).where(User.id == anna.user_id).execute()

    with pytest.raises(SignInRequired):
        second_step.pass_by_code(code(), actor=half)


def test_a_recovered_password_does_not_open_what_the_factor_keeps(db, anna):
    give_app(anna)
    factories.ask_recovery('100001', 'anna@example.by')
    letter = OutgoingMessage.get(OutgoingMessage.key.startswith('recovery:'))
    link = letter.text.split('/my/recovery/confirm#')[1].split()[0]

    recovery.set_new_password(link, 'кони едят овёс', 'кони едят овёс')

    assert enter('100001', 'кони едят овёс').second_step == SecondStep.ASK


def test_a_one_time_password_does_not_open_it_either(db, anna):
    give_app(anna)
    User.update(must_change_password=True).where(User.id == anna.user_id).execute()
    newcomer = enter('100001')

    token = own_password.set_first_password('кони едят овёс', 'кони едят овёс', actor=newcomer)

    assert sessions.resolve(token).second_step == SecondStep.ASK


@pytest.mark.parametrize('login', ['olga', 'taras', 'ada'])
def test_staff_without_a_factor_set_one_up_first(db, olga, taras, ada, obligatory, login):
    half = enter(login)

    assert half.second_step == SecondStep.ENROL
    with pytest.raises(NotAllowed):
        require_role(half, *Role)
    with pytest.raises(NotAllowed):
        second_step.pass_by_code('000000', actor=half)


def test_in_the_demo_staff_are_not_sent_to_set_one_up(db, olga):
    assert enter('olga').second_step is None


def test_setting_up_the_first_factor_opens_the_session_in_full(db, olga, obligatory):
    half, elsewhere = enter('olga'), enter('olga')
    totp.begin(actor=half)
    secret = totp.setup(actor=half).secret.replace(' ', '')

    enrolled = totp.confirm(code(secret=secret), actor=half)

    assert len(enrolled.codes) == 10
    assert sessions.resolve(enrolled.token).wears(Role.OPERATOR)
    assert sessions.resolve_hash(half.session_hash) is None
    assert sessions.resolve_hash(elsewhere.session_hash) is None


def test_whoever_came_to_set_up_a_first_factor_adds_none_to_anothers(db, olga, obligatory):
    half = enter('olga')
    give_app(olga)

    for service in (totp.begin, totp.setup, passkeys.ask_to_register, factors.own):
        with pytest.raises(NotAllowed):
            service(actor=half)


def test_another_hat_asks_for_what_it_needs(db, ada, obligatory):
    token = sessions.open_session(
        User.get_by_id(ada.user_id), Role.ADMINISTRATOR, address='', agent='', factor_at=now()
    )
    full = sessions.resolve(token)
    assert full.second_step == SecondStep.ENROL

    give_app(ada)
    shown = sessions.open_session(
        User.get_by_id(ada.user_id), Role.ADMINISTRATOR, address='', agent='', factor_at=now()
    )
    switched = sessions.switch_role(shown, Role.OPERATOR, actor=sessions.resolve(shown))

    assert sessions.resolve(switched).second_step is None


def test_a_session_from_before_the_factor_shows_it_to_change_hats(db, ada):
    give_app(ada)

    switched = sessions.switch_role('any', Role.OPERATOR, actor=ada)

    assert sessions.resolve(switched).second_step == SecondStep.ASK


def test_a_session_is_opened_in_one_place(db):
    import re
    from pathlib import Path

    root = Path(sign_in.__file__).parents[2]
    makers = {p.name for p in root.glob('services/**/*.py') if re.search(r'\bSession\.create\(', p.read_text('utf-8'))}

    assert makers == {'sessions.py', 'confirming.py'}


def test_in_full_keeps_the_contract_and_the_hat(db, vera):
    give_app(vera)
    half = enter('100004')

    full = pass_by_code(code(), half)

    assert (full.role, full.contract_number) == (Role.SUBSCRIBER, '100004')
    assert Session.get(Session.token_hash == full.session_hash).factor_at == now()
    assert enrolment.in_full  # the one way from half to full
