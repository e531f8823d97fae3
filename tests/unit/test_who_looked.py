"""«Кто смотрел мои данные», and the log as administrators read it."""

from datetime import date, timedelta

import pytest
import time_machine

from models.contract import Contract, Document
from models.user import AuditEvent, Role, User
from services import audit
from services.applications import applications
from services.audit import journal, who_looked
from services.audit.journal import Wanted
from services.chains.verification import Fault
from services.clock import now
from services.contracts import documents, subscribers
from services.errors import NotAllowed, SignInRequired
from services.identity import sign_in
from services.messages import chat
from services.visits import visit_cards
from tests import factories, field
from tests.unit.test_audit_chain import unlock


def shown(actor, before=None):
    page = who_looked.list_accesses(before, actor=actor)
    return [(a.role, a.name, a.action, a.kind, a.why) for day in page.days for a in day.accesses]


def nina(number):
    """Return the subscriber whose contract was signed at a visit."""
    contract = Contract.get(Contract.number == number)
    User.update(must_change_password=False).where(User.id == contract.subscriber.user.id).execute()
    contract = Contract.get(Contract.number == number)
    return factories.actor(contract.subscriber.user, Role.SUBSCRIBER, contract)


def test_a_subscriber_sees_who_looked_and_at_what(db, anna, olga):
    subscribers.get_card('100001', actor=olga)
    chat.get_conversation('100001', actor=olga)

    assert shown(anna) == [
        (Role.OPERATOR, 'Ольга', 'read', 'chat', ''),
        (Role.OPERATOR, 'Ольга', 'read', 'contract', ''),
    ]


def test_everything_that_led_to_the_contract_belongs_to_it(db, olga, taras):
    visit, number = field.signed(taras)
    applications.get_card(visit.application.number, actor=olga)
    visit_cards.get_visit(visit.id, actor=taras)
    documents.open_document(Document.get().id, actor=olga)

    kinds = {(role, action, kind) for role, _, action, kind, _ in shown(nina(number))}

    assert {
        (Role.OPERATOR, 'read', 'application'),
        (Role.OPERATOR, 'read', 'document'),
        (Role.TECHNICIAN, 'read', 'visit'),
        (Role.TECHNICIAN, 'contract.sign', 'contract'),
    } <= kinds


def test_a_reason_is_shown_where_one_was_given(db, anna, olga):
    audit.note('credentials.reissue', 'contract:100001', actor=olga, reason='Потеряла конверт')

    assert shown(anna) == [(Role.OPERATOR, 'Ольга', 'credentials.reissue', 'contract', 'Потеряла конверт')]


def test_what_is_another_persons_is_not_shown(db, anna, boris, olga):
    subscribers.get_card('100002', actor=olga)
    subscribers.list_subscribers('', actor=olga)

    assert shown(anna) == []
    assert len(shown(boris)) == 1


def test_ones_own_doings_are_nobodys_curiosity(db, anna):
    audit.note('profile.phone', 'contract:100001', actor=anna)
    sign_in.sign_in('100001', factories.PASSWORD, address='', agent='')

    assert shown(anna) == []


def test_days_are_those_of_minsk_the_latest_first(db, anna, olga):
    for moment in ('2026-12-01T20:59:00+00:00', '2026-12-01T21:01:00+00:00', '2026-12-02T12:00:00+00:00'):
        with time_machine.travel(moment, tick=False):
            audit.note('read', 'contract:100001', actor=olga)

    page = who_looked.list_accesses(actor=anna)

    assert [(day.day, len(day.accesses)) for day in page.days] == [(date(2026, 12, 2), 2), (date(2026, 12, 1), 1)]


def test_it_comes_in_pages(db, anna, olga):
    for number in range(who_looked.PAGE + 5):
        audit.note('read', 'contract:100001', actor=olga, number=number)

    first = who_looked.list_accesses(actor=anna)
    assert first.older is not None
    second = who_looked.list_accesses(first.older, actor=anna)
    assert (sum(len(d.accesses) for d in first.days), sum(len(d.accesses) for d in second.days)) == (who_looked.PAGE, 5)
    assert second.older is None
    for odd in (0, -1, 2**40, 'x', True):
        assert who_looked.list_accesses(odd, actor=anna).older == first.older


