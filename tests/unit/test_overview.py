"""The first page of the cabinet: the state in one word for every situation, the sums, the chooser; own data."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.contract import Contract, DebtBlock, PromisedPayment, Subscriber, Suspension
from models.outbox import OutgoingMessage
from models.user import User
from services.accounts import promised_payments
from services.accounts.overview import ServiceState, get_overview
from services.clock import MINSK, midnight, now
from services.contracts import own_documents, profile
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.identity import chosen_contract
from services.identity.auth_rules import get_rules
from services.money import ZERO
from tests import factories
from tests.cast import contract_of


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def test_anna_sees_her_balance_her_state_and_the_next_charge(anna):
    view = get_overview(actor=anna)

    assert (view.number, view.balance, view.debt) == ('100001', Decimal('45.10'), ZERO)
    assert (view.state, view.until) == (ServiceState.WORKS, date(2026, 12, 31))
    assert (view.next_charge.on, view.next_charge.sum, view.missing_for_next) == (
        date(2026, 12, 1),
        Decimal('34.40'),
        ZERO,
    )
    assert [(s.kind, s.fee) for s in view.services] == [('tariff', Decimal('29.90')), ('rent', Decimal('4.50'))]


def test_boris_sees_why_he_is_blocked_and_what_is_missing(boris):
    view = get_overview(actor=boris)

    assert (view.state, view.until, view.debt) == (ServiceState.BLOCKED, None, Decimal('12.40'))
    assert view.blocked_at == now()
    assert view.promise.refusal is None


def test_a_promise_says_until_when(boris):
    promised_payments.promise('key-1', actor=boris)

    view = get_overview(actor=boris)

    assert (view.state, view.until) == (ServiceState.PROMISED, date(2026, 11, 27))


def test_the_first_days_are_for_paying(boris):
    DebtBlock.delete().execute()
    PromisedPayment.delete().execute()
    Contract.update(active_on=date(2026, 11, 21)).where(Contract.number == '100002').execute()

    view = get_overview(actor=boris)

    assert (view.state, view.until) == (ServiceState.FIRST_DAYS, date(2026, 11, 23))


def test_vera_sees_her_pause_and_both_contracts(vera):
    view = get_overview(actor=vera)

    assert (view.state, view.suspension.ends_on) == (ServiceState.PAUSED, date(2026, 12, 22))
    assert view.until == date(2026, 12, 21)
    assert [(c.number, c.is_chosen) for c in view.contracts] == [('100003', True), ('100004', False)]


def test_a_pause_that_is_to_come_does_not_stop_today(vera):
    Suspension.update(starts_on=date(2026, 11, 25)).execute()

    view = get_overview(actor=vera)

    assert (view.state, view.suspension.is_running) == (ServiceState.WORKS, False)


def test_a_contract_of_somebody_else_is_not_found(anna, boris):
    Subscriber.update(user=boris.user_id).where(Subscriber.id == contract_of(anna).subscriber).execute()

    for work in (get_overview, profile.get_profile, own_documents.list_own):
        with pytest.raises(NotFound):
            work(actor=anna)


def test_only_a_subscriber_may(olga, stranger):
    for work in (get_overview, chosen_contract.list_choices, profile.get_profile, own_documents.list_own):
        with pytest.raises(NotAllowed):
            work(actor=olga)
        with pytest.raises(SignInRequired):
            work(actor=stranger)


def test_a_new_phone_is_kept_in_one_form(anna):
    assert profile.change_phone('8 (029) 765-43-21', actor=anna) == '+375297654321'
    assert profile.get_profile(actor=anna).phone == User.get_by_id(anna.user_id).phone == '+375297654321'
    assert profile.change_phone('+375 29 765-43-21', actor=anna) == '+375297654321'


@pytest.mark.parametrize(
    'phone', ['', '  ', '12', '+7 999 123-45-67', 'x' * 10_000, None, {'a': 1}, '<b>', '😀', '+37529\x00']
)
def test_a_phone_that_cannot_be_called_is_refused_beside_its_field(anna, phone):
    with pytest.raises(InvalidField) as refusal:
        profile.change_phone(phone, actor=anna)
    assert refusal.value.field == 'phone'
    assert profile.get_profile(actor=anna).phone == factories.PHONE


def test_a_new_email_needs_the_password_and_is_told_to_both_addresses(anna):
    assert profile.change_email('new@example.by', factories.PASSWORD, 'key-1', actor=anna) == 'new@example.by'

    letters = {letter.recipient: letter for letter in OutgoingMessage.select()}
    assert set(letters) == {'anna@example.by', 'new@example.by'}
    assert 'new@example.by' not in letters['anna@example.by'].text
    assert 'n***@example.by' in letters['anna@example.by'].text
    assert 'сюда будут приходить письма' in letters['new@example.by'].text
    assert profile.get_profile(actor=anna).email == User.get_by_id(anna.user_id).email == 'new@example.by'


def test_a_repeat_writes_no_more_letters(anna):
    profile.change_email('new@example.by', factories.PASSWORD, 'key-1', actor=anna)
    profile.change_email('new@example.by', factories.PASSWORD, 'key-1', actor=anna)

    assert OutgoingMessage.select().count() == 2


@pytest.mark.parametrize('password', ['', 'wrong', None, {'a': 1}, 'x' * 100_000])
def test_a_wrong_password_changes_no_email(anna, password):
    with pytest.raises(InvalidField) as refusal:
        profile.change_email('new@example.by', password, 'key-1', actor=anna)
    assert refusal.value.field == 'password'
    assert profile.get_profile(actor=anna).email == 'anna@example.by'


@pytest.mark.parametrize(
    'email', ['', 'no', 'a@b', 'x' * 300 + '@example.by', None, ['a'], '<b>@example.by', 'a\x00@b.by']
)
def test_an_email_that_is_none_is_refused_beside_its_field(anna, email):
    with pytest.raises(InvalidField) as refusal:
        profile.change_email(email, factories.PASSWORD, 'key-1', actor=anna)
    assert refusal.value.field == 'email'


def test_passwords_are_not_guessed_here_either(anna):
    for _ in range(get_rules().own_password.tries):
        with pytest.raises(InvalidField):
            profile.change_email('new@example.by', 'wrong', 'key-1', actor=anna)

    with pytest.raises(TooManyRequests):
        profile.change_email('new@example.by', factories.PASSWORD, 'key-1', actor=anna)
