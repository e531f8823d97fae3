"""How long a payment that does not come puts a block off: opening the bank's page for ever is no way to pay nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.payment import Payment, PaymentState
from services.accounts import billing_run, debt_blocks, debts, month_charges
from services.clock import now
from tests import factories

DECEMBER = date(2026, 12, 1)


def in_debt():
    return factories.make_contract(active_on=date(2026, 10, 1), balance=Decimal('5.00'))


def opened(contract, state, created_at):
    key = factories.key()
    return Payment.create(
        contract=contract, amount=Decimal('50.00'), state=state, gateway='bepaid', tracking_id=key, form_key=key,
        created_at=created_at, updated_at=created_at,
    )  # fmt: skip


@pytest.mark.at('2026-12-01 00:05')
@pytest.mark.parametrize('state', [PaymentState.EXPIRED, PaymentState.FAILED, PaymentState.PROCESSING])
def test_a_page_of_the_bank_opened_again_and_again_puts_the_block_off_for_a_day(db, state):
    contract = in_debt()
    began, blocked_after = now(), None
    for half_hours in range(60):
        with time_machine.travel(began + timedelta(minutes=30 * half_hours), tick=False):
            Payment.update(state=state).execute()
            opened(contract, PaymentState.REDIRECTED, created_at=now())
            billing_run.run_due()
            debt_blocks.review_due()
            if blocked_after is None and debt_blocks.open_block(contract):
                blocked_after = now() - began

    assert blocked_after == timedelta(days=1)


@pytest.mark.at('2026-12-03 12:00')
@pytest.mark.parametrize(
    ('state', 'hours', 'is_blocked'),
    [
        pytest.param(PaymentState.SUCCEEDED, 30, False, marks=pytest.mark.broken_books),  # its money came long ago
        (PaymentState.FAILED, 23, False),
        (PaymentState.FAILED, 24, True),
        (PaymentState.EXPIRED, 47, True),
        (PaymentState.CANCELLED, 48, False),
    ],
)
def test_only_attempts_in_vain_of_the_day_before_end_the_patience(db, state, hours, is_blocked):
    contract = in_debt()
    opened(contract, state, created_at=now() - timedelta(hours=hours))
    opened(contract, PaymentState.REDIRECTED, created_at=now() - timedelta(minutes=1))

    billing_run.run_month(DECEMBER)

    assert (debt_blocks.open_block(contract) is not None) == is_blocked


@pytest.mark.at('2026-12-01 00:05')
def test_the_bank_at_work_for_longer_than_a_day_spares_nobody(db):
    contract = in_debt()
    for hours in (24, 49, 500):
        opened(contract, PaymentState.PROCESSING, created_at=now() - timedelta(hours=hours))

    billing_run.run_month(DECEMBER)

    assert debt_blocks.open_block(contract) is not None


@pytest.mark.at('2026-12-03 12:00')
def test_money_that_came_and_waits_for_us_spares_without_an_end(db):
    contract = in_debt()
    opened(contract, PaymentState.QUARANTINED, created_at=now() - timedelta(days=30))

    billing_run.run_month(DECEMBER)

    assert debt_blocks.open_block(contract) is None


@pytest.mark.at('2026-12-03 12:00')
def test_the_list_of_debts_says_the_same(db, olga):
    spared, tired = in_debt(), in_debt()
    opened(tired, PaymentState.EXPIRED, created_at=now() - timedelta(hours=30))
    for contract in (spared, tired):
        opened(contract, PaymentState.REDIRECTED, created_at=now() - timedelta(minutes=1))
        month_charges.book([contract.id], DECEMBER)  # without a look at the block

    lines = {line.number: line.line for line in debts.list_debts(actor=olga).rows}
    assert (lines[spared.number], lines[tired.number]) == ('paying', 'waiting')
