"""Any order of what a subscriber can do, over many days: the books stay right and what is shown is what is charged."""

from datetime import date, timedelta
from decimal import Decimal

import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.account import Operation, PeriodCharge
from models.base import database
from models.contract import Contract, DebtBlock
from services.accounts import (
    add_ons,
    billing,
    billing_run,
    debt_blocks,
    invariants,
    ledger,
    promised_payments,
    suspensions,
    tariff_changes,
)
from services.clock import midnight
from services.errors import DomainError
from tests import factories

STEPS = st.one_of(
    st.tuples(
        st.just('tariff'), st.sampled_from(['I-50', 'I-100', 'I-200', 'I-500']), st.sampled_from(['now', 'next'])
    ),
    st.tuples(st.just('add_on'), st.sampled_from(['A-IP', 'A-AV', 'A-B1', 'A-B7'])),
    st.tuples(st.just('disconnect'), st.sampled_from(['A-IP', 'A-AV'])),
    st.tuples(st.just('suspend'), st.integers(1, 40), st.integers(7, 90)),
    st.tuples(st.just('resume')),
    st.tuples(st.just('promise')),
    st.tuples(st.just('pay'), st.integers(100, 9_000)),
    st.tuples(st.just('days'), st.integers(1, 40)),
)
START = date(2027, 1, 20)


class Life:
    """A subscriber and his clock; every step is what a click does."""

    def __init__(self, clock):
        user = factories.make_user()
        self.contract = factories.make_contract(user=user, active_on=START, balance=Decimal('60.00'))
        self.actor = factories.actor(user, 'subscriber', self.contract)
        self.clock, self.day, self.count = clock, START, 0
        billing.charge_activation(self.contract, actor_id=None)

    def step(self, what, *args):
        self.count += 1
        try:
            getattr(self, what)(*args)
        except DomainError:
            return

    def _do(self, shown, execute):
        before = ledger.balance(self.contract)
        execute(shown.id, f'key-{self.count}', actor=self.actor)
        execute(shown.id, f'key-{self.count}', actor=self.actor)
        assert ledger.balance(self.contract) == before - shown.quote.due == shown.quote.steps[0].after

    def tariff(self, to, when):
        self._do(tariff_changes.quote(to, when, actor=self.actor), tariff_changes.execute)

    def add_on(self, code):
        self._do(add_ons.quote(code, actor=self.actor), add_ons.connect)

    def disconnect(self, code):
        add_ons.disconnect(code, actor=self.actor)

    def suspend(self, ahead, days):
        self._do(suspensions.quote(self.day + timedelta(days=ahead), days, actor=self.actor), suspensions.suspend)

    def resume(self):
        self._do(suspensions.quote_resume(actor=self.actor), suspensions.resume)

    def promise(self):
        promised_payments.promise(f'key-{self.count}', actor=self.actor)

    def pay(self, kopecks):
        factories.top_up(self.contract, Decimal(kopecks).scaleb(-2), key=f'pay:{self.contract.number}:{self.count}')
        debt_blocks.review(self.contract)

    def days(self, number):
        coming = billing.next_charge(self.fresh())
        if coming.on > self.day + timedelta(days=number):
            self.move(self.day + timedelta(days=number))
            return
        self.move(coming.on - timedelta(days=1))
        coming, before = billing.next_charge(self.fresh()), ledger.balance(self.contract)
        self.move(coming.on)
        assert ledger.balance(self.contract) == before - coming.sum

    def fresh(self):
        return Contract.get_by_id(self.contract.id)

    def move(self, day):
        self.day = day
        self.clock.move_to(midnight(day))
        billing_run.run_due()
        debt_blocks.review_due()


@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_any_order_of_clicks_keeps_the_books_right(db, steps):
    with database.atomic() as transaction, time_machine.travel(midnight(START), tick=False) as clock:
        life = Life(clock)
        for step in steps:
            life.step(*step)

        months = PeriodCharge.select().where(PeriodCharge.contract == life.contract).count()
        assert invariants.self_check() == []
        assert months == (life.day.year - START.year) * 12 + life.day.month - START.month + 1
        assert DebtBlock.select().where(DebtBlock.ended_at.is_null()).count() <= 1
        assert not Operation.select().where((Operation.formula == '') & (Operation.kind != 'opening')).exists()
        transaction.rollback()
