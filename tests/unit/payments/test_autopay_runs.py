"""Autopay at work: a letter the day before, the money on the day, once; limits, failures, a bank that is silent."""

from datetime import date
from decimal import Decimal

import pytest

from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from models.saved_card import Autopay, CardPayment, SavedCard
from models.user import AuditEvent
from services.accounts import history
from services.clock import today
from services.payments import (
    autopay_runs,
    autopays,
    card_charges,
    payment_outcomes,
    payment_polling,
    payment_register,
    payments,
    saved_cards,
)
from services.payments.autopays import Wish
from tests import factories
from tests.bank import balance, credited
from tests.cast import contract_of
from tests.money_back import back_office
from tests.unit.payments.test_saved_cards import pay_and_keep


@pytest.fixture
def card(db, bank, anna):
    """Anna's card, and an empty wallet: 34,40 р. are missing for the 1st of December. It is the 22nd of November."""
    pay_and_keep(bank, anna)
    factories.top_up(contract_of(anna), -balance(anna))
    return SavedCard.get()


def switch_on(card, actor, **typed):
    autopays.save(Wish(**{'card': str(card.id), 'limit': '100', 'agreed': '1', **typed}), actor=actor)
    return Autopay.get()


def work():
    """Do what the timetable does for autopay and the poller."""
    autopay_runs.run_due()
    autopay_runs.send_due()
    payment_polling.poll_due()


def live(clock, until):
    """Live through the days up to this one, its work done twice a day."""
    while today() < date.fromisoformat(until):
        clock.forward(days=1)
        work()
        work()


def automatic():
    """Return (day, sum, state) of what autopay has paid."""
    rows = Payment.select().join(CardPayment, on=CardPayment.payment == Payment.id)
    rows = rows.where(CardPayment.due_key.is_null(False)).order_by(Payment.id)
    return [(str(p.created_at.date()), str(p.amount), str(p.state)) for p in rows]


def letters(about='autopay'):
    rows = OutgoingMessage.select().where(OutgoingMessage.key.contains(about)).order_by(OutgoingMessage.id)
    return [row.subject for row in rows]


MISSING = '34.40'


def test_a_letter_the_day_before_and_the_money_on_the_day(db, bank, clock, anna, olga, card):
    switch_on(card, anna)

    live(clock, '2026-11-27')
    assert (letters(), automatic()) == (['Автоплатёж 28 ноября 2026: 34,40 р. с карты Visa •• 0000'], [])
    said = OutgoingMessage.select().where(OutgoingMessage.key.endswith(':announced')).get().text
    assert 'Выключить' in said
    assert '/my/cards' in said

    live(clock, '2026-11-30')
    assert automatic() == [('2026-11-28', MISSING, 'succeeded')]
    assert balance(anna) == Decimal(MISSING)
    got = OutgoingMessage.select().where(OutgoingMessage.key.startswith('pay:')).order_by(OutgoingMessage.id.desc())
    assert got.get().subject == 'Автоплатёж 34,40 р. прошёл'
    lines = [line.name for month in history.list_events(actor=anna).months for line in month.lines]
    assert 'Автоплатёж картой Visa •• 0000' in lines
    assert AuditEvent.select().where(AuditEvent.action == 'autopay.pay').count() == 1
    told = payment_register.list_payments(actor=olga).lines
    assert [(line.card, line.is_automatic) for line in told] == [('Visa •• 0000', True), ('Visa •• 0000', False)]


def test_nothing_is_taken_without_the_letter_of_the_day_before(db, bank, clock, anna, card):
    clock.forward(days=7)  # the 29th: the days of paying have begun
    switch_on(card, anna)
    work()
    assert (automatic(), len(letters())) == ([], 1)

    live(clock, '2026-11-30')
    assert automatic() == [('2026-11-30', MISSING, 'succeeded')]