def test_a_line_older_than_the_hat_shows_the_role_held(db, anna, taras):
    AuditEvent.create(at=now(), actor=taras.user_id, action='read', subject='contract:100001')

    assert shown(anna)[0][:2] == (Role.TECHNICIAN, 'Тарас')


def test_only_a_subscriber_has_such_a_page(db, olga, ada, stranger):
    for actor, refusal in ((olga, NotAllowed), (ada, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            who_looked.list_accesses(actor=actor)


def found(ada, **wanted):
    return [line.subject for line in journal.read(Wanted(**wanted), actor=ada).lines if line.subject != 'audit']


@pytest.fixture
def written(db, ada, olga, taras):
    with time_machine.travel('2026-12-01T08:00:00+00:00', tick=False):
        audit.note('application.accept', 'application:000001', actor=olga)
    with time_machine.travel('2026-12-02T08:00:00+00:00', tick=False):
        audit.note('contract.print', 'contract:100001', actor=taras)
        audit.note('session.refuse', 'user:unknown', actor=None, address='192.0.2.1')


@pytest.mark.parametrize(
    ('wanted', 'subjects'),
    [
        ({}, ['user:unknown', 'contract:100001', 'application:000001']),
        ({'who': 'ольга'}, ['application:000001']),
        ({'who': 'taras'}, ['contract:100001']),
        ({'action': 'session.refuse'}, ['user:unknown']),
        ({'subject': 'contract:100001'}, ['contract:100001']),
        ({'subject': ' 100001 '}, ['contract:100001']),
        ({'subject': '100'}, []),
        ({'since': date(2026, 12, 2)}, ['user:unknown', 'contract:100001']),
        ({'until': date(2026, 12, 1)}, ['application:000001']),
        ({'since': date(2026, 12, 2), 'who': 'ольга'}, []),
        ({'who': '%'}, []),
    ],
)
def test_the_log_is_found_by_person_action_subject_and_day(written, ada, wanted, subjects):
    assert found(ada, **wanted) == subjects


def test_the_log_comes_in_pages_by_id(db, ada):
    for number in range(journal.PAGE + 3):
        audit.note('a', f's:{number}', actor=None)

    first = journal.read(Wanted(action='a'), actor=ada)
    second = journal.read(Wanted(action='a', before=first.older), actor=ada)

    assert (len(first.lines), len(second.lines), second.older) == (journal.PAGE, 3, None)
    assert second.lines[-1].subject == 's:0'


def test_reading_the_log_stands_in_the_log(db, ada):
    journal.read(Wanted(), actor=ada)

    assert [(line.action, line.subject, line.who) for line in journal.read(Wanted(), actor=ada).lines] == [
        ('read', 'audit', 'Ада')
    ]


def test_the_state_of_the_chain_is_told(db, ada, olga):
    assert journal.read(Wanted(), actor=ada).state is None

    journal.check_now(actor=ada)
    state = journal.state()
    assert (state.entries, state.fault) == (1, None)
    unlock()
    AuditEvent.update(action='x').execute()
    journal.check_now(actor=ada)
    assert journal.state().fault == Fault.EDITED


def test_only_administrators_read_the_log(db, olga, taras, anna, stranger):
    for actor, refusal in ((olga, NotAllowed), (taras, NotAllowed), (anna, NotAllowed), (stranger, SignInRequired)):
        for service in (
            lambda actor: journal.read(Wanted(), actor=actor),
            lambda actor: journal.check_now(actor=actor),
        ):
            with pytest.raises(refusal):
                service(actor)


def test_a_role_nobody_knows_is_shown_without_one(db, ada):
    AuditEvent.create(at=now() - timedelta(days=1), action='a', subject='s', role='emperor')

    assert journal.read(Wanted(action='a'), actor=ada).lines[0].role is None
