"""«Удалить мои данные»: what stands in the way, the request in time, and that nothing of the person is left."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.access import AccessGrant
from models.account import Entry, Operation
from models.base import SQLITE_PRAGMAS, database, scrub
from models.contract import Contract, Document, EquipmentUnit, Subscriber
from models.file import StoredFile
from models.outbox import OutgoingMessage, OutgoingState
from models.payment import Payment, PaymentState
from models.privacy import PrivacyRequest, RequestState
from models.second_factor import Passkey, PasskeyChallenge, RecoveryCode, TotpSecret
from models.tables import ALL
from models.user import AuditEvent, User
from services.accounts import invariants
from services.clock import now, today
from services.contracts import access_board
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.files import store
from services.identity import sessions
from services.identity.sign_in import WrongCredentials, sign_in
from services.privacy import forgetting, requests, retention
from services.privacy.erasure import CannotErase
from services.privacy.requests import SecondPersonNeeded
from services.runner import with_connection
from tests import factories, person
from tests.cast import contract_of


def ask(actor):
    requests.ask_erasure(factories.key(), actor=actor)
    return PrivacyRequest.get(PrivacyRequest.user == actor.user_id)


def reasons(actor):
    return [one.reason.split('{number} ')[-1] for one in requests.own_erasure(actor=actor).obstacles]


def cells():
    """Return every text of every table in one string."""
    found = []
    for model in ALL:
        for row in model.select().tuples():
            found += [bytes(v).decode('utf-8', 'replace') if isinstance(v, bytes | memoryview) else str(v) for v in row]
    return '\n'.join(found)


def test_while_a_contract_runs_it_says_what_stands_in_the_way(db):
    actor = person.live()
    factories.make_unit(contract_of(actor))

    assert reasons(actor) == [
        'действует. Расторгните его на странице «Расторжение договора» или в офисе.',
        'на счёте {sum} — напишите в чат, куда вернуть деньги.',
        'не сдано оборудование. Привезите его в офис или позовите мастера.',
    ]
    with pytest.raises(CannotErase):
        ask(actor)


@pytest.mark.at('2026-12-02 00:30')  # in London it is still the 1st
def test_a_debt_and_a_payment_in_flight_stand_in_the_way(db):
    actor = person.live()
    person.leave(actor)
    contract = contract_of(actor)
    factories.top_up(contract, Decimal('-5.00'))
    Payment.update(state=PaymentState.PROCESSING).where(Payment.contract == contract).execute()

    obstacles = requests.own_erasure(actor=actor).obstacles

    assert [one.facts.get('sum') for one in obstacles] == [Decimal('5.00'), None]
    assert obstacles[1].until == date(2026, 12, 4)


def test_a_request_has_fifteen_days_and_is_confirmed_by_letter(db):
    actor = person.live()
    person.leave(actor)

    request = ask(actor)

    assert (request.state, request.due_on) == (RequestState.OPEN, today() + timedelta(days=15))
    assert OutgoingMessage.select().where(OutgoingMessage.key == f'request:{request.id}:received').count() == 1
    ask(actor)
    assert PrivacyRequest.select().count() == 1


def test_it_can_be_taken_back_until_it_is_answered(db, olga):
    actor = person.live()
    person.leave(actor)
    request = ask(actor)

    requests.withdraw(actor=actor)

    assert PrivacyRequest.get_by_id(request.id).state == RequestState.WITHDRAWN
    with pytest.raises(WrongTransition):
        requests.confirm(request.id, actor=olga)


def test_only_operators_see_the_register_and_answer(db, taras, anna):
    actor = person.live()
    person.leave(actor)
    request = ask(actor)

    for who, refusal in ((taras, NotAllowed), (anna, NotAllowed), (actor, NotAllowed), (None, SignInRequired)):
        for service, args in (
            (requests.list_requests, ()),
            (requests.confirm, (request.id,)),
            (requests.refuse, (request.id, 'нет')),
            (requests.record_paper, ('200777', 'erasure', factories.key())),
        ):
            with pytest.raises(refusal):
                service(*args, actor=who)
    assert User.get_by_id(actor.user_id).email == person.EMAIL


def test_the_most_urgent_stands_first_with_its_days(db, olga):
    actor = person.live()
    person.leave(actor)
    ask(actor)
    other = factories.make_contract()
    requests.record_paper(other.number, 'information', factories.key(), actor=olga)
    PrivacyRequest.update(due_on=today() - timedelta(days=2)).where(PrivacyRequest.user == actor.user_id).execute()

    rows = requests.list_requests(actor=olga)

    assert [(row.contract_number, row.is_on_paper) for row in rows] == [('200777', False), (other.number, True)]
    assert rows[0].days_left == -2
    assert 4 < rows[1].days_left <= 14


@pytest.mark.parametrize('number', ['', '999999', 'abc', '1' * 40, None, "' OR 1=1"])
def test_a_paper_about_an_unknown_contract_is_refused_beside_the_field(db, olga, number):
    with pytest.raises(InvalidField) as refused:
        requests.record_paper(number, 'erasure', factories.key(), actor=olga)

    assert refused.value.field == 'number'


def test_a_refusal_needs_a_reason_and_is_told(db, olga):
    actor = person.live()
    person.leave(actor)
    request = ask(actor)

    with pytest.raises(InvalidField):
        requests.refuse(request.id, '  ', actor=olga)
    requests.refuse(request.id, 'Идёт суд.', actor=olga)

    own = requests.own_erasure(actor=actor)
    assert (own.state, own.answer) == (RequestState.REFUSED, 'Идёт суд.')
    assert 'Идёт суд.' in OutgoingMessage.get(OutgoingMessage.key == f'request:{request.id}:refused').text
    with pytest.raises(WrongTransition):
        requests.confirm(request.id, actor=olga)


def test_who_wrote_a_paper_down_does_not_erase_by_it(db, olga, ada):
    actor = person.live()
    person.leave(actor)
    requests.record_paper('200777', 'erasure', factories.key(), actor=olga)
    request = PrivacyRequest.get(PrivacyRequest.user == actor.user_id)

    with pytest.raises(SecondPersonNeeded):
        requests.confirm(request.id, actor=olga)
    assert [row.is_for_colleague for row in requests.list_requests(actor=olga)] == [True]
    assert User.get_by_id(actor.user_id).email == person.EMAIL

    assert [row.is_for_colleague for row in requests.list_requests(actor=ada)] == [False]
    requests.confirm(request.id, actor=ada)
    done = PrivacyRequest.get_by_id(request.id)
    assert (done.state, done.recorded_by_id, done.answered_by_id) == (RequestState.DONE, olga.user_id, ada.user_id)


@pytest.mark.parametrize('request_id', [0, -1, 10**6, '1', None, True])
def test_an_unknown_request_is_not_found(db, olga, request_id):
    with pytest.raises(NotFound):
        requests.confirm(request_id, actor=olga)


def test_a_debt_that_came_after_the_request_stops_the_erasure(db, olga):
    actor = person.live()
    person.leave(actor)
    request = ask(actor)
    factories.top_up(contract_of(actor), Decimal('-1.00'))

    with pytest.raises(CannotErase):
        requests.confirm(request.id, actor=olga)
    assert Subscriber.get(Subscriber.user == actor.user_id).last_name == person.NAME


def test_an_employee_is_not_erased_by_his_contract(db, olga):
    actor = person.live()
    person.leave(actor)
    request = ask(actor)
    factories.UserRole.create(user=actor.user_id, role='technician')

    with pytest.raises(CannotErase):
        requests.confirm(request.id, actor=olga)


def test_after_the_erasure_the_tables_hold_nothing_of_the_person(db, olga):
    actor = person.live()
    person.secure(actor)
    before = cells()
    words = (*person.PERSONAL, person.DEVICE, person.RESET)
    assert [word for word in words if word not in before] == []
    person.leave(actor)

    requests.confirm(ask(actor).id, actor=olga)
    OutgoingMessage.update(state=OutgoingState.SENT).execute()
    retention.run()

    after = cells()
    kept = {person.AGENT}  # the proof of a consent keeps its browser and address for its term
    assert [word for word in words + person.SEALED if word in after] == sorted(kept)
    tables = (TotpSecret, Passkey, PasskeyChallenge, RecoveryCode, StoredFile)
    assert [table.select().count() for table in tables] == [0] * len(tables)
    with pytest.raises(WrongCredentials):
        sign_in('200777', factories.PASSWORD, address='127.0.0.1', agent='tests')


def test_his_pictures_leave_the_disk_and_those_of_others_stay(db, olga, tmp_path, monkeypatch):
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)
    actor = person.live()
    person.leave(actor)
    person.live('200778')
    assert len(list(tmp_path.iterdir())) == 2 * 4

    requests.confirm(ask(actor).id, actor=olga)

    left = {row.disk_name for row in StoredFile.select()}
    assert {path.name for path in tmp_path.iterdir()} == left | {f'{name}.small' for name in left}
    assert len(left) == 2


def test_an_erasure_that_fails_loses_no_picture(db, olga, tmp_path, monkeypatch):
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)
    actor = person.live()
    person.leave(actor)
    request = ask(actor)

    def stumble(*_args):
        raise ValueError('no')

    monkeypatch.setattr(forgetting, 'forget_login', stumble)
    with pytest.raises(ValueError):
        requests.confirm(request.id, actor=olga)

    assert len(list(tmp_path.iterdir())) == 2 * StoredFile.select().count() == 4


def test_an_access_somebody_opened_to_him_ends_and_forgets_his_name(db, olga, anna):
    actor = person.live()
    factories.open_access(contract_of(anna), actor)
    person.leave(actor)

    requests.confirm(ask(actor).id, actor=olga)

    grants = {grant.contract_id: grant for grant in AccessGrant.select()}
    theirs, his = grants[anna.contract_id], grants[actor.contract_id]
    assert {(grant.name, grant.email) for grant in (theirs, his)} == {(forgetting.NOBODY, '')}
    assert None not in (theirs.ended_at, his.ended_at)
    assert access_board.board(actor=anna).open == ()


def test_the_books_and_the_signed_contract_stay(db, olga):
    actor = person.live()
    person.leave(actor)
    books = [list(model.select().order_by(model.id).tuples()) for model in (Operation, Entry)]

    requests.confirm(ask(actor).id, actor=olga)

    assert [list(model.select().order_by(model.id).tuples()) for model in (Operation, Entry)] == books
    assert invariants.self_check() == []
    contract = Contract.get(Contract.number == '200777')
    assert Document.select().where(Document.contract == contract).count() == 1
    assert Payment.select().where(Payment.contract == contract).count() == 1
    assert EquipmentUnit.select().where(EquipmentUnit.contract == contract).count() == 0


def test_the_erasure_is_recorded_with_counts_and_ends_every_session(db, olga):
    actor = person.live()
    person.leave(actor)

    requests.confirm(ask(actor).id, actor=olga)

    request = PrivacyRequest.get(PrivacyRequest.user == actor.user_id)
    assert (request.state, request.answered_by_id) == (RequestState.DONE, olga.user_id)
    assert (request.erased['messages'], request.erased['applications']) == (1, 1)
    event = AuditEvent.get(AuditEvent.action == 'privacy.erase')
    assert (event.subject, event.actor_id) == (f'user:{actor.user_id}', olga.user_id)
    assert sessions.resolve_hash(actor.session_hash) is None
    with pytest.raises(WrongTransition):
        requests.confirm(request.id, actor=olga)


def test_somebody_else_with_the_same_name_keeps_his_data(db, olga, anna):
    actor = person.live()
    person.leave(actor)

    requests.confirm(ask(actor).id, actor=olga)

    assert User.get_by_id(anna.user_id).email == 'anna@example.by'
    assert contract_of(anna).address
    assert sessions.resolve_hash(anna.session_hash) is not None


def test_after_the_erasure_the_file_and_its_log_hold_nothing_of_the_person(committed_db, olga):
    if committed_db.name != 'sqlite':
        pytest.skip('a file to search is what SQLite has')
    file = Path(committed_db.url.removeprefix('sqlite:///'))
    actor = person.live()
    assert all(word in on_disk(file) for word in (person.NAME, person.EMAIL, person.TALK))
    person.leave(actor)

    with_connection(lambda: requests.confirm(ask(actor).id, actor=olga))()
    farewell = {person.FIRST, person.EMAIL, person.AGENT}  # the last letter still has to leave
    assert {word for word in person.PERSONAL + person.SEALED if word in on_disk(file)} == farewell
    with_connection(lambda: OutgoingMessage.update(state=OutgoingState.SENT).execute())()
    with_connection(retention.run)()

    left = on_disk(file)
    assert [word for word in person.PERSONAL + person.SEALED if word in left] == [person.AGENT]


def test_what_is_deleted_is_overwritten_whatever_sqlite_was_built_with(committed_db):
    if committed_db.name != 'sqlite':
        pytest.skip('a pragma of SQLite')

    assert with_connection(lambda: database.execute_sql('PRAGMA secure_delete').fetchone())() == (1,)
    assert SQLITE_PRAGMAS['secure_delete'] == 1


def on_disk(file):
    """Return the database file and its write-ahead log as text."""
    parts = (file, file.with_name(file.name + '-wal'))
    return ''.join(part.read_bytes().decode('utf-8', 'ignore') for part in parts if part.exists())


def test_scrubbing_is_harmless_inside_a_transaction(db):
    scrub()

    assert now()
