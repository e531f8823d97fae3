"""The outbox: nothing is lost, nothing goes twice, and a slow or absent server harms only itself."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from models.outbox import Channel, OutgoingMessage, OutgoingState
from services.clock import now
from services.gateways.mail import SmtpSender
from services.messages import letters, outbox
from services.messages.outbox_worker import Worker
from services.runner import transactional, with_connection
from tests.post_office import PostOffice

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def post():
    office = PostOffice()
    yield office
    office.close()


class SmsBook:
    """A provider that writes down what it was given."""

    def __init__(self):
        self.sent = []

    async def send(self, phone, text, *, key):
        self.sent.append((phone, text, key))


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def worker_for(post, sms=None):
    return Worker(SmtpSender.from_url(post.url, 'Amigo <info@amigo.by>'), sms or SmsBook())


@with_connection
@transactional
def write(number=1, recipient='anna@example.by'):
    letters.queue('credentials_ready', recipient, key=f'test:{number}', name='Анна', contract='100001')


@with_connection
def rows():
    return list(OutgoingMessage.select().order_by(OutgoingMessage.id))


def only_row():
    (row,) = rows()
    return row


async def test_a_letter_arrives_once_with_text_and_html(committed_db, post):
    write()

    assert await worker_for(post).send_due() == 1
    assert await worker_for(post).send_due() == 0

    (letter,) = post.letters
    assert letter['To'] == 'anna@example.by'
    assert letter['Subject'] == 'Личный кабинет открыт: договор 100001'
    assert 'Здравствуйте, Анна.' in letter.get_body(('plain',)).get_content()
    assert '<a href="http://127.0.0.1:8080/my/index">' in letter.get_body(('html',)).get_content()
    assert only_row().state == OutgoingState.SENT


async def test_what_was_sent_is_forgotten_because_it_may_hold_a_secret_link(committed_db, post):
    write()
    assert only_row().text

    await worker_for(post).send_due()

    assert (only_row().text, only_row().html, only_row().error) == ('', '', '')


async def test_a_batch_goes_over_one_connection(committed_db, post):
    for number in range(5):
        write(number)

    await worker_for(post).send_due()

    assert (len(post.letters), post.conversations) == (5, 1)


def test_the_same_fact_is_queued_once(committed_db):
    write()
    write()

    assert len(rows()) == 1


async def test_a_deferred_letter_waits_longer_each_time_and_is_given_up_after_the_eighth_try(
    committed_db, post, clock, monkeypatch
):
    monkeypatch.setattr(outbox.random, 'uniform', lambda _low, _high: 1.0)
    write()
    post.mode = 'later'
    worker, pauses = worker_for(post), []

    for _ in range(8):
        assert await worker.send_due() == 1
        row = only_row()
        pauses.append(int((row.next_at - now()).total_seconds()))
        clock.move_to(row.next_at - timedelta(seconds=1))
        if row.state == OutgoingState.WAITING:
            assert await worker.send_due() == 0
        clock.move_to(row.next_at)

    assert pauses[:7] == [15, 60, 240, 960, 3600, 3600, 3600]
    assert only_row().state == OutgoingState.DEAD
    assert '451' in only_row().error


async def test_a_deferred_letter_arrives_when_the_server_takes_it(committed_db, post, clock):
    write()
    post.mode = 'later'
    await worker_for(post).send_due()

    post.mode = 'ok'
    clock.move_to(START + timedelta(seconds=20))
    await worker_for(post).send_due()

    assert post.ids == [only_row().message_id]
    assert only_row().state == OutgoingState.SENT


def test_the_pauses_of_many_letters_are_spread():
    pauses = {outbox.pause(2).total_seconds() for _ in range(50)}

    assert len(pauses) > 10
    assert min(pauses) >= 48
    assert max(pauses) <= 72


@pytest.mark.parametrize('mode', ['unknown', 'spam'])
async def test_a_refused_letter_is_not_tried_again_and_its_reason_stays(committed_db, post, mode):
    write()
    post.mode = mode

    await worker_for(post).send_due()

    assert only_row().state == OutgoingState.DEAD
    assert only_row().error.startswith('55')
    assert only_row().text


async def test_one_refused_letter_does_not_stop_the_others(committed_db, post):
    write(1, 'nobody@example.by')
    write(2)

    await worker_for(post).send_due()

    assert [row.state for row in rows()] == [OutgoingState.DEAD, OutgoingState.SENT]


async def test_a_server_that_dies_with_the_letter_gets_it_again_under_the_same_id(committed_db, post, clock):
    write(1)
    write(2)
    post.mode = 'dies'
    worker = worker_for(post)

    await worker.send_due()
    assert [row.state for row in rows()] == [OutgoingState.WAITING] * 2
    assert [row.tries for row in rows()] == [1, 0]  # only the letter in its hands may be the cause
    await worker.send_due()
    clock.move_to(START + timedelta(seconds=20))
    await worker.send_due()

    first, second = rows()
    assert [row.state for row in rows()] == [OutgoingState.SENT] * 2
    assert post.ids == [first.message_id, second.message_id, first.message_id]


async def test_an_absent_server_costs_a_letter_no_try_and_nothing_is_lost(committed_db, clock):
    with socket.create_server(('127.0.0.1', 0)) as nobody:
        port = nobody.getsockname()[1]
    sender = SmtpSender(host='127.0.0.1', port=port, mail_from='info@amigo.by')
    worker = Worker(sender, SmsBook())
    write()

    for _ in range(30):
        assert await worker.send_due() == 1
        row = only_row()
        assert (row.state, row.tries) == (OutgoingState.WAITING, 0)
        assert row.next_at - now() <= timedelta(minutes=6)
        clock.move_to(row.next_at)

    clock.move_to(START + timedelta(days=3, minutes=1))
    await worker.send_due()
    assert only_row().state == OutgoingState.DEAD


async def test_without_a_server_in_the_settings_letters_wait(committed_db, clock):
    write()

    await Worker(None, SmsBook()).send_due()

    assert only_row().state == OutgoingState.WAITING
    assert only_row().error == 'AMIGO_SMTP_URL is not set'


async def test_a_lease_that_ran_out_frees_the_letter_of_a_dead_worker(committed_db, post, clock):
    write()
    outbox.lease()

    assert await worker_for(post).send_due() == 0
    clock.move_to(START + timedelta(seconds=61))
    assert await worker_for(post).send_due() == 1

    assert len(post.letters) == 1


async def test_a_worker_that_slept_through_its_lease_sends_nothing(committed_db, post, clock):
    write()
    (slept,) = outbox.lease()
    clock.move_to(START + timedelta(seconds=61))
    await worker_for(post).send_due()

    assert not outbox.still_mine(slept)


class SlowSender:
    """A server that takes longer over the first letter than a lease lasts; meanwhile `overtaken()` happens."""

    def __init__(self, post, clock, overtaken):
        self._sender = SmtpSender.from_url(post.url, 'info@amigo.by')
        self._clock, self._overtaken = clock, overtaken

    @asynccontextmanager
    async def connect(self):
        async with self._sender.connect() as connection:
            self._connection = connection
            yield self

    async def send(self, letter):
        overtaken, self._overtaken = self._overtaken, None
        if overtaken:
            self._clock.move_to(now() + outbox.LEASE + timedelta(seconds=1))
            await overtaken()
        await self._connection.send(letter)


async def test_a_slow_worker_leaves_what_another_has_sent_meanwhile(committed_db, post, clock):
    write(1)
    write(2)
    slow = Worker(SlowSender(post, clock, worker_for(post).send_due), SmsBook())

    await slow.send_due()

    first, second = rows()
    assert post.ids == [first.message_id, second.message_id, first.message_id]


async def test_mail_and_sms_wait_for_each_other_in_nothing(committed_db, post):
    book = SmsBook()
    write()
    with_connection(transactional(letters.queue_sms))(
        'credentials_ready', '+375291234567', key='test:sms', contract='100001'
    )
    post.mode = 'later'

    await worker_for(post, book).send_due()

    ((phone, text, key),) = book.sent
    assert (phone, key) == ('+375291234567', 'test:sms')
    assert 'договор 100001' in text
    assert {row.channel: row.state for row in rows()} == {
        Channel.EMAIL: OutgoingState.WAITING,
        Channel.SMS: OutgoingState.SENT,
    }


def test_three_workers_at_once_send_each_letter_once(committed_db, post):
    for number in range(40):
        write(number)
    begin = threading.Barrier(3)

    async def drain():
        worker = worker_for(post)
        while await worker.send_due():
            pass

    def work():
        begin.wait()
        asyncio.run(drain())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(post.ids) == 40
    assert len(set(post.ids)) == 40
    assert {row.state for row in rows()} == {OutgoingState.SENT}


def test_a_queued_letter_wakes_the_worker_and_a_stop_ends_it(committed_db, post, monkeypatch):
    monkeypatch.setattr('services.messages.outbox_worker.POLL', 60.0)
    worker = worker_for(post)
    done = threading.Event()
    original = outbox.sent
    monkeypatch.setattr(outbox, 'sent', lambda row: (original(row), done.set()))
    worker.start()
    try:
        write()
        assert done.wait(10)
    finally:
        worker.stop()

    assert len(post.letters) == 1
    assert not worker._thread.is_alive()
