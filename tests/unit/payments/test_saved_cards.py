"""Cards a contract's owner has kept: kept with the payment, paid with in one click, his alone, gone when removed."""

from datetime import date
from decimal import Decimal

import pytest

from models.access import Access
from models.base import database
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState, Webhook
from models.saved_card import CardPayment, SavedCard
from models.user import AuditEvent
from services.accounts import history
from services.authority import OwnerOnly
from services.errors import InvalidField, NotFound
from services.gateways.payment_gateway import Checkout, GatewayUnknown
from services.payments import (
    card_charges,
    payment_desk,
    payment_hooks,
    payment_outcomes,
    payment_polling,
    payments,
    saved_cards,
)
from services.payments.saved_cards import CardExpired, TooManyCards
from tests import factories
from tests.bank import CHALLENGE, DECLINED, Silent, again, balance, connect, credited
from tests.cast import contract_of

OK = '4200000000000000'


def pay_and_keep(bank, actor, amount='20', card=OK, **typed):
    """Pay on the bank's page with the wish to keep the card, and let the house learn of it; return the payment."""
    started = payments.start(amount, factories.key(), keep_card=True, actor=actor)
    payment = Payment.get(Payment.tracking_id == started.tracking_id)
    page = bank.browser.pay(Checkout(payment.gateway_token, started.redirect_url), card, **typed)
    if card == CHALLENGE:
        bank.browser.post(bank.browser.follow(page).url, data={'code': '1234'})
    payment_outcomes.refresh(payment.id)
    return payment


@pytest.fixture
def card(db, bank, anna):
    pay_and_keep(bank, anna)
    return SavedCard.get()


def charge(card, actor, amount='30', key=None):
    """Pay with a kept card and return the row."""
    started = card_charges.pay(card.id, amount, key or factories.key(), actor=actor)
    return Payment.get(Payment.tracking_id == started.tracking_id)


# --- keeping ---------------------------------------------------------------------------------------------------


def test_a_card_is_kept_with_the_payment_and_its_token_is_sealed(db, bank, anna, card):
    token = saved_cards.token_of(card)

    assert (card.brand, card.last4, card.expires_month, card.expires_year) == ('visa', '0000', 12, 2030)
    assert len(token) == 64
    assert token.encode() not in bytes(card.token)
    (view,) = saved_cards.list_cards(actor=anna)
    assert (view.name, view.term, view.is_expired, view.is_autopay) == ('Visa •• 0000', '12/30', False, False)


def test_nothing_is_kept_without_the_tick_or_without_success(db, bank, anna):
    started = payments.start('20', factories.key(), actor=anna)
    payment = Payment.get(Payment.tracking_id == started.tracking_id)
    bank.browser.pay(Checkout(payment.gateway_token, started.redirect_url))
    payment_outcomes.refresh(payment.id)
    refused = pay_and_keep(bank, anna, '21', DECLINED)

    assert again(payment).state == PaymentState.SUCCEEDED
    assert again(refused).state != PaymentState.SUCCEEDED
    assert saved_cards.list_cards(actor=anna) == ()


def test_the_same_card_again_renews_its_token(db, bank, anna, card):
    before = saved_cards.token_of(card)
    pay_and_keep(bank, anna, '25')

    assert SavedCard.select().count() == 1
    assert saved_cards.token_of(SavedCard.get()) != before


def test_asking_again_keeps_nothing_again(db, bank, anna, card):
    saved_cards.remove(card.id, actor=anna)
    payment_outcomes.refresh(CardPayment.get().payment_id)

    assert saved_cards.list_cards(actor=anna) == ()


def test_the_bell_is_kept_without_the_token(db, bank, anna, card):
    token = saved_cards.token_of(card).encode()
    hook = bank.shop.next_hook()
    assert token in hook.body

    payment_hooks.hear('bepaid', hook.body, hook.headers)

    kept = bytes(Webhook.get().body)
    assert token not in kept
    assert b'"token":"***"' in kept
    assert b'"last_4":"0000"' in kept


