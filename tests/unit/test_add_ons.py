"""Add-ons: connected for the rest of the month, disconnected at its end; a boost ends by itself. Sums by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.catalogue import AddOn
from models.contract import ConnectedAddOn
from services.accounts import add_on_refusals, add_ons, billing, invariants, ledger, shown_quotes
from services.clock import MINSK, midnight, now
from services.errors import NotAllowed, NotFound, SignInRequired
from services.money import ZERO
from services.quotes import add_on as quotes
from services.quotes.monthly import Item, LineKind
from services.quotes.subscription import Subscription, TariffTerms
from tests import factories
from tests.cast import contract_of

IP = Item(LineKind.ADD_ON, 'A-IP', 'Статический IP', Decimal('6.00'))
PLAIN = Subscription('100001', date(2026, 1, 1), TariffTerms('I-100', 'Комфорт', Decimal('29.90')))


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def connect(actor, code='A-IP', key='key-connect'):
    return add_ons.connect(add_ons.quote(code, actor=actor).id, key, actor=actor)


@pytest.mark.parametrize(
    ('day', 'sum_'),
    [
        ('2027-02-01', '6.00'),
        ('2027-02-27', '0.43'),  # 6 × 2 / 28 = 0.4285…
        ('2028-02-20', '2.07'),  # 6 × 10 / 29 = 2.0689…
        ('2026-11-22', '1.80'),
        ('2026-12-31', '0.19'),  # 6 / 31 = 0.1935…
    ],
)
def test_a_monthly_add_on_is_paid_from_today_to_the_end_of_the_month(day, sum_):
    quote = quotes.quote_monthly(PLAIN, IP, balance=Decimal('100.00'), today=date.fromisoformat(day))

    assert quote.due == Decimal(sum_)
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-35.90')] * 3


def test_a_one_off_costs_its_whole_price_once():
    quote = quotes.quote_once(PLAIN, IP, balance=ZERO, today=date(2026, 11, 22))

    assert quote.due == Decimal('6.00')
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-29.90')] * 3


def test_anna_connects_an_address_and_is_charged_for_nine_days(anna):
    assert connect(anna) == 'Статический IP-адрес'
    contract = contract_of(anna)

    assert ledger.balance(contract) == Decimal('43.30')
    assert billing.next_charge(contract).sum == Decimal('40.40')
    assert invariants.self_check() == []


def test_a_repeat_of_the_click_connects_once(anna):
    shown = add_ons.quote('A-IP', actor=anna)
    add_ons.connect(shown.id, 'key-1', actor=anna)
    add_ons.connect(shown.id, 'key-1', actor=anna)

    assert ConnectedAddOn.select().count() == 1
    assert ledger.balance(contract_of(anna)) == Decimal('43.30')


def test_what_is_connected_is_not_connected_again(anna):
    connect(anna)

    with pytest.raises(add_on_refusals.AlreadyConnected):
        add_ons.quote('A-IP', actor=anna)


def test_a_disconnected_add_on_works_to_the_end_of_the_paid_month(anna, at_noon):
    connect(anna)

    assert add_ons.disconnect('A-IP', actor=anna) == date(2026, 11, 30)
    assert add_ons.disconnect('A-IP', actor=anna) == date(2026, 11, 30)
    view = next(v for v in add_ons.board(actor=anna).monthly if v.code == 'A-IP')
    assert (view.is_on, view.paid_to) == (True, date(2026, 11, 30))
    assert billing.next_charge(contract_of(anna)).sum == Decimal('34.40')
    at_noon.move_to(midnight(date(2026, 12, 1)))
    assert not next(v for v in add_ons.board(actor=anna).monthly if v.code == 'A-IP').is_on


def test_taking_it_back_in_the_paid_month_costs_nothing(anna):
    connect(anna)
    add_ons.disconnect('A-IP', actor=anna)
    shown = add_ons.quote('A-IP', actor=anna)

    add_ons.connect(shown.id, 'key-back', actor=anna)

    assert (shown.quote.due, ledger.balance(contract_of(anna))) == (ZERO, Decimal('43.30'))
    assert billing.next_charge(contract_of(anna)).sum == Decimal('40.40')
    assert ConnectedAddOn.select().count() == 1


@pytest.mark.parametrize('code', ['A-AV', 'A-B1', '', None, {'code': 'A-IP'}])
def test_what_is_not_connected_by_the_month_cannot_be_disconnected(anna, code):
    connect(anna, 'A-B1')

    with pytest.raises(add_on_refusals.NotConnected):
        add_ons.disconnect(code, actor=anna)


def test_a_boost_starts_at_once_and_ends_by_itself(anna, at_noon):
    connect(anna, 'A-B3')
    boost = add_ons.board(actor=anna).boost

    assert (boost.starts_at, boost.ends_at) == (now(), now() + timedelta(days=3))
    assert ledger.balance(contract_of(anna)) == Decimal('41.30')
    at_noon.shift(timedelta(days=3))
    assert add_ons.board(actor=anna).boost is None
    assert connect(anna, 'A-B1', key='key-next')


def test_boosts_do_not_stack(anna):
    connect(anna, 'A-B3')

    with pytest.raises(add_on_refusals.BoostRuns) as refusal:
        add_ons.quote('A-B1', actor=anna)
    assert refusal.value.facts['until'] == now() + timedelta(days=3)


def test_traffic_is_for_tariffs_that_count_it_and_channels_for_who_has_tv(anna):
    codes = {v.code for v in (*add_ons.board(actor=anna).monthly, *add_ons.board(actor=anna).once)}

    assert codes == {'A-B1', 'A-B3', 'A-B7', 'A-IP', 'A-AV', 'A-FLT', 'A-SMS', 'F-CRED'}
    for code in ('A-T5', 'TV-KINO'):
        with pytest.raises(add_on_refusals.NotForTariff):
            add_ons.quote(code, actor=anna)


def test_a_package_of_traffic_lasts_to_the_end_of_the_month(db):
    user = factories.make_user()
    owner = factories.make_contract(user=user, tariff='I-10G', balance=Decimal('10.00'))
    actor = factories.actor(user, 'subscriber', owner)

    connect(actor, 'A-T5')

    assert ConnectedAddOn.get().ends_at == midnight(date(2026, 12, 1))
    assert ledger.balance(owner) == Decimal('7.00')


def test_nothing_is_connected_while_the_internet_does_not_work(boris, vera):
    for actor in (boris, vera):
        assert add_ons.board(actor=actor).is_stopped
        with pytest.raises(add_on_refusals.ServiceStopped):
            add_ons.quote('A-IP', actor=actor)


def test_without_the_money_nothing_is_connected(anna):
    factories.top_up(contract_of(anna), Decimal('-43.31'))
    shown = add_ons.quote('A-IP', actor=anna)

    assert shown.missing == Decimal('0.01')
    with pytest.raises(shown_quotes.NotEnoughMoney):
        add_ons.connect(shown.id, 'key-1', actor=anna)
    assert not ConnectedAddOn.select().exists()


def test_a_price_that_changed_is_shown_again(anna):
    shown = add_ons.quote('A-IP', actor=anna)
    AddOn.update(price=Decimal('9.00')).where(AddOn.code == 'A-IP').execute()

    with pytest.raises(shown_quotes.QuoteChanged):
        add_ons.connect(shown.id, 'key-1', actor=anna)
    assert add_ons.quote('A-IP', actor=anna).quote.due == Decimal('2.70')


@pytest.mark.parametrize('code', ['NO', '', None, ['A-IP'], 'A-IP; DROP TABLE'])
def test_an_unknown_add_on_is_not_found(anna, code):
    with pytest.raises(NotFound):
        add_ons.quote(code, actor=anna)


def test_somebody_elses_quote_is_not_found(anna, boris):
    shown = add_ons.quote('A-IP', actor=anna)

    with pytest.raises(NotFound):
        add_ons.connect(shown.id, 'key-1', actor=boris)


def test_only_a_subscriber_may(taras, stranger):
    with pytest.raises(NotAllowed):
        add_ons.board(actor=taras)
    with pytest.raises(SignInRequired):
        add_ons.quote('A-IP', actor=stranger)
    with pytest.raises(NotAllowed):
        add_ons.disconnect('A-IP', actor=taras)
