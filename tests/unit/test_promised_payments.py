"""Обещанный платёж: twenty rubles for five days, one at a time, and a pause after one that was not kept."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.contract import DebtBlock, PromisedPayment
from models.user import AuditEvent
from services.accounts import debt_blocks, ledger, promised_payments
from services.clock import now
from services.errors import NotAllowed, NotFound, SignInRequired
from services.events import ContractChanged
from services.form_keys import BrokenForm
from tests import factories
from tests.cast import contract_of

pytestmark = pytest.mark.at('2026-11-22 12:00')


def broken(actor, days_ago):
    moment = now() - timedelta(days=days_ago)
    return PromisedPayment.create(
        contract=contract_of(actor),
        amount=Decimal('20.00'),
        promised_at=moment - timedelta(days=5),
        due_at=moment,
        lapsed_at=moment,
        form_key=factories.key(),
    )


def test_a_promise_brings_the_internet_back_at_once_and_is_not_money(db, boris):
    due_at = promised_payments.promise('key-1', actor=boris)
    contract = contract_of(boris)

    assert due_at == now() + timedelta(days=5)
    assert debt_blocks.open_block(contract) is None
    assert ledger.balance(contract) == Decimal('-12.40')
    assert AuditEvent.select().where(AuditEvent.action == 'payment.promise').count() == 1
    assert ContractChanged(contract.id) in db.events


def test_a_repeat_of_the_click_promises_once(boris):
    first = promised_payments.promise('key-1', actor=boris)

    assert promised_payments.promise('key-1', actor=boris) == first
    assert PromisedPayment.select().count() == 1


def test_one_at_a_time(boris):
    promised_payments.promise('key-1', actor=boris)

    with pytest.raises(promised_payments.PromiseAlreadyGiven):
        promised_payments.promise('key-2', actor=boris)
    assert promised_payments.view(actor=boris).due_at == now() + timedelta(days=5)


@pytest.mark.parametrize(('days_ago', 'is_refused'), [(0, True), (29, True), (30, False), (31, False)])
def test_after_one_that_was_not_kept_there_is_a_pause_of_thirty_days(boris, days_ago, is_refused):
    broken(boris, days_ago)

    refusal = promised_payments.view(actor=boris).refusal

    assert isinstance(refusal, promised_payments.PromiseNotKept) == is_refused


def test_without_debt_there_is_nothing_to_promise(anna):
    with pytest.raises(promised_payments.NoDebt):
        promised_payments.promise('key-1', actor=anna)


@pytest.mark.parametrize(('more', 'is_refused'), [('-7.60', False), ('-7.61', True)])
def test_a_debt_it_would_not_cover_is_refused(boris, more, is_refused):
    factories.top_up(contract_of(boris), Decimal(more))

    refusal = promised_payments.view(actor=boris).refusal

    assert isinstance(refusal, promised_payments.DebtTooLarge) == is_refused
    if is_refused:
        assert refusal.facts['missing'] == Decimal('0.01')


def test_not_kept_it_lapses_and_the_block_returns(boris):
    promised_payments.promise('key-1', actor=boris)
    PromisedPayment.update(due_at=now()).execute()

    debt_blocks.review_due()

    assert PromisedPayment.get().lapsed_at == now()
    assert DebtBlock.select().where(DebtBlock.ended_at.is_null()).count() == 1


def test_somebody_elses_key_is_not_found(boris, anna):
    promised_payments.promise('key-1', actor=boris)

    with pytest.raises(NotFound):
        promised_payments.promise('key-1', actor=anna)


@pytest.mark.parametrize('key', ['', None, 'x' * 100, {'a': 1}])
def test_a_forged_key_is_refused(boris, key):
    with pytest.raises(BrokenForm):
        promised_payments.promise(key, actor=boris)


def test_only_a_subscriber_may(olga, stranger):
    with pytest.raises(NotAllowed):
        promised_payments.promise('key-1', actor=olga)
    with pytest.raises(SignInRequired):
        promised_payments.view(actor=stranger)
