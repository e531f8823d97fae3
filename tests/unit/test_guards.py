"""What the tables themselves refuse, on both databases: the last line behind the services."""

from datetime import date
from decimal import Decimal

import peewee
import pytest

from models.account import AccountKind
from models.base import database
from models.contract import DebtBlock, PromisedPayment, Suspension, TariffChange
from models.user import AuditEvent
from models.visit import VisitStatus
from services import audit
from services.accounts import ledger
from services.clock import now
from tests import factories
from tests.cast import contract_of

DAY = date(2026, 12, 10)


def refused():
    """The database says no; the savepoint keeps the transaction usable."""
    return pytest.raises((peewee.IntegrityError, peewee.DatabaseError))


def suspend(contract, starts_on, ends_on):
    Suspension.create(
        contract=contract, starts_on=starts_on, ends_on=ends_on, form_key=factories.key(), created_at=now()
    )


def test_a_pause_ends_after_it_begins(db, anna):
    suspend(contract_of(anna), DAY, date(2026, 12, 11))

    with refused(), database.atomic():
        suspend(contract_of(anna), DAY, DAY)


@pytest.mark.parametrize('field', ['monthly_fee', 'connection_fee'])
def test_a_tariff_costs_nothing_at_least(db, field):
    with refused(), database.atomic():
        factories.make_tariff('I-BAD', **{field: Decimal('-0.01')})


def test_a_visit_begins_with_its_slot(db, taras):
    with refused(), database.atomic():
        factories.make_visit(factories.make_application(), taras, hour=10)


def test_a_technician_has_one_visit_in_a_slot(db, taras):
    first = factories.make_visit(factories.make_application(), taras, day=DAY)

    with refused(), database.atomic():
        factories.make_visit(factories.make_application(), taras, day=DAY)
    first.status = VisitStatus.CANCELLED
    first.save()
    factories.make_visit(factories.make_application(), taras, day=DAY)


def test_an_application_has_one_open_visit(db, taras):
    application = factories.make_application()
    factories.make_visit(application, taras, hour=9)

    with refused(), database.atomic():
        factories.make_visit(application, taras, hour=11)


def test_a_contract_is_blocked_once(db, boris):
    with refused(), database.atomic():
        DebtBlock.create(contract=contract_of(boris), started_at=now())


def test_a_contract_has_one_open_promise(db, anna):
    def promise(amount=Decimal('10.00')):
        PromisedPayment.create(
            contract=contract_of(anna), amount=amount, promised_at=now(), due_at=now(), form_key=factories.key()
        )

    with refused(), database.atomic():
        promise(Decimal('0.00'))
    promise()
    with refused(), database.atomic():
        promise()


def test_a_contract_has_one_planned_change_of_tariff(db, anna):
    def plan():
        TariffChange.create(
            contract=contract_of(anna),
            old_tariff=factories.make_tariff('I-100'),
            new_tariff=factories.make_tariff('I-200'),
            effective_on=DAY,
            state='planned',
            form_key=factories.key(),
            created_at=now(),
        )

    plan()
    with refused(), database.atomic():
        plan()


def test_the_house_has_one_account_of_a_kind(db):
    ledger.own_account(AccountKind.REVENUE)

    with refused(), database.atomic():
        type(ledger.own_account(AccountKind.REVENUE)).create(kind=AccountKind.REVENUE, balance=Decimal(0))


def test_the_audit_log_is_append_only(db, olga):
    audit.note('application.accept', 'application:000042', actor=olga)

    for query in (AuditEvent.update(action='nothing'), AuditEvent.delete()):
        with refused(), database.atomic():
            query.execute()
