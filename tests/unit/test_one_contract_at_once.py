"""Eight clicks on one contract at the same moment: the result is that of some order, one after the other."""

import copy
import itertools
import random
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.contract import Contract
from services.accounts import (
    add_ons,
    billing,
    debt_blocks,
    invariants,
    ledger,
    subscriptions,
    suspensions,
    tariff_changes,
)
from services.accounts.shown_quotes import QuoteChanged
from services.authority import locked
from services.errors import DomainError
from services.money import kopecks
from services.runner import submit, transactional, with_connection
from tests import factories, wallet_model

DAY = date(2027, 3, 1)
PAUSE = (DAY + timedelta(days=5), 10)
CLICKS = ('tariff', 'pay', 'charge', 'suspend', 'add_on', 'tariff', 'pay', 'charge')
pytestmark = pytest.mark.at('2027-03-01 12:00')


class Contest:
    """One contract on a 1st that is not charged yet, and what is done to it."""

    def __init__(self, balance, amount):
        user = factories.make_user()
        self.contract = factories.make_contract(user=user, active_on=date(2027, 2, 10), balance=Decimal(balance) / 100)
        factories.make_unit(self.contract, 'R-AC')
        self.actor = factories.actor(user, 'subscriber', self.contract)
        self.amount, self.number = Decimal(amount) / 100, self.contract.number

    def tariff(self):
        self._execute(lambda: tariff_changes.quote('I-200', 'now', actor=self.actor), tariff_changes.execute, 'tariff')

    def suspend(self):
        self._execute(lambda: suspensions.quote(*PAUSE, actor=self.actor), suspensions.suspend, 'suspend')

    def add_on(self):
        self._execute(lambda: add_ons.quote('A-IP', actor=self.actor), add_ons.connect, 'add_on')

    def charge(self):
        billing.charge_month(self.contract, DAY)

    @transactional
    def pay(self):
        locked(self.contract)
        posting = ledger.Posting(f'pay:{self.number}', OperationKind.PAYMENT, self.amount, 'Оплата')
        ledger.post(self.contract, posting)
        debt_blocks.review(self.contract)

    def _execute(self, quote, execute, key):
        """Look and do; who is told that the figures have changed looks again."""
        while True:
            try:
                execute(quote().id, f'{key}-{self.number}', actor=self.actor)
            except QuoteChanged:
                continue
            except DomainError:
                pass
            return

    @with_connection
    def outcome(self):
        contract = Contract.get_by_id(self.contract.id)
        pause, block = subscriptions.open_suspension(contract), debt_blocks.open_block(contract)
        has_ip = any(each.item.code == 'A-IP' for each in subscriptions.load(contract).add_ons)
        return kopecks(ledger.balance(contract)), contract.tariff.code, pause is not None, block is not None, has_ip


def serial_outcomes(balance, amount):
    """Return what every order of the five gives, by the model: brute force."""
    start = wallet_model.Wallet(date(2027, 2, 10), DAY, balance)
    start.is_charged = False
    return {_one_after_another(copy.deepcopy(start), order, amount) for order in itertools.permutations(set(CLICKS))}


def _one_after_another(wallet, order, amount):
    for click in order:
        if click != 'pay' and not wallet.is_charged:
            wallet.is_charged = True
            wallet._charge()
        if click == 'pay':
            wallet.top_up(amount)
        elif click == 'tariff':
            wallet.change_tariff('I-200', 'now')
        elif click == 'suspend':
            wallet.suspend(*PAUSE)
        elif click == 'add_on':
            wallet.connect('A-IP')
    return wallet.balance, wallet.tariff, bool(wallet._open_pause()), wallet.is_blocked, 'A-IP' in wallet.services


def _all_at_once(contest, order):
    gate = threading.Barrier(len(order), timeout=30)

    def click(name):
        gate.wait()
        getattr(contest, name)()

    for future in [submit(click, name) for name in order]:
        future.result(60)


def _rounds(count):
    chance, seen = random.Random(7), set()  # noqa: S311 - the same rounds every time
    for number in range(count):
        balance, amount = chance.choice([1500, 3500, 4000, 4600, 9000]), chance.choice([500, 2000, 6000])
        contest = Contest(balance, amount)
        _all_at_once(contest, chance.sample(CLICKS, len(CLICKS)))
        outcome = contest.outcome()
        assert outcome in serial_outcomes(balance, amount), (number, balance, amount)
        seen.add(outcome)
        if number % 20 == 0:
            assert with_connection(invariants.self_check)(but=('I10 late',)) == []
    assert with_connection(invariants.self_check)(but=('I10 late',)) == []
    return seen


def test_twelve_rounds_of_eight_clicks(committed_db):
    assert len(_rounds(12)) > 4


@pytest.mark.full
@pytest.mark.timeout(0)
def test_two_thousand_rounds_of_eight_clicks(committed_db):
    assert len(_rounds(2_000)) > 10


def test_the_orders_really_differ():
    assert len(serial_outcomes(3500, 2000)) > 2
