"""Giving card payments back: parts and the whole, four eyes, and lost answers; each booked once."""

from decimal import Decimal

import peewee
import pytest

from models.base import database
from models.outbox import OutgoingMessage
from models.payment import PaymentState
from models.refund import Refund, RefundState
from models.user import AuditEvent
from services.accounts import debt_blocks, history, invariants
from services.errors import InvalidForm, NotAllowed, NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from services.payments import (
    payments,
    refund_booking,
    refund_polling,
    refund_sending,
    refunds,
)
from services.payments.refund_refusals import (
    LeavesDebt,
    MoreThanLeft,
    NothingLeft,
    OwnPayment,
    RefundDecided,
    RefundWaits,
    SecondPersonNeeded,
)
from tests import factories
from tests.bank import again, balance, begin, connect
from tests.cast import contract_of
from tests.factors import make_stale
from tests.money_back import (
    WHY,
    Deaf,
    Losing,
    back_office,
    give_back,
    gone,
    paid,
    refund_rows,
    rita,  # noqa: F401 - a fixture
)

FIVE, TWENTY = Decimal('5.00'), Decimal('20.00')

# --- parts and the whole ---------------------------------------------------------------------------------------


def test_a_part_goes_back_and_then_the_rest(db, bank, anna, olga):
    payment = paid(bank, anna)

    assert give_back(payment, olga) == RefundState.DONE
    assert again(payment).state == PaymentState.PARTIALLY_REFUNDED
    assert balance(anna) == Decimal('60.10')
    assert give_back(payment, olga, '15') == RefundState.DONE

    assert again(payment).state == PaymentState.REFUNDED
    assert gone(anna) == [-FIVE, Decimal('-15.00')]
    assert refund_booking.left_of(again(payment)) == 0
    assert {each.amount for each in bank.gateway.list_by_tracking_id(payment.tracking_id)} == {FIVE, 15, 20}
    assert invariants.self_check(thorough=True) == []


def test_the_subscriber_gets_a_letter_and_sees_it_in_the_history(db, bank, anna, olga):
    payment = paid(bank, anna)

    give_back(payment, olga)

    letter = OutgoingMessage.get(OutgoingMessage.key.startswith('refund:'))
    assert letter.subject.replace('\xa0', ' ') == 'Возвращаем 5,00 р.'
    assert WHY in letter.text
    assert '0000' in letter.text
    months = history.list_events(actor=anna).months
    line = next(each for month in months for each in month.lines if each.sum == -FIVE)
    assert line.name == 'Возврат на карту •• 0000'
    assert payments.check(payment.tracking_id, actor=anna).state == PaymentState.PARTIALLY_REFUNDED


def test_a_refund_may_block_and_is_not_forgotten_in_the_log(db, bank, boris, olga):
    payment = paid(bank, boris, '12,40')
    assert debt_blocks.open_block(contract_of(boris)) is None

    give_back(payment, olga, '12,40', accepts_debt=True)

    assert balance(boris) == Decimal('-12.40')
    assert debt_blocks.open_block(contract_of(boris)) is not None
    actions = [row.action for row in AuditEvent.select().order_by(AuditEvent.id)]
    assert actions[-2:] == ['refund.send', 'payment.refunded']


def test_a_wallet_goes_below_zero_only_with_a_warning(db, bank, boris, olga):
    payment = paid(bank, boris, '12,40')

    with pytest.raises(LeavesDebt) as warned:
        give_back(payment, olga)

    assert warned.value.facts['after'] == Decimal('-5.00')
    assert not refund_rows(payment)


def test_never_more_than_is_left(db, bank, anna, olga):
    payment = paid(bank, anna)
    give_back(payment, olga, '15')

    for amount in ('5,01', '20'):
        with pytest.raises(MoreThanLeft):
            give_back(payment, olga, amount)
    give_back(payment, olga, '5')
    with pytest.raises(NothingLeft):
        give_back(payment, olga, '0,01')

    assert gone(anna) == [Decimal('-15.00'), -FIVE]


def test_what_never_came_cannot_go_back(db, bank, anna, olga):
    payment, _ = begin(anna)

    with pytest.raises(NothingLeft):
        give_back(payment, olga)


@pytest.mark.parametrize('amount', ['', '0', '-5', '5,001', 'пять', '5000,01'])
def test_what_is_no_sum_is_told_beside_its_field(db, bank, anna, olga, amount):
    payment = paid(bank, anna)

    with pytest.raises(InvalidForm) as wrong:
        refunds.refund(payment.id, amount, 'мало', factories.key(), actor=olga)

    assert set(wrong.value.errors) == {'amount', 'reason'}


# --- who may ---------------------------------------------------------------------------------------------------


def test_only_operators_who_have_shown_that_it_is_they(db, bank, anna, boris, olga, taras):
    payment = paid(bank, anna)

    for actor, refusal in ((None, SignInRequired), (anna, NotAllowed), (taras, NotAllowed)):
        with pytest.raises(refusal):
            give_back(payment, actor)
    make_stale(olga)
    with pytest.raises(StepUpRequired):
        give_back(payment, olga)
    assert not refund_rows(payment)


