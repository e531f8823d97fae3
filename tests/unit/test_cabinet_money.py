"""Any order of what a subscriber can do, over many months, beside a wallet in plain integers: both always agree."""

from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.account import Operation, OperationKind
from models.base import database
from models.contract import Contract
from services.accounts import (
    add_ons,
    billing,
    billing_run,
    debt_blocks,
    invariants,
    ledger,
    planned_tariffs,
    promised_payments,
    suspensions,
    tariff_board,
    tariff_changes,
)
from services.clock import MINSK, midnight
from services.errors import DomainError
from services.money import kopecks
from tests import factories, wallet_model

START = date(2027, 12, 20)  # a leap year lies ahead
QUICK = settings(max_examples=20, stateful_step_count=20)
PHASES = (
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
)  # a failure is told as it is: shrinking takes longer than reading
FULL = settings(max_examples=500, stateful_step_count=50)


class Life(RuleBasedStateMachine):
    """A subscriber, his clicks and his clock; every step is done twice, by the services and by the model."""

    def __init__(self):
        super().__init__()
        self.open = ExitStack()
        self.transaction = self.open.enter_context(database.atomic())
        self.clock = self.open.enter_context(time_machine.travel(_noon(START), tick=False))

    def teardown(self):
        self.transaction.rollback()
        self.open.close()

    @initialize(day=st.integers(0, 400), balance=st.integers(1, 20_000))
    def connect(self, day, balance):
        since = START + timedelta(days=day)
        self.clock.move_to(_noon(since))
        user = factories.make_user()
        self.count, self.receipts = 0, []
        self.contract = factories.make_contract(user=user, active_on=since)
        self.actor = factories.actor(user, 'subscriber', self.contract)
        self.model = wallet_model.Wallet(since, since)
        factories.make_unit(self.contract, 'R-AC')
        self._top_up(balance)
        self.model.begin()
        billing.charge_activation(self.contract, actor_id=None)

    # --- steps -------------------------------------------------------------------------------------------------

    @rule(amount=st.integers(100, 12_000))
    def top_up(self, amount):
        self._top_up(amount)

    @rule()
    def reverse(self):
        if self.model.reverse() is not None:
            for _ in range(2):
                ledger.reverse(self.receipts[-1], reason='Банк вернул деньги', actor_id=None)
            self.receipts.pop()
            debt_blocks.review(self.contract)

    @rule(to=st.sampled_from(sorted(wallet_model.TARIFFS)))
    def change_tariff(self, to):
        self._change(to, 'now', 'now')

    @rule(to=st.sampled_from(sorted(wallet_model.TARIFFS)))
    def change_tariff_from_the_first(self, to):
        self._change(to, 'next', 'next')

    @rule(to=st.sampled_from(sorted(wallet_model.TARIFFS)), ahead=st.integers(1, 80))
    def change_tariff_on_a_day(self, to, ahead):
        on = self.model.day + timedelta(days=ahead)
        self._change(to, on, on.isoformat())

    @precondition(lambda self: self.model.planned)
    @rule()
    def cancel_tariff(self):
        planned = tariff_board.read_board(actor=self.actor).planned
        assert (planned is not None) == (self.model.cancel_tariff() is not None)
        if planned:
            tariff_changes.cancel_planned(planned.id, actor=self.actor)

    @rule(code=st.sampled_from(sorted(wallet_model.MONTHLY)))
    def connect_service(self, code):
        self._execute(self.model.connect(code), lambda: add_ons.quote(code, actor=self.actor), add_ons.connect)

    @rule(code=st.sampled_from(sorted(wallet_model.MONTHLY)))
    def disconnect_service(self, code):
        self._done(self.model.disconnect(code), lambda: add_ons.disconnect(code, actor=self.actor))

    @rule(code=st.sampled_from(sorted(wallet_model.BOOSTS)))
    def boost(self, code):
        self._execute(self.model.boost(code), lambda: add_ons.quote(code, actor=self.actor), add_ons.connect)

    @rule(ahead=st.integers(1, 40), days=st.integers(7, 90))
    def suspend(self, ahead, days):
        first = self.model.day + timedelta(days=ahead)
        quote = lambda: suspensions.quote(first, days, actor=self.actor)  # noqa: E731
        self._execute(self.model.suspend(first, days), quote, suspensions.suspend)

    @precondition(lambda self: self.model.pauses)
    @rule()
    def resume(self):
        quote = lambda: suspensions.quote_resume(actor=self.actor)  # noqa: E731
        self._execute(self.model.resume(), quote, suspensions.resume)

    @rule()
    def promise(self):
        self.count += 1
        self._done(self.model.promise(), lambda: promised_payments.promise(f'key-{self.count}', actor=self.actor))

    @rule(days=st.integers(1, 40))
    def days_pass(self, days):
        for _ in range(days):
            self._night()

    @precondition(lambda self: self.model.promised_on)
    @rule()
    def the_promise_is_due(self):
        for _ in range(wallet_model.PROMISE_DAYS + 1):
            self._night()

    # --- what holds always -------------------------------------------------------------------------------------

    @invariant()
    def both_agree(self):
        contract = Contract.get_by_id(self.contract.id)
        assert kopecks(ledger.balance(contract)) == self.model.balance
        assert (debt_blocks.open_block(contract) is not None) == self.model.is_blocked
        assert (contract.tariff.code, invariants.self_check(but=('I10 late',))) == (self.model.tariff, [])
        assert kopecks(billing.next_charge(contract).sum) == self.model.next_month()

    # --- how -----------------------------------------------------------------------------------------------------

    def _top_up(self, amount):
        self.count += 1
        self.model.top_up(amount)
        key, rubles = f'pay:{self.contract.number}:{self.count}', Decimal(amount).scaleb(-2)
        posting = ledger.Posting(key=key, kind=OperationKind.PAYMENT, amount=rubles, title='Оплата')
        assert ledger.post(self.contract, posting) == ledger.post(self.contract, posting)
        self.receipts.append(Operation.get(Operation.key == key))
        debt_blocks.review(self.contract)

    def _change(self, to, on, asked):
        quote = lambda: tariff_changes.quote(to, asked, actor=self.actor)  # noqa: E731
        self._execute(self.model.change_tariff(to, on), quote, tariff_changes.execute)

    def _execute(self, expected, quote, execute):
        """Show and do, the click repeated; refused by both or moved by what was shown and what the model says."""
        self.count += 1
        before = ledger.balance(self.contract)
        self._done(expected, lambda: self._twice(quote(), execute))
        assert kopecks(ledger.balance(self.contract) - before) == (expected or 0)

    def _twice(self, shown, execute):
        for _ in range(2):
            execute(shown.id, f'key-{self.count}', actor=self.actor)
        assert ledger.balance(self.contract) == shown.quote.steps[0].after

    def _done(self, expected, deed):
        try:
            deed()
        except DomainError as refusal:
            assert expected is None, refusal  # noqa: PT017 - the model decides which it is
        else:
            assert expected is not None

    def _night(self):
        self.model.night()
        self.clock.move_to(midnight(self.model.day))
        billing_run.run_due()
        planned_tariffs.run_due()
        debt_blocks.review_due()
        self.clock.move_to(_noon(self.model.day))


def _noon(day):
    return datetime.combine(day, time(12), MINSK)


def _run(form):
    form = settings(form, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, phases=PHASES)
    run_state_machine_as_test(Life, settings=form)


def test_any_order_of_clicks_is_what_the_model_says(db):
    _run(QUICK)


@pytest.mark.full
@pytest.mark.timeout(0)
def test_five_hundred_lives_of_fifty_clicks(db):
    _run(FULL)
