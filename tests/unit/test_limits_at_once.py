"""Limits hold when everybody tries at the same moment: threads on real commits, both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.application import ApplicationStatus, Redemption
from models.contract import PromisedPayment
from models.payment import Payment
from models.user import Attempt
from models.visit import Visit
from services import limits, rate_limits
from services.accounts import promised_payments
from services.clock import now
from services.errors import DomainError, InvalidField, TooManyRequests
from services.offers import promo_codes
from services.offers.catalogue import read_catalogue
from services.payments import payment_gateways, payments
from services.runner import with_connection
from services.visits import visit_slots
from tests import factories
from tests.authz.world import gateway

TOGETHER = 6


def all_at_once(service, calls):
    """Run a service with each of these arguments at the same moment; returns answers and refusals."""
    start = threading.Barrier(len(calls))

    def one(args):
        start.wait()
        try:
            return with_connection(service)(*args)
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def refused(answers, kind=DomainError):
    return [answer for answer in answers if isinstance(answer, kind)]


@with_connection
def count(model):
    return model.select().count()


@with_connection
def all_but_one_try_of(kind, key, most):
    Attempt.insert_many([{'kind': kind, 'key': key, 'at': now()} for _ in range(most - 1)]).execute()


@pytest.mark.parametrize('name', [name for name, limit in limits.LIMITS.limits.items() if limit.within])
def test_a_rate_holds_however_many_try(committed_db, name):
    most, window = limits.rate(name)
    all_but_one_try_of(name, 'somebody', most)

    answers = all_at_once(lambda: rate_limits.spend(name, 'somebody', most=most, window=window), [()] * TOGETHER)

    assert len(refused(answers, TooManyRequests)) == TOGETHER - 1
    assert count(Attempt) == most


def test_twenty_payments_an_hour_however_many_start(committed_db, anna, monkeypatch):
    monkeypatch.setattr(payment_gateways, 'card_gateway', gateway)
    all_but_one_try_of('payment', anna.contract_number, limits.count('payments_started'))

    answers = all_at_once(
        lambda key: payments.start('20', key, actor=anna), [(factories.key(),) for _ in range(TOGETHER)]
    )

    assert len(refused(answers, TooManyRequests)) == TOGETHER - 1
    assert count(Payment) == 1


def test_one_promised_payment_however_many_ask(committed_db, boris):
    answers = all_at_once(
        lambda key: promised_payments.promise(key, actor=boris), [(factories.key(),) for _ in range(TOGETHER)]
    )

    assert len(refused(answers, promised_payments.PromiseAlreadyGiven)) == TOGETHER - 1
    assert count(PromisedPayment) == limits.count('promised_payments')


def test_one_visit_in_a_slot_however_many_ask(committed_db, olga, taras):
    @with_connection
    def slot_and_applications():
        day = visit_slots.free_slots(actor=olga)[-1]
        numbers = [factories.make_application(status=ApplicationStatus.CONFIRMED).number for _ in range(TOGETHER)]
        return day.day, day.technicians[0].slots[0].hour, numbers

    day, hour, numbers = slot_and_applications()

    answers = all_at_once(
        lambda number, key: visit_slots.schedule(number, taras.user_id, day, hour, key, actor=olga),
        [(number, factories.key()) for number in numbers],
    )

    assert len(refused(answers, visit_slots.SlotTaken)) == TOGETHER - 1
    assert count(Visit) == limits.count('visits_of_slot')


def test_the_last_use_of_a_code_goes_to_one(committed_db):
    @with_connection
    def code_and_applications():
        factories.make_promo_code('ONLYONE', most_uses=1)
        place = promo_codes.PromoPlace('minsk', read_catalogue().find_tariff('I-100'))
        effect = promo_codes.check('ONLYONE', place, address='192.0.2.7')
        return place, effect, [factories.make_application() for _ in range(TOGETHER)]

    place, effect, applications = code_and_applications()

    answers = all_at_once(lambda a: promo_codes.reserve(a, effect, place), [(a,) for a in applications])

    assert len(refused(answers, InvalidField)) == TOGETHER - 1
    assert count(Redemption) == 1