def test_a_large_sum_waits_for_a_second_employee(db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = paid(bank, anna, '60')

    assert give_back(payment, olga, '50,01') == RefundState.WAITING
    assert gone(anna) == []
    (row,) = refund_rows(payment)
    with pytest.raises(SecondPersonNeeded):
        refunds.approve(row.id, actor=olga)
    assert refunds.approve(row.id, actor=rita) == RefundState.DONE
    assert refunds.approve(row.id, actor=rita) == RefundState.DONE

    assert gone(anna) == [Decimal('-50.01')]
    with pytest.raises(RefundDecided):
        refunds.refuse(row.id, 'Поздно', actor=rita)


def test_a_large_sum_cut_into_small_ones_waits_as_well(db, bank, anna, olga):
    payment = paid(bank, anna, '60')

    assert give_back(payment, olga, '30') == RefundState.DONE
    assert give_back(payment, olga, '20,01') == RefundState.WAITING


def test_what_waits_is_not_left_any_more(db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = paid(bank, anna, '60')
    give_back(payment, olga, '55')

    with pytest.raises(MoreThanLeft):
        give_back(payment, rita, '6')
    refunds.refuse(refund_rows(payment)[0].id, 'Ошибка в сумме', actor=rita)
    assert give_back(payment, rita, '6') == RefundState.DONE


def test_nobody_gives_himself_money_back(db, bank, anna, olga):
    payment = paid(bank, anna)
    contract = contract_of(anna)
    contract.subscriber.user = olga.user_id
    contract.subscriber.save()

    with pytest.raises(OwnPayment):
        give_back(payment, olga)


def test_the_database_itself_refuses_that_who_asked_decides(db, bank, anna, olga):
    payment = paid(bank, anna, '60')
    give_back(payment, olga, '55')

    with pytest.raises(peewee.IntegrityError), database.atomic():
        Refund.update(decided_by=olga.user_id).execute()


def test_the_same_form_gives_back_once(db, bank, anna, olga):
    payment, key = paid(bank, anna), factories.key()

    assert [give_back(payment, olga, key=key) for _ in range(3)] == [RefundState.DONE] * 3
    with pytest.raises(NotFound):
        give_back(payment, olga, '6', key=key)

    assert gone(anna) == [-FIVE]


# --- lost answers ----------------------------------------------------------------------------------------------


def test_an_answer_that_is_lost_is_asked_for_again_and_gives_back_once(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    connect(monkeypatch, Losing(bank.config))

    assert give_back(payment, olga) == RefundState.ASKED
    assert gone(anna) == []
    with pytest.raises(RefundWaits):
        give_back(payment, olga, '6')
    bank.move_clock(minutes=2)
    assert refund_polling.poll_due() == 1

    assert gone(anna) == [-FIVE]
    assert len(bank.gateway.list_by_tracking_id(payment.tracking_id)) == 2
    assert refund_polling.poll_due() == 0


def test_a_question_that_did_not_arrive_is_asked_again(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    with monkeypatch.context() as patch:
        connect(patch, Deaf(bank.config))
        assert give_back(payment, olga) == RefundState.ASKED
    bank.move_clock(minutes=2)

    refund_polling.poll_due()

    assert gone(anna) == [-FIVE]


def test_an_answer_lost_for_a_day_is_looked_for_in_the_list(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    port = Losing(bank.config)
    port.lost = 100
    connect(monkeypatch, port)
    give_back(payment, olga)
    bank.move_clock(hours=25)

    refund_polling.poll_due()

    assert gone(anna) == [-FIVE]
    assert len(bank.gateway.list_by_tracking_id(payment.tracking_id)) == 2, 'not given back a second time'


def test_what_never_reached_the_bank_is_given_up_after_a_day(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    connect(monkeypatch, Deaf(bank.config))
    give_back(payment, olga)
    bank.move_clock(hours=25)

    refund_polling.poll_due()

    assert [row.state for row in refund_rows(payment)] == [RefundState.FAILED]
    assert gone(anna) == []
    assert refund_booking.left_of(again(payment)) == TWENTY


def test_a_full_list_proves_nothing(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    port = Deaf(bank.config)
    one = bank.gateway.query_by_uid(payment.gateway_uid)
    monkeypatch.setattr(port, 'list_by_tracking_id', lambda _id: (one,) * refund_sending.LISTED)
    connect(monkeypatch, port)
    give_back(payment, olga)
    bank.move_clock(hours=25)

    refund_polling.poll_due()

    assert [row.state for row in refund_rows(payment)] == [RefundState.ASKED]


def test_a_clear_no_ends_it_and_another_may_be_asked_for(db, bank, anna, olga):
    payment = paid(bank, anna)
    give_back(payment, olga)

    assert give_back(payment, olga) == RefundState.FAILED, 'the same sum within 30 seconds'
    assert 'Duplicate' in refund_rows(payment)[-1].refusal
    bank.move_clock(seconds=31)
    assert give_back(payment, olga) == RefundState.DONE

    assert gone(anna) == [-FIVE, -FIVE]


def test_a_process_that_dies_before_the_call_leaves_it_to_the_poller(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    with monkeypatch.context() as patch:
        patch.setattr(refunds, 'send', lambda _id: RefundState.ASKED)
        give_back(payment, olga)

    assert refund_polling.poll_due() == 1
    assert gone(anna) == [-FIVE]


def test_the_poller_asks_so_many_at_once(db, bank, anna, olga, monkeypatch):
    monkeypatch.setattr(refund_polling, 'BATCH', 1)
    monkeypatch.setattr(refunds, 'send', lambda _id: RefundState.ASKED)
    for _ in range(2):
        give_back(paid(bank, anna), olga)

    assert (refund_polling.poll_due(), gone(anna)) == (1, [-FIVE])
    assert (refund_polling.poll_due(), gone(anna)) == (1, [-FIVE, -FIVE])
    assert refund_polling.poll_due() == 0


def test_an_answer_about_another_refund_is_not_taken_for_ours(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    other = back_office(bank, payment, '3')
    port = Deaf(bank.config)
    monkeypatch.setattr(port, 'refund', lambda *_args, **_kwargs: other)
    connect(monkeypatch, port)

    assert give_back(payment, olga) == RefundState.ASKED

    assert gone(anna) == [Decimal('-3.00')]