def test_ten_cards_are_kept_at_most(db, bank, anna, card):
    fields = {'contract': card.contract, 'gateway': 'bepaid', 'token': b'x', 'brand': 'visa', 'expires_month': 1}
    for number in range(9):
        SavedCard.create(last4=f'000{number}', expires_year=2031, created_at=card.created_at, **fields)

    with pytest.raises(TooManyCards):
        payments.start('20', factories.key(), keep_card=True, actor=anna)
    assert payments.start('20', factories.key(), actor=anna).redirect_url


# --- paying ----------------------------------------------------------------------------------------------------


def test_one_click_pays_and_says_with_which_card(db, bank, anna, card):
    payment = charge(card, anna, '30,50')

    assert (again(payment).state, balance(anna)) == (PaymentState.SUCCEEDED, Decimal('95.60'))
    assert credited(anna) == [Decimal('20.00'), Decimal('30.50')]
    view = payment_desk.show(payment.tracking_id, actor=anna)
    assert (view.card, view.is_waiting) == ('Visa •• 0000', False)
    letter = OutgoingMessage.select().order_by(OutgoingMessage.id.desc()).get()
    assert 'с карты Visa •• 0000' in letter.text
    page = history.list_events(actor=anna)
    assert 'Оплата картой Visa •• 0000' in [line.name for month in page.months for line in month.lines]
    said = AuditEvent.select().where(AuditEvent.action == 'payment.start').order_by(AuditEvent.id.desc()).get()
    assert said.facts['card'] == 'Visa •• 0000'


def test_a_double_click_charges_once(db, bank, anna, card):
    key = factories.key()
    first, second = charge(card, anna, key=key), charge(card, anna, key=key)

    assert first.id == second.id
    assert credited(anna) == [Decimal('20.00'), Decimal('30.00')]
    assert len(bank.gateway.list_by_tracking_id(first.tracking_id)) == 1


@pytest.mark.parametrize('amount', ['31', '0', 'сто', ''])
def test_a_key_of_another_sum_and_a_wrong_sum_are_refused(db, bank, anna, card, amount):
    key = factories.key()
    charge(card, anna, key=key)

    with pytest.raises((payments.StaleForm, InvalidField)):
        charge(card, anna, amount, key)
    assert len(credited(anna)) == 2


def test_a_form_that_opened_a_page_charges_no_card(db, bank, anna, card):
    key = factories.key()
    payments.start('30', key, actor=anna)

    with pytest.raises(payments.StaleForm):
        charge(card, anna, key=key)


def test_an_answer_lost_after_success_is_found_and_credited_once(db, bank, clock, anna, card, monkeypatch):
    bank.switch('create_500')
    payment = charge(card, anna)
    assert again(payment).state == PaymentState.PROCESSING
    assert len(credited(anna)) == 1

    for _ in range(3):
        clock.forward(minutes=2)
        payment_polling.poll_due()
        card_charges.send(payment.id)

    assert again(payment).state == PaymentState.SUCCEEDED
    assert credited(anna) == [Decimal('20.00'), Decimal('30.00')]
    assert len(bank.gateway.list_by_tracking_id(payment.tracking_id)) == 1


class Away(Silent):
    """A gateway that keeps cards and never answers."""

    def charge_saved(self, _charge, _intent, *, request_id):
        raise GatewayUnknown(f'POST: ReadTimeout of {request_id}')

    create_saving_checkout = Silent.create_checkout


def test_a_silent_bank_is_unknown_and_what_never_arrived_expires(db, bank, clock, anna, card, monkeypatch):
    with monkeypatch.context() as patch:
        connect(patch, Away())
        payment = charge(card, anna)
    assert again(payment).state == PaymentState.PROCESSING

    clock.forward(minutes=20)
    payment_outcomes.refresh(payment.id)
    assert again(payment).state == PaymentState.PROCESSING
    clock.forward(minutes=11)
    payment_outcomes.refresh(payment.id)

    assert again(payment).state == PaymentState.EXPIRED
    assert len(credited(anna)) == 1


