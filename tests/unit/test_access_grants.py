"""Giving, changing and ending access; the invitation by letter, accepted once, by a subscriber or by somebody new."""

import re
import threading
from datetime import date, datetime, timedelta

import pytest
import time_machine

from models.access import Access, AccessGrant
from models.base import database
from models.outbox import OutgoingMessage
from models.user import AuditEvent, Session, User
from services.authority import OwnerOnly
from services.clock import MINSK, now
from services.contracts import access_board, access_grants, access_invitations
from services.contracts.access_board import GrantState
from services.contracts.access_invitations import InvitationGone, OwnInvitation
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.identity import sessions, sign_in
from services.identity.passwords import WeakPassword
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factors import make_fresh

NOON = datetime(2026, 12, 10, 12, tzinfo=MINSK)
PASSWORD = 'кони едят овёс'


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def give(owner, name='Вера', email='vera@example.by', level='see', term='month', key='key-1'):
    access_grants.give(name, email, level, term, key, actor=owner)
    return AccessGrant.select().order_by(AccessGrant.id.desc()).get()


def letters(start='access:'):
    rows = OutgoingMessage.select().where(OutgoingMessage.key.startswith(start)).order_by(OutgoingMessage.id)
    return list(rows)


def token(number=-1):
    invitations = [letter for letter in letters() if '/my/access/accept#' in letter.text]
    return re.search(r'/my/access/accept#(\S+)', invitations[number].text)[1]


def accept_new(sealed, name='Вера Новая', password=PASSWORD, again=PASSWORD, actor=None):
    return access_invitations.accept_as_new(sealed, name, password, again, actor=actor, address='192.0.2.7')


def test_an_invitation_goes_by_letter_and_its_key_is_stored_nowhere(db, anna):
    grant = give(anna)

    letter = letters()[0]
    assert (letter.recipient, letter.subject) == ('vera@example.by', 'Анна П. открывает вам договор 100001')
    assert '10 января 2027' in letter.text.replace('\xa0', ' ')
    assert token() not in str(grant.__data__)
    assert token() not in str([event.facts for event in AuditEvent.select()])
    event = AuditEvent.get(AuditEvent.action == 'access.give')
    assert (event.actor.id, event.subject, event.facts['level']) == (anna.user_id, 'contract:100001', 'see')


@pytest.mark.parametrize(
    ('today', 'term', 'last_day'),
    [
        (date(2026, 12, 10), 'month', date(2027, 1, 10)),
        (date(2027, 1, 31), 'month', date(2027, 2, 28)),
        (date(2028, 2, 29), 'year', date(2029, 2, 28)),
        (date(2026, 12, 10), 'forever', None),
    ],
)
def test_a_term_ends_on_the_same_day_of_the_month(db, anna, at_noon, today, term, last_day):
    at_noon.move_to(datetime(today.year, today.month, today.day, 12, tzinfo=MINSK))
    make_fresh(anna)
    assert give(anna, term=term).valid_until == last_day


@pytest.mark.parametrize(
    ('fields', 'wrong'),
    [
        ({'name': ''}, 'name'),
        ({'name': '<b>Вера</b>'}, 'name'),
        ({'name': 'x' * 10_000}, 'name'),
        ({'email': 'vera'}, 'email'),
        ({'email': 'ANNA@example.by'}, 'email'),
        ({'level': 'owner'}, 'level'),
        ({'level': None}, 'level'),
        ({'term': 'keep'}, 'until'),
        ({'term': ['year']}, 'until'),
    ],
)
def test_a_form_that_is_wrong_says_where(db, anna, fields, wrong):
    with pytest.raises(InvalidForm) as refusal:
        give(anna, **fields)
    assert list(refusal.value.errors) == [wrong]
    assert not AccessGrant.select().exists()
    assert not letters()


def test_the_same_form_twice_invites_once_and_one_address_has_one_access(db, anna):
    give(anna)
    give(anna)
    assert len(letters()) == AccessGrant.select().count() == 1

    with pytest.raises(InvalidForm) as refusal:
        give(anna, email='Vera@Example.by', key='key-2')
    assert list(refusal.value.errors) == ['email']


def test_letters_to_strangers_have_a_limit(db, anna):
    for number in range(access_grants.MOST_LETTERS):
        grant = give(anna, email=f'p{number}@example.by', key=f'key-{number}')
        access_grants.end(grant.id, actor=anna)

    with pytest.raises(TooManyRequests):
        give(anna, email='more@example.by', key='more')


def test_ten_are_open_at_most(db, anna):
    for number in range(access_grants.MOST_OPEN):
        give(anna, email=f'p{number}@example.by', key=f'key-{number}')

    with pytest.raises(access_grants.TooManyOpen):
        give(anna, email='more@example.by', key='more')


