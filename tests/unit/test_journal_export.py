"""The books as hledger's journal: the same bytes for the same books, and hledger itself adds them up to our balances."""

import csv
import io
import os
import shutil
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models.account import Account, OperationKind
from models.region import HouseKind
from services.accounts import journal_export, ledger
from services.accounts.ledger import Posting
from services.demo import subscribers
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of

TEN = Decimal('10.00')


def text():
    journal = io.StringIO()
    with_connection(journal_export.write)(journal)
    return journal.getvalue()


@pytest.mark.at('2026-12-01 00:30')
def test_one_operation_reads_like_this(db):
    contract = factories.make_contract('300001', balance=TEN)
    posting = Posting('adjust:1', OperationKind.ADJUSTMENT, -TEN * 2, 'Разное; (всякое)\nи ещё')
    operation = ledger.post(contract, posting)

    assert text().endswith(f"""
2026-12-01 (adjust:1) Разное, (всякое] и ещё  ; id:{operation.id}
    wallet:300001  -20.00 BYN = -10.00 BYN
    adjustment  20.00 BYN = 20.00 BYN

2026-12-01 (balances)
    wallet:300001  0.00 BYN = -10.00 BYN
    opening  0.00 BYN = -10.00 BYN
    adjustment  0.00 BYN = 20.00 BYN
""")


def test_days_are_those_of_minsk_and_come_in_their_order(db):
    contract = factories.make_contract('300001')
    for number, at in enumerate(('2026-11-30T21:30', '2026-11-30T20:30', '2020-02-29T12:00')):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        ledger.post(contract, Posting(f'adjust:{number}', OperationKind.ADJUSTMENT, TEN, 'Проба', booked_at=moment))

    days = [line.split(' ')[0] for line in text().splitlines() if line[:2] == '20']
    assert days == ['2020-02-29', '2026-11-30', '2026-12-01', '2026-12-01']


def test_the_same_books_give_the_same_bytes(db, anna, boris):
    ledger.reverse(ledger.post(contract_of(anna), Posting('adjust:1', OperationKind.ADJUSTMENT, TEN, 'Проба')),
                   reason='Ошибка', actor_id=None)  # fmt: skip

    assert text() == text()


def test_empty_books_are_a_journal_too(db):
    assert text() == f'{journal_export.HEAD}\n2000-01-01 (balances)\n'


def test_our_own_reader_finds_a_sum_that_is_wrong(db, anna):
    journal = text()
    assert journal_export.add_up([journal])['wallet:100001'] == 4510

    with pytest.raises(ValueError, match='wallet:100001 is 4511 kopecks where the journal says 4510'):
        journal_export.add_up([journal.replace('45.10 BYN =', '45.11 BYN =')])


def hledger(tmp_path, *command):
    (tmp_path / 'books.journal').write_text(text(), encoding='utf-8')
    arguments = ['hledger', '-f', str(tmp_path / 'books.journal'), *command]
    return subprocess.run(
        arguments, capture_output=True, text=True, check=False, env={**os.environ, 'LC_ALL': 'C.UTF-8'}
    )


needs_hledger = pytest.mark.skipif(
    shutil.which('hledger') is None and os.environ.get('CI') != 'true', reason='hledger is not installed'
)


@needs_hledger
def test_hledger_adds_the_books_up_to_our_balances(db, anna, boris, vera, tmp_path):
    owner = subscribers._person(subscribers.PEOPLE[0], 'x')
    home = subscribers.Home('400001', 'I-100', 'Минск', HouseKind.FLAT, 12)
    subscribers._live(subscribers._contract(owner, home), Decimal('45.10'))

    answer = hledger(tmp_path, 'balance', '--flat', '--empty', '--no-total', '--output-format=csv')

    assert answer.returncode == 0, answer.stderr
    theirs = {
        row['account']: Decimal(row['balance'].removesuffix(' BYN'))
        for row in csv.DictReader(answer.stdout.splitlines())
    }
    ours = {
        journal_export.name_of(account.kind, account.contract.number if account.contract else None): account.balance
        for account in Account.select()
    }
    assert theirs == ours
    assert len(ours) > 6


@needs_hledger
@pytest.mark.broken_books
def test_hledger_refuses_books_whose_balance_was_touched(db, anna, tmp_path):
    assert hledger(tmp_path, 'check').returncode == 0

    Account.update(balance=TEN).where(Account.id == ledger.wallet_of(contract_of(anna)).id).execute()
    answer = hledger(tmp_path, 'check')

    assert answer.returncode != 0
    assert 'balance assertion' in answer.stderr
