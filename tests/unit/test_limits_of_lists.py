"""Lists, messages and the machine: the limits of docs/limits.yml that have no test elsewhere, and one beyond."""

import io
import socket
import threading
from decimal import Decimal

import peewee
import pytest

from models.base import database
from models.payment import Payment, PaymentState
from models.privacy import PrivacyRequest, RequestKind
from models.user import AuditEvent
from services import limits, runner
from services.applications import application_queue
from services.audit import journal
from services.clock import now
from services.contracts import access_board, subscriber_cards, subscribers
from services.files import images, uploads
from services.files.rules import RULES
from services.gateways.scanner import Clamd, ScannerAway
from services.messages import chat, outbox
from services.payments import payment_register
from services.privacy import requests
from tests import factories, pictures
from tests.cast import contract_of


@pytest.fixture
def two(monkeypatch):
    """Let a list show two: `two(module, 'MOST_ROWS', 'queue_rows')`; the figure it has is the document's."""

    def few(module, constant, name):
        assert getattr(module, constant) == limits.count(name)
        monkeypatch.setattr(module, constant, 2)

    return few


def test_the_farthest_page_of_subscribers(db, olga, anna, boris, vera, two, monkeypatch):
    two(subscribers, 'FARTHEST_PAGE', 'subscribers_farthest_page')
    monkeypatch.setattr(subscribers, 'PAGE', 1)

    assert [subscribers.list_subscribers(page=page, actor=olga).page for page in (2, 3)] == [2, 1]


def test_a_list_shows_so_many_talks(db, olga, two, anna, boris, vera):
    two(chat, 'MOST_THREADS', 'chat_threads')
    for person in (anna, boris, vera):
        chat.send('Здравствуйте', factories.key(), actor=person)

    assert len(chat.list_threads(actor=olga)) == 2


def test_a_list_shows_so_many_applications(db, olga, two):
    two(application_queue, 'MOST_ROWS', 'queue_rows')
    for _ in range(2):
        factories.make_application()
    assert not application_queue.list_open(actor=olga).is_cut
    factories.make_application()

    shown = application_queue.list_open(actor=olga)
    assert (len(shown.rows), shown.is_cut) == (2, True)


def test_payments_come_in_pages(db, olga, anna, two):
    two(payment_register, 'PAGE', 'payments_page')
    for number in range(3):
        Payment.create(
            contract=contract_of(anna), amount=Decimal(20), state=PaymentState.CREATED, gateway='bepaid',
            tracking_id=f'pay_number_{number}', form_key=f'key-{number}', created_at=now(), updated_at=now(),
        )  # fmt: skip

    pages = [payment_register.list_payments(page=page, actor=olga) for page in (1, 2)]
    assert [(len(page.lines), page.has_more) for page in pages] == [(2, True), (1, False)]


def test_the_log_looks_for_so_many_people(db, ada, two):
    two(journal, 'MOST_PEOPLE', 'journal_people')
    for number in range(3):
        user = factories.make_user(login=f'namesake{number}', name='Тёзка Тёзкин')
        AuditEvent.create(at=now(), actor=user, action='session.open', subject=f'user:{user.id}', address='')

    assert len(journal.read(journal.Wanted(who='Тёзкин'), actor=ada).lines) == 2


def test_a_list_shows_so_many_deeds(db, anna, vera, two):
    two(access_board, 'SHOWN', 'access_deeds')
    contract = contract_of(anna)
    for _ in range(3):
        AuditEvent.create(
            at=now(), actor=vera.user_id, action='chat.send', subject=f'contract:{contract.number}', address=''
        )

    assert len(access_board._deeds(contract, {vera.user_id: 'Вера'})) == 2


def test_a_card_shows_so_many_operations(db, olga, anna, two):
    two(subscriber_cards, 'LATEST', 'card_operations')
    for _ in range(3):
        factories.top_up(contract_of(anna), Decimal(1))

    assert len(subscriber_cards.get_card('100001', actor=olga).operations) == 2


def test_a_list_shows_so_many_requests(db, olga, anna, boris, vera, two):
    two(requests, 'MOST_ROWS', 'privacy_rows')
    for person in (anna, boris, vera):
        requests.record_paper(person.contract_number, RequestKind.INFORMATION, factories.key(), actor=olga)

    assert PrivacyRequest.select().count() == 3
    assert len(requests.list_requests(actor=olga)) == 2


# --- messages and files -----------------------------------------------------------------------------------------


def test_the_pause_of_a_letter_never_grows_beyond_its_longest():
    pauses = [outbox.pause(tries) for tries in (5, 8, 60) for _ in range(50)]
    outages = [outbox.pause(60, longest=outbox.LONGEST_OUTAGE_PAUSE) for _ in range(50)]

    assert max(pauses) == limits.span('outbox_longest_pause')
    assert max(outages) <= limits.span('outbox_longest_outage_pause') * 1.2


def test_a_scanner_that_hangs_is_left():
    assert Clamd('127.0.0.1:1').seconds == limits.span('scanner_wait').total_seconds()
    with socket.create_server(('127.0.0.1', 0)) as silent, pytest.raises(ScannerAway):
        Clamd(f'127.0.0.1:{silent.getsockname()[1]}', seconds=0.2).scan(io.BytesIO(b'a file'))


def test_so_many_pictures_are_taken_and_the_next_is_told(db, anna):
    most = limits.count('pictures_at_once') + limits.count('pictures_waiting')
    for _ in range(most):
        assert uploads._queue.acquire(blocking=False)
    try:
        with pytest.raises(uploads.UploadsBusy):
            uploads.keep('chat', '', 'Роутер.jpg', io.BytesIO(pictures.picture()), actor=anna)
    finally:
        for _ in range(most):
            uploads._queue.release()
    assert images._decoding._initial_value == limits.count('pictures_at_once')
    assert uploads.keep('chat', '', 'Роутер.jpg', io.BytesIO(pictures.picture()), actor=anna)


@pytest.mark.parametrize(('more', 'is_taken'), [(0, True), (1, False)])
def test_a_jpeg_has_so_many_scans(more, is_taken):
    content = pictures.picture()
    scans = b'\xff\xda' * (limits.count('jpeg_scans') - content.count(b'\xff\xda') + more)
    file = io.BytesIO(content + scans)
    place = RULES.places['chat']

    if is_taken:
        assert images.make_anew(file, place).kind == 'jpeg'
    else:
        with pytest.raises(images.NotAPicture):
            images.make_anew(file, place)


# --- the machine ------------------------------------------------------------------------------------------------


def test_so_many_services_run_at_once_and_the_next_waits(committed_db):
    most = limits.count('service_threads')
    all_run, may_go = threading.Barrier(most + 1), threading.Event()

    def work():
        all_run.wait(timeout=20)
        may_go.wait(timeout=20)

    running = [runner.submit(work) for _ in range(most)]
    all_run.wait(timeout=20)
    next_one = runner.submit(lambda: 'at last')
    assert not next_one.running()
    may_go.set()

    assert next_one.result(timeout=20) == 'at last'
    assert all(future.result(timeout=20) is None for future in running)


def test_a_broken_transaction_is_run_so_often(committed_db):
    class Deadlock(Exception):
        sqlstate = '40P01'

    tries = []

    @runner.transactional
    def unlucky():
        tries.append(1)
        raise peewee.OperationalError('deadlock detected') from Deadlock()

    with pytest.raises(peewee.OperationalError):
        _in_connection(unlucky)
    assert len(tries) == limits.count('transaction_runs')


def _in_connection(service):
    with database.connection_context():
        service()