def test_a_refusal_says_why(db, bank, anna, card):
    bank.switch('saved_declined')
    payment = charge(card, anna)

    view = payment_desk.show(payment.tracking_id, actor=anna)
    assert (view.state, view.decline_code, view.is_waiting) == (PaymentState.FAILED, 'F.0114', False)


def test_a_card_the_bank_has_forgotten_is_forgotten_here(db, bank, anna, card):
    bank.switch('card_deleted')
    payment = charge(card, anna)

    assert again(payment).state == PaymentState.FAILED
    assert saved_cards.list_cards(actor=anna) == ()
    assert SavedCard.get().token is None


def test_a_bank_that_asks_for_a_code_is_confirmed_on_its_page(db, bank, anna):
    pay_and_keep(bank, anna, card=CHALLENGE)
    payment = charge(SavedCard.get(), anna)
    assert payment.state == PaymentState.REDIRECTED
    assert payment_desk.show(payment.tracking_id, actor=anna).redirect_url == payment.redirect_url
    payment_outcomes.refresh(payment.id)
    assert again(payment).state == PaymentState.REDIRECTED

    bank.browser.post(payment.redirect_url, data={'code': '1234'})
    payment_outcomes.refresh(payment.id)

    assert again(payment).state == PaymentState.SUCCEEDED


def test_money_of_another_sum_is_put_aside(db, bank, anna, card):
    bank.switch('wrong_amount')
    payment = charge(card, anna)

    assert again(payment).state == PaymentState.QUARANTINED
    assert len(credited(anna)) == 1


# --- whose card ------------------------------------------------------------------------------------------------


def test_a_card_of_another_contract_is_not_found(db, bank, anna, boris, card):
    for attempt in (
        lambda: charge(card, boris),
        lambda: card_charges.offer(card.id, '30', actor=boris),
        lambda: saved_cards.remove(card.id, actor=boris),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert saved_cards.list_cards(actor=boris) == ()


@pytest.mark.parametrize('level', [Access.SEE, Access.PAY, Access.MANAGE])
def test_a_relative_neither_sees_nor_uses_nor_keeps_a_card(db, bank, anna, boris, card, level):
    factories.open_access(contract_of(anna), boris, level=level)
    guest = factories.working_with(boris, contract_of(anna))

    for attempt in (
        lambda: saved_cards.list_cards(actor=guest),
        lambda: charge(card, guest),
        lambda: saved_cards.remove(card.id, actor=guest),
        lambda: payments.start('20', factories.key(), keep_card=True, actor=guest),
    ):
        with pytest.raises(OwnerOnly):
            attempt()
    assert Payment.select().count() == 1


def test_an_expired_card_is_marked_and_refused(db, bank, clock, anna):
    pay_and_keep(bank, anna, expiry='11/26')
    card = SavedCard.get()
    assert not card.is_expired(date(2026, 11, 30))
    clock.forward(days=9)

    assert [view.is_expired for view in saved_cards.list_cards(actor=anna)] == [True]
    with pytest.raises(CardExpired):
        charge(card, anna)


def test_a_removed_card_has_no_token_and_pays_nothing(db, bank, anna, card):
    saved_cards.remove(card.id, actor=anna)
    saved_cards.remove(card.id, actor=anna)

    gone = SavedCard.get()
    assert (gone.token, gone.removed_at is not None) == (None, True)
    with pytest.raises(NotFound):
        charge(card, anna)
    assert AuditEvent.select().where(AuditEvent.action == 'card.remove').count() == 1


def test_a_token_of_another_row_does_not_open(db, bank, anna, card):
    fields = {'contract': card.contract, 'gateway': 'bepaid', 'brand': 'visa', 'last4': '1111', 'expires_month': 1}
    moved = SavedCard.create(token=card.token, expires_year=2031, created_at=card.created_at, **fields)

    with pytest.raises(Exception, match='does not belong'):
        saved_cards.token_of(moved)


def test_no_number_of_a_card_is_anywhere_in_the_tables(db, bank, anna, card):
    charge(card, anna)

    for table in database.get_tables():
        rows = database.execute_sql(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - names of our own
        assert OK not in str(rows), table
