"""Access to the cabinet: made after the signature, shown once, nowhere to be found again."""

from datetime import timedelta

import pytest

from models.base import database
from models.contract import Contract, Credentials, Subscriber
from models.outbox import OutgoingMessage
from models.tables import ALL
from models.user import AuditEvent, RecoveryToken, Role, Session, User
from services.clock import now
from services.contracts import credentials
from services.contracts.credentials import AlreadyIssued, AlreadyReissued, NotSigned
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired
from services.form_keys import BrokenForm
from services.identity import passwords, recovery, sessions, sign_in
from tests import factories, field


@pytest.fixture
def ivan(storage):
    """Иван, the other technician."""
    user = factories.make_user(Role.TECHNICIAN, login='ivan', name='Иван')
    return factories.actor(user, Role.TECHNICIAN)


def everything_stored():
    """Return all rows of all tables as one text."""
    rows = (str(row) for table in ALL for row in table.select().tuples())
    return '\n'.join(rows)


def come_in(number, password):
    return sign_in.sign_in(number, password, address='127.0.0.1', agent='tests')


def test_the_password_opens_the_cabinet_and_must_be_changed(db, taras):
    _, number = field.signed(taras)
    issued = credentials.issue(number, actor=taras)
    assert issued.login == number
    assert issued.address.endswith('/my/index')
    assert timedelta(days=6, hours=23) < issued.until - now() <= timedelta(days=7)
    opened = come_in(number, issued.password)
    assert opened.must_change_password
    assert opened.role == Role.SUBSCRIBER


def test_the_password_is_nowhere_in_the_database_nor_in_the_letter(db, taras):
    _, number = field.signed(taras)
    issued = credentials.issue(number, actor=taras)
    stored = everything_stored()
    assert issued.password not in stored
    assert issued.password.replace('-', '') not in stored
    assert issued.password not in repr(issued)
    letter = OutgoingMessage.get(OutgoingMessage.recipient == 'nina@example.by')
    assert number in letter.text
    assert '/my/index' in letter.text


def test_without_e_mail_the_news_comes_by_sms(db, taras):
    _, number = field.signed(taras, email='')
    credentials.issue(number, actor=taras)
    assert OutgoingMessage.get().recipient == factories.PHONE


def test_it_is_shown_once(db, taras, olga):
    _, number = field.signed(taras)
    issued = credentials.issue(number, actor=taras)
    for actor in (taras, olga):
        with pytest.raises(AlreadyIssued, match='показать ещё раз нельзя'):
            credentials.issue(number, actor=actor)
    assert come_in(number, issued.password)


def test_two_at_once_one_gets_it(db, taras, monkeypatch):
    _, number = field.signed(taras)
    make = passwords.hash_password
    seen = []

    def slow(password):
        if not seen:
            seen.append(password)
            credentials.issue(number, actor=taras)  # somebody was quicker while we were hashing
        return make(password)

    monkeypatch.setattr(passwords, 'hash_password', slow)
    with pytest.raises(AlreadyIssued):
        credentials.issue(number, actor=taras)
    assert Credentials.select().count() == 1


def test_the_hash_is_computed_outside_the_transaction(committed_db, taras, monkeypatch):
    _, number = field.signed(taras)
    make = passwords.hash_password
    inside = []
    monkeypatch.setattr(passwords, 'hash_password', lambda p: (inside.append(database.in_transaction()), make(p))[1])
    with database.connection_context():
        credentials.issue(number, actor=taras)
    assert inside == [False]


def test_no_access_before_the_signature(db, taras):
    visit = field.ready(taras)
    number = Contract.get(Contract.application == visit.application).number
    with pytest.raises(NotSigned):
        credentials.issue(number, actor=taras)
    assert not Credentials.select().exists()


def test_who_may_not(db, taras, ivan, anna, stranger):
    _, number = field.signed(taras)
    with pytest.raises(NotFound):
        credentials.issue(number, actor=ivan)
    with pytest.raises(NotAllowed):
        credentials.issue(number, actor=anna)
    with pytest.raises(SignInRequired):
        credentials.issue(number, actor=stranger)
    with pytest.raises(NotFound):
        credentials.issue('100001', actor=taras)  # Anna's contract was not his visit
    for hostile in (None, {'a': 1}, '1' * 10_000, ''):
        with pytest.raises(NotFound):
            credentials.issue(hostile, actor=taras)