def test_vera_accepts_and_works_with_annas_contract(db, anna, vera):
    give(anna)

    access_invitations.accept(token(), actor=vera)

    actor = sessions.resolve_hash(vera.session_hash)
    assert (actor.contract_number, actor.access) == ('100001', Access.SEE)
    told = letters()[-1]
    assert (told.recipient, 'Вера Демонова' in told.subject) == ('anna@example.by', True)
    assert AuditEvent.get(AuditEvent.action == 'access.accept').actor.id == vera.user_id
    view = access_board.board(actor=anna).open[0]
    assert (view.state, view.person, view.last_day) == (GrantState.OPEN, 'Вера Демонова', date(2027, 1, 10))


def test_the_same_person_again_changes_nothing_another_is_too_late(db, anna, boris, vera):
    give(anna)
    access_invitations.accept(token(), actor=vera)
    before = len(letters())

    access_invitations.accept(token(), actor=vera)
    with pytest.raises(InvitationGone):
        access_invitations.accept(token(), actor=boris)
    with pytest.raises(InvitationGone):
        access_invitations.look(token(), actor=vera)
    assert len(letters()) == before
    assert AccessGrant.get().user_id == vera.user_id


def test_an_invitation_lives_a_week(db, anna, vera, at_noon):
    give(anna)
    at_noon.move_to(NOON + timedelta(days=7) - timedelta(seconds=1))
    assert access_invitations.look(token(), actor=None).owner == 'Анна П.'

    at_noon.move_to(NOON + timedelta(days=7))
    Session.update(seen_at=now()).execute()
    with pytest.raises(InvitationGone):
        access_invitations.accept(token(), actor=vera)
    assert access_board.board(actor=anna).open[0].state == GrantState.LATE


@pytest.mark.parametrize('sealed', ['', 'unknown', 'x' * 10_000, None, {'a': 1}])
def test_a_made_up_key_opens_nothing(db, anna, vera, sealed):
    give(anna)
    for work in (access_invitations.look, access_invitations.accept):
        with pytest.raises(InvitationGone):
            work(sealed, actor=vera)
    with pytest.raises(InvitationGone):
        accept_new(sealed)


def test_a_new_letter_kills_the_older_link(db, anna, vera):
    grant = give(anna)
    access_grants.invite_again(grant.id, actor=anna)

    with pytest.raises(InvitationGone):
        access_invitations.accept(token(0), actor=vera)
    access_invitations.accept(token(1), actor=vera)
    with pytest.raises(NotFound):
        access_grants.invite_again(grant.id, actor=anna)


def test_the_owner_and_employees_accept_nothing(db, anna, olga, stranger):
    give(anna)

    for work in (access_invitations.look, access_invitations.accept):
        with pytest.raises(OwnInvitation):
            work(token(), actor=anna)
    with pytest.raises(NotAllowed):
        access_invitations.accept(token(), actor=olga)
    with pytest.raises(SignInRequired):
        access_invitations.accept(token(), actor=stranger)


@pytest.mark.parametrize('change', ['ended', 'blocked', 'over'])
def test_an_invitation_that_lost_its_ground_is_gone(db, anna, vera, change):
    grant = give(anna)
    if change == 'ended':
        access_grants.end(grant.id, actor=anna)
    elif change == 'blocked':
        User.update(is_blocked=True).where(User.id == anna.user_id).execute()
    else:
        AccessGrant.update(valid_until=date(2026, 12, 9)).execute()

    with pytest.raises(InvitationGone):
        access_invitations.accept(token(), actor=vera)


def test_a_second_invitation_replaces_what_the_person_had(db, anna, vera):
    give(anna)
    access_invitations.accept(token(), actor=vera)
    give(anna, email='work@example.by', level='manage', key='key-2')

    access_invitations.accept(token(), actor=vera)

    assert [g.level for g in AccessGrant.select().where(AccessGrant.ended_at.is_null())] == [Access.MANAGE]
    assert sessions.resolve_hash(vera.session_hash).access == Access.MANAGE


def test_somebody_new_gets_a_number_of_his_own(db, anna):
    give(anna, email='mama@example.by')

    number = accept_new(token())

    assert re.fullmatch(r'9\d{6}', number)
    assert number in letters('access:login')[0].text
    entered = sign_in.sign_in(number, PASSWORD, address='192.0.2.7', agent='Browser')
    actor = sessions.resolve(entered.token)
    assert (actor.name, actor.contract_number, actor.access) == ('Вера Новая', '100001', Access.SEE)
    access_grants.end(AccessGrant.get().id, actor=anna)
    assert sessions.resolve(entered.token).contract_id is None
    assert sign_in.sign_in(number, PASSWORD, address='192.0.2.7', agent='Browser').token


def test_somebody_new_recovers_his_password_by_his_number(db, anna):
    give(anna, email='mama@example.by')
    number = accept_new(token())

    factories.ask_recovery(number, 'other@example.by')
    assert not letters('recovery:')
    factories.ask_recovery(number, 'mama@example.by')
    assert letters('recovery:')[0].recipient == 'mama@example.by'


