"""Autopay on the billing clock: told on its days, while no gateway is asked and no letter leaves."""

from datetime import date
from decimal import Decimal

import pytest

from models.outbox import OutgoingMessage
from models.payment import Payment
from models.saved_card import Autopay, SavedCard
from services.clock import local, now
from services.rehearsal import autopays
from services.rehearsal.days import State
from services.rehearsal.happenings import What
from services.runner import with_connection
from tests import factories
from tests.bank import Silent, connect
from tests.unit.test_rehearsal import NOON, _own_folder, lived  # noqa: F401 - a fixture


@pytest.fixture
def contract(committed_db):
    """I-100 for 29,90 a month."""
    owner = factories.make_user(email='proba@example.by', email_confirmed_at=now())
    return factories.make_contract('300001', user=owner, active_on=date(2026, 11, 1), balance=Decimal('80.00'))


@with_connection
def pays_by_itself(contract, **changes):
    """Let a kept card pay for a contract three days before each charge."""
    card = SavedCard.create(
        contract=contract, gateway='bepaid', token=b'x', brand='visa', last4='0000', expires_month=1, expires_year=2030,
        created_at=now(),
    )  # fmt: skip
    terms = {'days_before': 3, 'month_limit': Decimal('100.00'), **changes}
    user = contract.subscriber.user
    Autopay.create(contract=contract, card=card, is_on=True, agreed_at=now(), agreed_by=user, changed_at=now(), **terms)


@pytest.mark.at(NOON)
def test_autopay_is_told_on_its_days_and_no_gateway_is_asked(contract, monkeypatch):
    silent = Silent()
    connect(monkeypatch, silent)
    pays_by_itself(contract)

    happenings, outcome = lived('2027-04-02')

    paid = [h for h in happenings if h.what == What.MONEY and 'Автоплатёж картой Visa •• 0000' in h.name]
    assert [(local(h.at).date().isoformat(), str(h.sum)) for h in paid] == [
        ('2027-01-29', '9.70'),
        ('2027-02-26', '29.90'),
        ('2027-03-29', '29.90'),
    ]
    announced = [h for h in happenings if h.what == What.LETTER and h.name.startswith('Автоплатёж 29 января')]
    assert [local(h.at).date().isoformat() for h in announced] == ['2027-01-28']
    assert (outcome.faults, outcome.endings[0].state, silent.calls) == ((), State.WORKS, 0)
    assert with_connection(Payment.select().count)() == with_connection(OutgoingMessage.select().count)() == 0


@pytest.mark.at(NOON)
def test_a_bank_agrees_unasked_only_on_a_copy(contract):
    with pytest.raises(RuntimeError, match='copy'):
        autopays.agree()
