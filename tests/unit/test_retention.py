"""What is past its term is let go: by the figures of docs/data.yml, counted, and only counted when told so."""

import logging
from datetime import timedelta

import pytest
from playhouse import migrations

from models.application import (
    TRANSITIONS,
    Application,
    ApplicationEvent,
    ApplicationStatus,
    Consent,
    Redemption,
    Waiting,
)
from models.base import database
from models.chat import ChatMessage, ChatThread
from models.contract import Contract, ContractStatus, Subscriber
from models.file import StoredFile
from models.outbox import Channel, OutgoingMessage, OutgoingState
from models.payment import Webhook
from models.privacy import OwnExport, PrivacyRequest
from models.user import AuditEvent, RecoveryToken, Session, User
from models.visit import Visit, VisitReport, VisitStatus
from services import jobs, migration
from services.applications import applications
from services.clock import now
from services.contracts import contracts
from services.files import store
from services.identity import vault
from services.privacy import forgetting, inventory, retention
from services.runner import with_connection
from tests import factories, field, person
from tests.cast import contract_of

HALF_A_YEAR = timedelta(days=190)


def age(row, column, by):
    """Move an instant of a row into the past."""
    type(row).update({column: now() - by}).where(type(row).id == row.id).execute()


def old_application(status=ApplicationStatus.REJECTED, by=HALF_A_YEAR, **fields):
    application = factories.make_application(status=status, comment='позвоните', **fields)
    place = vault.aad_of('application', application.id, 'address_note')
    Application.update(address_note=vault.seal('код 12', aad=place)).where(Application.id == application.id).execute()
    age(application, 'updated_at', by)
    return application


def test_a_declined_application_is_anonymised_after_six_months(db):
    application = old_application()
    ApplicationEvent.create(application=application, kind='note', note='злится', at=now())

    assert retention.run()['applications'] == 1

    fresh = Application.get_by_id(application.id)
    assert (fresh.full_name, fresh.phone, fresh.email, fresh.street, fresh.flat) == (forgetting.NOBODY, '', '', '', '')
    assert (fresh.comment, fresh.address_note, fresh.locality, fresh.package) == (
        '',
        None,
        'Минск',
        application.package,
    )
    assert fresh.tracker_hash != application.tracker_hash
    assert [event.note for event in fresh.events] == ['']
    assert retention.run()['applications'] == 0


def test_a_day_before_the_term_it_stays(db):
    application = old_application(by=now() - inventory.cutoff('application', now()) - timedelta(days=1))

    assert retention.run()['applications'] == 0
    assert Application.get_by_id(application.id).first_name == 'Нина'


def test_one_that_became_a_contract_stays(db):
    old_application(ApplicationStatus.ACTIVATED)

    assert retention.run()['applications'] == 0


@pytest.mark.parametrize('status', [s for s in ApplicationStatus if s != ApplicationStatus.ACTIVATED])
def test_one_nobody_finished_is_closed_by_steps_of_the_table(db, status):
    application = old_application(status)

    assert retention.run()['applications'] == 1

    fresh = Application.get_by_id(application.id)
    assert fresh.status in {ApplicationStatus.REJECTED, ApplicationStatus.CANCELLED}
    assert fresh.reason == ''
    here = status
    for event in ApplicationEvent.select().where(ApplicationEvent.kind == 'status').order_by(ApplicationEvent.id):
        assert event.to_status in TRANSITIONS[here]
        here = event.to_status
    assert here == fresh.status


def test_a_draft_that_was_not_signed_goes_with_it(db, taras, olga):
    visit = field.arrived(taras)
    contracts.fill_papers(field.draft_number(visit, taras), field.PAPERS, actor=taras)
    VisitReport.update(note='собака').execute()
    age(visit.application, 'updated_at', HALF_A_YEAR)

    retention.run()

    contract = Contract.get(Contract.application == visit.application)
    assert (contract.status, contract.address) == (ContractStatus.VOID, 'Минск')
    person = Subscriber.get_by_id(contract.subscriber_id)
    assert (person.full_name, person.phone, person.passport, person.passport_index) == (
        forgetting.NOBODY,
        '',
        None,
        None,
    )
    assert Visit.get_by_id(visit.id).status == VisitStatus.CANCELLED
    assert {report.note for report in VisitReport.select()} <= {''}


def test_its_promo_code_no_longer_knows_the_address(db):
    application = old_application()
    code = factories.make_promo_code('POLOVINA')
    Redemption.create(
        promo_code=code, application=application, address_key='минск|чижиковая|5', state='released', effect={}, at=now()
    )

    retention.run()

    assert Redemption.get(Redemption.application == application).address_key == f'erased:{application.id}'