def test_the_one_time_password_dies_after_seven_days(db, taras):
    _, number = field.signed(taras)
    issued = credentials.issue(number, actor=taras)
    User.update(one_time_until=now() - timedelta(seconds=1)).where(User.email == 'nina@example.by').execute()
    with pytest.raises(sign_in.OneTimePasswordExpired):
        come_in(number, issued.password)


def test_sealing_is_remembered_once(db, taras):
    _, number = field.signed(taras)
    with pytest.raises(NotFound):
        credentials.seal(number, actor=taras)
    credentials.issue(number, actor=taras)
    credentials.seal(number, actor=taras)
    first = Credentials.get().sealed_at
    credentials.seal(number, actor=taras)
    assert Credentials.get().sealed_at == first
    assert AuditEvent.select().where(AuditEvent.action == 'credentials.seal').count() == 1


def test_reissue_kills_the_old_password_and_ends_the_sessions(db, taras, olga):
    _, number = field.signed(taras)
    old = credentials.issue(number, actor=taras)
    come_in(number, old.password)
    new = credentials.reissue(number, 'Потерял карточку', field.key(), actor=olga)
    assert new.password != old.password
    with pytest.raises(sign_in.WrongCredentials):
        come_in(number, old.password)
    user = Contract.get(Contract.number == number).subscriber.user
    assert not Session.select().where((Session.user == user) & Session.revoked_at.is_null()).exists()
    assert come_in(number, new.password).must_change_password
    row = Credentials.get()
    assert (row.evidence['times'], row.note, row.issued_by.id) == (2, 'Потерял карточку', olga.user_id)
    assert AuditEvent.get(AuditEvent.action == 'credentials.reissue').facts['reason'] == 'Потерял карточку'


@pytest.mark.parametrize('reason', ['', '  ', None, 'я' * 501, 'так\x00'])
def test_reissue_needs_a_reason(db, taras, olga, reason):
    _, number = field.signed(taras)
    with pytest.raises(InvalidField):
        credentials.reissue(number, reason, field.key(), actor=olga)


def test_only_an_operator_reissues(db, taras):
    _, number = field.signed(taras)
    with pytest.raises(NotAllowed):
        credentials.reissue(number, 'Потерял', field.key(), actor=taras)


def test_a_repeated_click_makes_no_third_password(db, taras, olga):
    _, number = field.signed(taras)
    credentials.issue(number, actor=taras)
    key = field.key()
    new = credentials.reissue(number, 'Потерял', key, actor=olga)
    with pytest.raises(AlreadyReissued):
        credentials.reissue(number, 'Потерял', key, actor=olga)
    assert come_in(number, new.password)
    assert Credentials.get().evidence['times'] == 2
    for broken in ('', None, 'x' * 100, 'ключ'):
        with pytest.raises(BrokenForm):
            credentials.reissue(number, 'Потерял', broken, actor=olga)


def test_no_operator_makes_himself_the_password_of_an_administrator(db, taras, olga, ada):
    _, number = field.signed(taras)
    Subscriber.update(user=ada.user_id).execute()
    before = User.get_by_id(ada.user_id).password_hash

    for attempt in (
        lambda: credentials.reissue(number, 'Потерял', field.key(), actor=olga),
        lambda: credentials.issue(number, actor=taras),
        lambda: credentials.issue(number, actor=olga),
    ):
        with pytest.raises(credentials.OfEmployee):
            attempt()
    assert User.get_by_id(ada.user_id).password_hash == before
    assert sessions.resolve_hash(ada.session_hash)

    eva = factories.actor(factories.make_user(Role.ADMINISTRATOR, login='eva'), Role.ADMINISTRATOR)
    credentials.reissue(number, 'Потерял', field.key(), actor=eva)
    assert sessions.resolve_hash(ada.session_hash) is None


def test_a_new_password_voids_the_link_of_an_older_letter(db, taras, olga):
    _, number = field.signed(taras)
    user = Contract.get(Contract.number == number).subscriber.user
    token = 'letter'
    moment = now()
    RecoveryToken.create(
        user=user, token_hash=sessions.token_hash(token), created_at=moment, expires_at=moment + timedelta(hours=1)
    )

    credentials.reissue(number, 'Чужой в кабинете', field.key(), actor=olga)

    with pytest.raises(recovery.RecoveryLinkGone):
        recovery.set_new_password(token, 'кони едят овёс', 'кони едят овёс')
