"""The rules at the top of docs/data.yml hold: sealed is ciphertext on the disk, secrets are hashes, logs know nobody."""

import logging
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.base import database
from models.payment import Payment
from models.tables import ALL
from models.user import Attempt
from services.accounts import terminations
from services.accounts.termination_requests import Wish
from services.clock import now, today
from services.gateways.kept_card import KeptCard
from services.gateways.payment_gateway import GatewayStatus, Transaction, TransactionKind
from services.identity import spent_tokens
from services.identity.sign_in import WrongCredentials, sign_in
from services.payments import saved_cards
from services.privacy import exports, inventory, own_facts, retention
from services.privacy.inventory import DataClass
from services.runner import with_connection
from tests import factories, field, person
from tests.factors import SECRET
from tests.test_house_rules import ROOT

MODELS = {model.table_name(): model for model in ALL}
TOKEN = 'token-of-a-canary-card-41'
"""What the bank calls a kept card."""
HASHED = re.compile(r'(h2:[0-9a-f]{8}:)?\$2b\$\d\d\$.{53}|[0-9a-f]{64}')


@with_connection
def live_and_do_everything(taras):
    """Write canaries through the services: a whole visit with a signature, sign-in, recovery, a copy, factors."""
    actor = person.live()
    field.signed(taras)
    with pytest.raises(WrongCredentials):
        sign_in('200777', 'not-the-password-73K', address=person.ADDRESS, agent=person.AGENT)
    sign_in('200777', factories.PASSWORD, address=person.ADDRESS, agent=person.AGENT)
    factories.ask_recovery('200777', person.EMAIL, address=person.ADDRESS)
    spent_tokens.spend('a' * 64, now())
    exports.order(actor=actor)
    exports.build_waiting()
    person.secure(actor)
    keep_a_card(actor)
    leave(actor)
    retention.run()
    return actor


def leave(actor):
    """Ask for the end of the contract; the rest of the wallet goes to a bank account."""
    shown = terminations.quote(today() + timedelta(days=5), actor=actor)
    terminations.request(shown.id, 'key-of-the-end', Wish(money='account', iban=person.ACCOUNT), actor=actor)


def keep_a_card(actor):
    """Keep a card as the answer of the bank to a payment does."""
    rubles = Decimal('5.00')
    fields = {'gateway': 'bepaid', 'tracking_id': 'pay_canary', 'form_key': factories.key(), 'user': actor.user_id}
    payment = Payment.create(
        contract=actor.contract_id, amount=rubles, state='cancelled', created_at=now(), updated_at=now(), **fields
    )
    kept = KeptCard(TOKEN, 'visa', '0000', 1, 2099)
    paid = (TransactionKind.PAYMENT, GatewayStatus.SUCCEEDED, rubles, 'BYN')
    saved_cards.keep(payment, [Transaction('uid-of-a-canary', *paid, test=True, kept_card=kept)])


def on_disk(url):
    file = Path(url.removeprefix('sqlite:///'))
    parts = (file, file.with_name(file.name + '-wal'))
    return b''.join(part.read_bytes() for part in parts if part.exists())


def values(column):
    model = MODELS[column.table]
    cell = model.columns()[column.name]
    return [row[0] for row in model.select(cell).where(cell.is_null(False)).tuples()]


def test_sealed_columns_are_ciphertext_in_the_file(committed_db, taras):
    live_and_do_everything(taras)
    if committed_db.name != 'sqlite':
        pytest.skip('a file to search is what SQLite has')

    disk = on_disk(committed_db.url)

    assert person.NAME.encode() in disk, 'the search finds what is there'
    papers = field.PAPERS
    sealed = (
        *person.SEALED,
        person.ACCOUNT,
        SECRET,
        TOKEN,
        papers.personal_number,
        '1990-07-23',
        'Фрунзенским РУВД',
        '%PDF',
    )
    assert [word for word in sealed if word.encode() in disk] == []


@pytest.mark.parametrize('column', inventory.columns_of(DataClass.SEALED), ids=lambda c: f'{c.table}.{c.name}')
def test_a_sealed_cell_begins_with_the_id_of_a_key_and_hides_its_text(db, taras, column):
    live_and_do_everything(taras)
    cells = [bytes(value) for value in values(column)]

    assert cells, 'the run wrote none'
    for cell in cells:
        assert cell[0] == 1
        assert len(cell) > 28
        assert not any(
            word.encode() in cell for word in (*person.SEALED, person.ACCOUNT, SECRET, TOKEN, person.NAME, '%PDF')
        )


@pytest.mark.parametrize('column', inventory.columns_of(DataClass.SECRET), ids=lambda c: f'{c.table}.{c.name}')
def test_a_secret_column_holds_nothing_but_hashes(db, taras, column):
    live_and_do_everything(taras)
    cells = values(column)

    assert cells, 'the run wrote none'
    assert [cell for cell in cells if not HASHED.fullmatch(cell)] == []


@pytest.mark.parametrize('column', inventory.columns_of(DataClass.SECRET), ids=lambda c: f'{c.table}.{c.name}')
def test_a_secret_column_is_not_in_anybodys_copy(db, taras, column):
    actor = live_and_do_everything(taras)
    facts = str(own_facts.facts_of(actor.user_id))

    assert [cell for cell in values(column) if cell in facts] == []


def test_the_log_of_a_run_knows_nobody(db, taras, caplog):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger('peewee').setLevel(logging.INFO)  # its statements are never logged by the site either
        live_and_do_everything(taras)
        exports.log.info('a line, so that the search has something to search')

    words = (
        *person.PERSONAL,
        *person.SEALED,
        SECRET,
        TOKEN,
        person.DEVICE,
        person.RESET,
        person.PHONE,
        person.ADDRESS,
        factories.PASSWORD,
        'not-the-password-73K',
    )
    assert 'a line' in caplog.text
    assert [word for word in words if word in caplog.text] == []


def test_no_line_of_code_logs_a_field_of_a_person():
    names = '|'.join(
        sorted({c.name for c in inventory.columns() if not inventory.rules()[c.data_class]['logged']} - HARMLESS)
    )
    bad = re.compile(rf'log\.\w+\(.*\b\w+\.({names})\b')

    found = [
        f'{path.relative_to(ROOT)}:{number}'
        for folder in ('services', 'components', 'pages', 'models')
        for path in (ROOT / folder).rglob('*.py')
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
        if bad.search(line)
    ]
    assert found == []


HARMLESS = {'key', 'message', 'reason', 'name', 'facts'}
"""Names that mean something else in a log: the key of a letter, an error's message, why a webhook was refused."""


def test_tries_are_counted_by_what_is_not_a_password(db, taras):
    live_and_do_everything(taras)

    assert not [row.key for row in Attempt.select() if 'password' in row.key]
    assert database.in_transaction()