def test_each_thing_has_its_term(db, anna):
    user, contract = User.get_by_id(anna.user_id), contract_of(anna)
    year, three = timedelta(days=367), timedelta(days=3 * 366 + 2)
    thread = ChatThread.create(contract=contract, last_message_at=now())
    for number, by in enumerate((three, year)):
        ChatMessage.create(
            thread=thread, author=user, by_operator=False, text='?', client_message_id=str(number), sent_at=now() - by
        )
    Waiting.create(
        region=1,
        phone='+375291112233',
        address='?',
        consent_version='1',
        form_key=factories.key(),
        created_at=now() - year,
    )
    ended = Session.create(
        token_hash='e' * 64, user=user, role='subscriber', created_at=now() - year, seen_at=now() - year,
        expires_at=now() - year, fresh_at=now() - year,
    )  # fmt: skip
    RecoveryToken.create(user=user, token_hash='r' * 64, created_at=now() - year, expires_at=now() - year)
    Consent.create(
        user=user,
        purpose='marketing',
        text_version='1',
        text_hash='h',
        given_at=now() - three,
        withdrawn_at=now() - three,
    )
    Consent.create(user=user, purpose='marketing', text_version='1', text_hash='h', given_at=now() - three)
    Webhook.create(gateway='bepaid', fingerprint='f', body=b'{"email": 1}', is_verified=True, received_at=now() - year)
    PrivacyRequest.create(
        user=user, kind='erasure', state='refused', contract_number='100001', form_key=factories.key(),
        asked_at=now() - three, due_on=now().date(), answered_at=now() - three,
    )  # fmt: skip
    OwnExport.create(user=user, state='ready', ordered_at=now(), expires_at=now() - timedelta(minutes=1))

    found = retention.run()

    assert {name: count for name, count in found.items() if count} == {
        'chat messages': 1,
        'waiting list': 1,
        'sessions': 1,
        'recovery links': 1,
        'consents': 1,
        'webhook bodies': 1,
        'requests': 1,
        'copies': 1,
    }
    assert Session.get_or_none(Session.id == ended.id) is None
    assert Session.select().where(Session.user == user).count() == 1
    assert Webhook.get().count == 1
    assert not any(retention.run().values())


def test_a_picture_goes_with_its_message_and_with_its_visit(db, tmp_path, monkeypatch):
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)
    person.live()
    person.live('200778')
    chat, photo = (StoredFile.get(StoredFile.name == name) for name in (person.PICTURE, person.PHOTO))
    age(ChatMessage.get_by_id(chat.message_id), 'sent_at', timedelta(days=3 * 366 + 2))
    stale = photo.visit.application
    Application.update(status=ApplicationStatus.REJECTED).where(Application.id == stale.id).execute()
    age(stale, 'updated_at', HALF_A_YEAR)

    found = retention.run()

    assert (found['chat messages'], found['applications']) == (1, 1)
    left = {row.disk_name for row in StoredFile.select()}
    assert len(left) == 2
    assert left.isdisjoint({chat.disk_name, photo.disk_name})
    assert {path.name for path in tmp_path.iterdir()} == left | {f'{name}.small' for name in left}


def test_old_letters_are_emptied_and_go_on_guarding_against_a_second_one(db):
    facts = {
        'channel': Channel.EMAIL,
        'recipient': 'a@example.by',
        'subject': 'с',
        'text': 'т',
        'html': 'h',
        'next_at': now(),
    }
    sent = OutgoingMessage.create(
        key='old', state=OutgoingState.SENT, created_at=now() - HALF_A_YEAR, message_id='1', **facts
    )
    OutgoingMessage.create(key='waits', created_at=now() - HALF_A_YEAR, message_id='2', **facts)
    OutgoingMessage.create(key='new', state=OutgoingState.SENT, created_at=now(), message_id='3', **facts)

    assert retention.run()['letters'] == 1
    fresh = OutgoingMessage.get_by_id(sent.id)
    assert (fresh.key, fresh.recipient, fresh.subject, fresh.text, fresh.html) == ('old', '', '', '', '')


def test_a_dry_run_only_counts(db):
    application = old_application()

    assert retention.run(dry_run=True)['applications'] == 1
    assert Application.get_by_id(application.id).first_name == 'Нина'


def test_more_than_one_batch_is_let_go_and_the_log_counts_it(db, monkeypatch, caplog):
    monkeypatch.setattr(retention, 'BATCH', 2)
    for _ in range(5):
        old_application()

    with caplog.at_level(logging.INFO, logger='services.privacy.retention'):
        assert retention.run()['applications'] == 5

    assert 'Retention: applications 5' in caplog.messages
    assert 'Нина' not in caplog.text


def test_a_longer_term_in_the_document_keeps_longer(db, monkeypatch):
    old_application()
    monkeypatch.setitem(inventory.terms()['application'], 'months', 24)

    assert retention.run()['applications'] == 0


def test_the_audit_log_is_not_shortened(db, olga):
    for number in range(3):
        AuditEvent.create(at=now() - timedelta(days=4000), action='read', subject=f'contract:{number}')
    before = AuditEvent.select().count()

    retention.run()

    assert AuditEvent.select().count() == before


def test_an_anonymised_application_still_opens_for_the_operator(db, olga):
    application = old_application()
    retention.run()

    assert applications.get_card(application.number, actor=olga).row.name == forgetting.NOBODY


def test_it_runs_by_itself():
    assert retention.run in {job.work for job in jobs.timetable()}


def test_the_migration_goes_down_and_up_again(empty_db):
    with_connection(lambda: migrations.Runner(database.obj, str(migration.DIRECTORY)).down('0006_privacy'))()
    with_connection(lambda: factories.Subscriber.select(factories.Subscriber.id).count())()
    migration.migrate()

    assert with_connection(migration.is_current)()
