"""The preview says what the run then does; the button refuses what cannot be run."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.account import BillingRun, Operation, PeriodCharge, Quote
from models.contract import DebtBlock
from models.payment import Payment, PaymentState
from models.user import AuditEvent
from services.accounts import billing_desk, billing_run, month_charges
from services.accounts.billing_desk import NobodyDue, NotBegun
from services.accounts.debt_blocks import Spared
from services.clock import now
from services.errors import NotAllowed, NotFound
from services.quotes.monthly import LineKind
from tests import factories

DECEMBER = date(2026, 12, 1)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def street(db):
    """One with money, one without, one whose payment is on its way, one in his first days."""
    rich = factories.make_contract('300001', active_on=OCTOBER, tv_package='T-BASE', balance=Decimal('100.00'))
    poor = factories.make_contract('300002', active_on=OCTOBER, balance=Decimal('5.00'))
    paying = factories.make_contract('300003', active_on=OCTOBER)
    new = factories.make_contract('300004', active_on=date(2026, 11, 29))
    Payment.create(
        contract=paying, amount=Decimal('50.00'), state=PaymentState.PROCESSING, gateway='bepaid', tracking_id='t-1',
        form_key='f-1', created_at=now(), updated_at=now(),
    )  # fmt: skip
    return rich, poor, paying, new


@pytest.mark.at('2026-12-01 00:05')
def test_the_run_does_what_the_preview_said(street, olga):
    before = billing_desk.preview(actor=olga)
    assert not PeriodCharge.select().exists()
    assert not Quote.select().exists()

    billing_run.run_month(DECEMBER)

    run, booked = BillingRun.get(), Operation.select().where(Operation.key.startswith('month:'))
    assert (
        (before.count, before.sum, before.blocked) == (run.done, run.charged, run.blocked) == (4, Decimal('128.60'), 1)
    )
    assert dict(before.kinds) == {
        LineKind.TARIFF: Decimal('119.60'),
        LineKind.TV: Decimal('12.90'),
        LineKind.BUNDLE: Decimal('-3.90'),
    }
    assert booked.count() == 6
    assert [(each.number, each.debt, each.spared) for each in before.debts] == [
        ('300002', Decimal('24.90'), None),
        ('300003', Decimal('29.90'), Spared.PAYMENT),
        ('300004', Decimal('29.90'), Spared.FIRST_DAYS),
    ]
    assert [block.contract.number for block in DebtBlock.select()] == ['300002']
    assert billing_desk.preview(actor=olga).count == 0


@pytest.mark.at('2026-11-20 12:00')
def test_the_coming_month_is_previewed_as_of_its_first_day(street, olga):
    coming = billing_desk.preview('2026-12', actor=olga)

    assert coming.count == 4
    assert [(each.number, each.spared) for each in coming.debts] == [
        ('300002', None),
        ('300003', None),  # that payment is over by then
        ('300004', Spared.FIRST_DAYS),
    ]


@pytest.mark.at('2026-12-01 00:05')
def test_a_contract_that_cannot_be_computed_stands_in_the_preview(street, olga, monkeypatch):
    compute = month_charges.compute

    def fail_for_poor(contracts, month):
        if street[1] in contracts:
            raise RuntimeError('no')
        return compute(contracts, month)

    monkeypatch.setattr(month_charges, 'compute', fail_for_poor)

    preview = billing_desk.preview(actor=olga)
    assert (preview.count, preview.set_aside, preview.sum) == (3, ('300002',), Decimal('98.70'))


@pytest.mark.at('2026-12-01 00:05')
def test_an_administrator_orders_the_run_and_it_is_written_down(street, ada, olga):
    with pytest.raises(NotAllowed):
        billing_desk.start('2026-12', actor=olga)
    with pytest.raises(NotBegun, match='2027-01-01'):
        billing_desk.start('2027-01', actor=ada)
    with pytest.raises(NobodyDue):
        billing_desk.start('2026-11', actor=ada) if billing_run.run_month(date(2026, 11, 1)) else None
    for month in ('2026-13', '2020-01', 'x', '2026-12-01'):
        with pytest.raises(NotFound):
            billing_desk.show(month, actor=ada)

    billing_desk.start('2026-12', actor=ada)
    billing_desk.start('2026-12', actor=ada)  # a double click
    assert billing_run.carry_on() == 4

    run = billing_desk.show(actor=ada).run
    assert (run.by, run.done, run.ended_at) == (ada.name, 4, now())
    facts = [row.facts for row in AuditEvent.select().where(AuditEvent.action == 'billing.start')]
    assert facts[0]['contracts'] == 4


@pytest.mark.at('2026-12-01 00:05')
def test_who_sees_the_page_and_who_may_run(street, ada, olga):
    for actor, may in ((olga, False), (ada, True)):
        desk = billing_desk.show(actor=actor)
        assert (desk.may_run, desk.due, desk.has_begun) == (may, 4, True)
    assert desk.months == (date(2026, 11, 1), DECEMBER, DECEMBER + timedelta(days=31))