def test_money_that_came_by_itself_makes_it_needless(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-27')
    factories.top_up(contract_of(anna), Decimal('34.40'))

    live(clock, '2026-11-30')

    assert automatic() == []


def test_never_more_than_was_announced(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-27')
    factories.top_up(contract_of(anna), Decimal('-20.00'))

    live(clock, '2026-11-28')

    assert automatic() == [('2026-11-28', MISSING, 'succeeded')]


def test_an_old_announcement_is_no_announcement(db, bank, clock, anna, card):
    """Paid by hand on the day, spent again the day after: a new letter comes first."""
    switch_on(card, anna)
    live(clock, '2026-11-27')
    factories.top_up(contract_of(anna), Decimal('34.40'))
    live(clock, '2026-11-28')
    factories.top_up(contract_of(anna), Decimal('-34.40'))

    live(clock, '2026-11-29')
    assert (automatic(), len(letters())) == ([], 2)
    live(clock, '2026-11-30')
    assert [day for day, _, _ in automatic()] == ['2026-11-30']


def test_the_limit_of_the_month_is_kept_and_told_once(db, bank, clock, anna, card):
    switch_on(card, anna, limit='34.39')

    live(clock, '2026-11-30')

    assert automatic() == []
    assert letters('limit') == ['Автоплатёж не прошёл: не хватает лимита на месяц']


def test_what_was_taken_counts_towards_the_limit_of_the_month(db, bank, clock, anna, card):
    switch_on(card, anna, when='below', below='1000', how='fixed', fixed='40', limit='79,99')
    work()

    live(clock, '2026-11-29')

    assert [sum_ for _, sum_, _ in automatic()] == ['40.00']
    assert autopays.board(actor=anna).autopay.spent == Decimal('40.00')
    assert letters('limit') == ['Автоплатёж не прошёл: не хватает лимита на месяц']


def test_a_fixed_sum_that_went_back_in_part_is_not_taken_again(db, bank, clock, anna, card):
    switch_on(card, anna, how='fixed', fixed='40')
    live(clock, '2026-11-28')
    payment = Payment.select().order_by(Payment.id.desc()).get()
    payment_outcomes.refresh(payment.id, uid=back_office(bank, payment, '10').uid)

    live(clock, '2026-11-30')

    assert automatic() == [('2026-11-28', '40.00', 'partially_refunded')]
    assert balance(anna) == Decimal('30.00')
    assert autopays.board(actor=anna).autopay.spent == Decimal('40.00')


def test_below_a_balance_pays_the_day_after_it_was_told(db, bank, clock, anna, card):
    switch_on(card, anna, when='below', below='10', how='fixed', fixed='40')
    work()

    live(clock, '2026-11-25')

    assert automatic() == [('2026-11-23', '40.00', 'succeeded')]


def test_a_payment_on_its_way_prevents_another(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-27')
    clock.forward(days=1)
    payments.start('5', factories.key(), actor=anna)

    work()
    assert automatic() == []
    clock.forward(minutes=40)
    work()
    assert automatic() == [('2026-11-28', MISSING, 'succeeded')]


def test_an_answer_lost_after_success_takes_the_money_once(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-27')
    bank.switch('create_500')

    clock.forward(days=1)
    work()
    assert [state for _, _, state in automatic()] == ['processing']
    for _ in range(4):
        clock.forward(minutes=20)
        work()
    live(clock, '2026-11-30')

    assert automatic() == [('2026-11-28', MISSING, 'succeeded')]
    assert credited(anna).count(Decimal(MISSING)) == 1


def test_a_process_that_dies_before_it_sends_takes_nothing_later(db, bank, clock, anna, card):
    """Opened, never sent; an hour later it is too old to be sent, and the next day is another try."""
    switch_on(card, anna)
    live(clock, '2026-11-27')
    clock.forward(days=1)
    autopay_runs.run_due()
    clock.forward(hours=1)

    work()
    assert [state for _, _, state in automatic()] == ['expired']
    live(clock, '2026-11-30')

    assert [(day, state) for day, _, state in automatic()] == [('2026-11-28', 'expired'), ('2026-11-29', 'succeeded')]
    assert credited(anna).count(Decimal(MISSING)) == 1


def test_sending_twice_charges_once(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-28')
    payment = CardPayment.select().where(CardPayment.due_key.is_null(False)).get().payment

    card_charges.send(payment.id)
    autopay_runs.send_due()

    assert len(bank.gateway.list_by_tracking_id(payment.tracking_id)) == 1


def test_three_failures_in_a_row_switch_it_off(db, bank, clock, anna, card):
    bank.switch('saved_declined', 9)
    switch_on(card, anna, days='10')
    work()

    live(clock, '2026-11-30')

    assert [(day, state) for day, _, state in automatic()] == [
        ('2026-11-23', 'failed'), ('2026-11-24', 'failed'), ('2026-11-25', 'failed')
    ]  # fmt: skip
    row = Autopay.get()
    assert (row.is_on, row.failures, row.stopped_at is not None) == (False, 3, True)
    assert letters()[1:] == ['Автоплатёж 34,40 р. не прошёл', 'Автоплатёж 34,40 р. не прошёл', 'Автоплатёж выключен']
    assert AuditEvent.select().where(AuditEvent.action == 'autopay.stop').get().facts['why'] == 'failures'


def test_a_success_forgets_the_failures_before(db, bank, clock, anna, card):
    bank.switch('saved_declined', 2)
    switch_on(card, anna, days='10')
    work()

    live(clock, '2026-11-30')

    assert [state for _, _, state in automatic()] == ['failed', 'failed', 'succeeded']
    assert (Autopay.get().is_on, Autopay.get().failures) == (True, 0)


def test_a_card_the_bank_does_not_know_any_more_ends_it_at_once(db, bank, clock, anna, card):
    bank.switch('card_deleted')
    switch_on(card, anna)

    live(clock, '2026-11-30')

    assert [state for _, _, state in automatic()] == ['failed']
    assert not Autopay.get().is_on
    assert letters()[-1] == 'Автоплатёж выключен'


def test_an_expired_card_ends_it_before_anything_is_asked(db, bank, clock, anna, card):
    switch_on(card, anna)
    SavedCard.update(expires_month=10, expires_year=2026).execute()

    live(clock, '2026-11-30')

    assert (automatic(), Autopay.get().is_on, letters()) == ([], False, ['Автоплатёж выключен'])


def test_removing_the_card_switches_it_off(db, bank, clock, anna, card):
    switch_on(card, anna)
    saved_cards.remove(card.id, actor=anna)

    live(clock, '2026-11-30')

    assert (Autopay.get().is_on, automatic(), letters()) == (False, [], [])


def test_switched_off_the_evening_before_takes_nothing(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-27')
    autopays.switch_off(actor=anna)

    live(clock, '2026-11-30')

    assert automatic() == []


def test_a_contract_that_does_not_run_is_not_looked_at(db, bank, clock, anna, card):
    switch_on(card, anna, when='below', below='50')
    contract = contract_of(anna)
    contract.status = 'terminated'
    contract.save()

    live(clock, '2026-11-25')

    assert (automatic(), letters()) == ([], [])


def test_one_that_stumbles_does_not_stop_the_others(db, bank, clock, anna, card, monkeypatch, caplog):
    switch_on(card, anna)
    monkeypatch.setattr(autopay_runs, 'facts_of', lambda _contract: 1 / 0)

    clock.forward(days=1)

    assert autopay_runs.run_due() == 0
    assert 'Autopay' in caplog.text


def test_a_succeeded_payment_stays_one_when_the_state_is_asked_again(db, bank, clock, anna, card):
    switch_on(card, anna)
    live(clock, '2026-11-28')
    before = balance(anna)

    for payment in Payment.select():
        payment_polling._ask(payment.id)

    assert balance(anna) == before
    assert Payment.select().where(Payment.state == PaymentState.SUCCEEDED).count() == 2