def test_no_letter_recovers_an_employee(db, olga):
    factories.ask_recovery('olga', 'olga@example.by')

    assert not letters('recovery:')


@pytest.mark.parametrize(
    ('fields', 'error'),
    [
        ({'name': ''}, InvalidField),
        ({'name': '<script>'}, InvalidField),
        ({'again': 'другое'}, InvalidField),
        ({'password': '123', 'again': '123'}, WeakPassword),
        ({'password': 'mama100001', 'again': 'mama100001'}, WeakPassword),
    ],
)
def test_a_mistake_keeps_the_invitation(db, anna, fields, error):
    give(anna, email='mama@example.by')
    with pytest.raises(error):
        accept_new(token(), **fields)

    assert User.select().count() == 1
    assert accept_new(token())


def test_a_change_is_known_at_once_and_told(db, anna, vera):
    grant = give(anna)
    access_invitations.accept(token(), actor=vera)

    access_grants.change(grant.id, 'pay', 'keep', actor=anna)
    access_grants.change(grant.id, 'pay', 'keep', actor=anna)

    assert sessions.resolve_hash(vera.session_hash).access == Access.PAY
    assert AccessGrant.get().valid_until == date(2027, 1, 10)
    told = [letter for letter in letters() if 'изменился' in letter.subject]
    assert [letter.recipient for letter in told] == ['vera@example.by']
    assert AuditEvent.select().where(AuditEvent.action == 'access.change').count() == 1


@pytest.mark.parametrize(('level', 'term'), [('owner', 'keep'), ('', 'keep'), ('pay', 'decade'), (None, None)])
def test_a_forged_change_is_refused(db, anna, level, term):
    grant = give(anna)
    with pytest.raises(InvalidField):
        access_grants.change(grant.id, level, term, actor=anna)


def test_the_end_is_told_written_down_and_done_once(db, anna, vera):
    grant = give(anna)
    access_invitations.accept(token(), actor=vera)

    access_grants.end(grant.id, actor=anna)
    access_grants.end(grant.id, actor=anna)

    ended = AccessGrant.get()
    assert (ended.ended_at, ended.ended_by.id) == (now(), anna.user_id)
    assert [letter.recipient for letter in letters() if 'закрыт' in letter.subject] == ['vera@example.by']
    assert access_board.board(actor=anna).past[0].state == GrantState.ENDED
    with pytest.raises(NotFound):
        access_grants.change(grant.id, 'pay', 'keep', actor=anna)


def test_nobody_touches_what_another_owner_gave(db, anna, boris, vera):
    grant = give(anna)
    access_invitations.accept(token(), actor=vera)
    relative = sessions.resolve_hash(vera.session_hash)

    for work in (access_grants.end, access_grants.invite_again):
        with pytest.raises(NotFound):
            work(grant.id, actor=boris)
        with pytest.raises(OwnerOnly):
            work(grant.id, actor=relative)
    with pytest.raises(NotFound):
        access_grants.change(grant.id, 'manage', 'forever', actor=boris)
    assert access_board.board(actor=boris).open == ()
    assert (AccessGrant.get().level, AccessGrant.get().ended_at) == (Access.SEE, None)


def test_of_two_people_with_one_link_one_gets_in(committed_db, anna, boris, vera):
    with_connection(give)(anna)
    sealed = with_connection(token)()
    gate, answers = threading.Barrier(2), []

    def try_it(actor):
        @with_connection
        def work():
            gate.wait()
            access_invitations.accept(sealed, actor=actor)

        try:
            work()
            answers.append('in')
        except InvitationGone:
            answers.append('gone')

    threads = [threading.Thread(target=try_it, args=(actor,)) for actor in (boris, vera)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == ['gone', 'in']
    with database.connection_context():
        assert AccessGrant.select().where(AccessGrant.user.is_null(False)).count() == 1


def test_two_new_people_with_one_link_make_one_login(committed_db, anna):
    with_connection(give)(anna)
    sealed = with_connection(token)()
    gate, answers = threading.Barrier(2), []

    def try_it():
        gate.wait()
        try:
            answers.append(with_connection(accept_new)(sealed)[:1])
        except InvitationGone:
            answers.append('gone')

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == ['9', 'gone']
    with database.connection_context():
        assert User.select().count() == 2


def test_the_database_itself_keeps_one_open_access_and_real_levels(db, anna, vera):
    import peewee

    factories.open_access(contract_of(anna), vera)
    with pytest.raises((peewee.IntegrityError, peewee.DatabaseError)), database.atomic():
        factories.open_access(contract_of(anna), vera)
    with pytest.raises((peewee.IntegrityError, peewee.DatabaseError)), database.atomic():
        AccessGrant.update(level=Access.OWNER).execute()
