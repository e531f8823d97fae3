"""Cash and bank transfers with a paper: once a paper, a letter, the block ends; taken back by the right person."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Account, AccountKind, Operation
from models.base import database
from models.manual_payment import ManualPayment
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from services.accounts import debt_blocks, invariants, ledger
from services.clock import now, today
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from services.payments import manual_payments, payment_register
from services.payments.manual_payments import Taken
from services.payments.refund_refusals import CancelledAlready, NotYours, OwnPayment, PaperTaken
from tests import factories
from tests.cast import contract_of
from tests.factors import make_fresh, make_stale
from tests.money_back import WHY, rita  # noqa: F401 - a fixture


def paper(amount='15', number='100001', way='cash', document='ПКО-7', on=None):
    return number, way, amount, document, on or today().isoformat()


def balance(actor):
    return ledger.balance(contract_of(actor))


def own_balance(kind):
    return Account.get(Account.kind == kind).balance


@pytest.mark.parametrize(('way', 'kind'), [('cash', AccountKind.CASH), ('bank', AccountKind.BANK)])
def test_money_with_a_paper_is_credited_and_a_letter_is_written(db, anna, olga, way, kind):
    before = balance(anna)

    taken = manual_payments.take(*paper(way=way), actor=olga)

    payment = Payment.get_by_id(taken.payment_id)
    assert (payment.state, payment.gateway, payment.amount) == (PaymentState.SUCCEEDED, way, Decimal('15.00'))
    assert balance(anna) == before + 15
    assert own_balance(kind) == -15
    operation = Operation.get(Operation.key == f'pay:{way}:{payment.gateway_uid}')
    assert f'№ ПКО-7 от {today():%d.%m.%Y}' in operation.basis
    letter = OutgoingMessage.get(OutgoingMessage.key == operation.key)
    assert letter.subject.replace('\xa0', ' ') == 'Оплата 15,00 р. получена'
    assert invariants.self_check(thorough=True) == []


def test_it_ends_a_block_at_once(db, boris, olga):
    assert debt_blocks.open_block(contract_of(boris))

    manual_payments.take(*paper('12,40', contract_of(boris).number), actor=olga)

    assert debt_blocks.open_block(contract_of(boris)) is None


def test_the_same_paper_counts_once(db, anna, boris, olga, rita):  # noqa: F811 - the fixture
    first = manual_payments.take(*paper(), actor=olga)

    assert manual_payments.take(*paper(document=' пко-7 '), actor=rita) == Taken(first.payment_id, is_repeat=True)
    for other in (paper('16'), paper(number='100002')):
        with pytest.raises(PaperTaken) as taken:
            manual_payments.take(*other, actor=rita)
        assert taken.value.facts['first'] == first.payment_id

    assert ManualPayment.select().count() == 1
    assert not manual_payments.take(*paper(way='bank'), actor=olga).is_repeat, 'another kind of paper'
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert not manual_payments.take(*paper(on=yesterday), actor=olga).is_repeat, 'the paper of another day'


def test_two_employees_with_the_same_paper_at_once(committed_db, anna, boris, olga, rita):  # noqa: F811 - the fixture
    gate, outcomes = threading.Barrier(4), []

    def take(actor, number):
        gate.wait()
        try:
            with database.connection_context():
                outcomes.append(manual_payments.take(*paper(number=number), actor=actor).is_repeat)
        except PaperTaken:
            outcomes.append('taken')

    each = ((olga, '100001'), (rita, '100002'), (olga, '100002'), (rita, '100001'))
    threads = [threading.Thread(target=take, args=args) for args in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ['False', 'True', 'taken', 'taken']
    with database.connection_context():
        assert ManualPayment.select().count() == 1
        assert own_balance(AccountKind.CASH) == -15


def test_what_is_wrong_is_told_beside_its_field(db, anna, olga):
    late, old = today() + timedelta(days=1), today() - timedelta(days=367)

    with pytest.raises(InvalidForm) as wrong:
        manual_payments.take('999', 'cash', '0', '', '31.02.2026', actor=olga)
    assert set(wrong.value.errors) == {'number', 'amount', 'document', 'document_on'}
    for day in (late, old):
        with pytest.raises(InvalidForm) as wrong:
            manual_payments.take(*paper(on=f'{day:%d.%m.%Y}'), actor=olga)
        assert set(wrong.value.errors) == {'document_on'}
    edge = today() - timedelta(days=366)
    assert not manual_payments.take(*paper(on=f'{edge:%d.%m.%Y}'), actor=olga).is_repeat
    with pytest.raises(NotFound):
        manual_payments.take(*paper(way='bepaid'), actor=olga)


def test_who_may(db, anna, boris, olga, taras):
    for actor, refusal in ((None, SignInRequired), (anna, NotAllowed), (taras, NotAllowed)):
        with pytest.raises(refusal):
            manual_payments.take(*paper(), actor=actor)
    contract = contract_of(anna)
    contract.subscriber.user = olga.user_id
    contract.subscriber.save()
    with pytest.raises(OwnPayment):
        manual_payments.take(*paper(), actor=olga)
    make_stale(olga)
    with pytest.raises(StepUpRequired):
        manual_payments.take(*paper(number='100002'), actor=olga)


def test_who_took_it_takes_it_back_on_the_same_day(db, anna, olga, rita):  # noqa: F811 - the fixture
    before = balance(anna)
    taken = manual_payments.take(*paper(), actor=olga)

    with pytest.raises(NotYours):
        manual_payments.cancel(taken.payment_id, WHY, actor=rita)
    with pytest.raises(InvalidField):
        manual_payments.cancel(taken.payment_id, 'мало', actor=olga)
    manual_payments.cancel(taken.payment_id, WHY, actor=olga)

    assert balance(anna) == before
    assert own_balance(AccountKind.CASH) == 0
    assert Payment.get_by_id(taken.payment_id).state == PaymentState.CANCELLED
    letter = OutgoingMessage.get(OutgoingMessage.key.startswith('cancel:'))
    assert (letter.subject.replace('\xa0', ' '), WHY in letter.text) == ('Отменили платёж 15,00 р.', True)
    with pytest.raises(CancelledAlready):
        manual_payments.cancel(taken.payment_id, WHY, actor=olga)
    again = manual_payments.take(*paper(), actor=olga)
    assert (again.is_repeat, balance(anna)) == (False, before + 15)


def test_later_only_an_administrator_takes_it_back(db, anna, olga, ada):
    taken = manual_payments.take(*paper(), actor=olga)

    with time_machine.travel(now() + timedelta(days=1)):
        make_fresh(olga)
        make_fresh(ada)
        with pytest.raises(NotYours):
            manual_payments.cancel(taken.payment_id, WHY, actor=olga)
        manual_payments.cancel(taken.payment_id, WHY, actor=ada)

    assert Payment.get_by_id(taken.payment_id).state == PaymentState.CANCELLED


def test_a_card_payment_is_not_taken_back_here(db, anna, olga):
    times = {'created_at': now(), 'updated_at': now()}
    facts = {'state': PaymentState.FAILED, 'gateway': 'bepaid', 'tracking_id': 't', 'form_key': factories.key()}
    payment = Payment.create(contract=contract_of(anna), amount=Decimal(5), **facts, **times)

    with pytest.raises(NotFound):
        manual_payments.cancel(payment.id, WHY, actor=olga)


def test_it_stands_in_the_list_with_its_way(db, anna, olga):
    manual_payments.take(*paper(), actor=olga)

    wanted = payment_register.Filter(way='cash', since=today(), until=today(), amount=Decimal(15))
    (line,) = payment_register.list_payments(None, '100001', wanted=wanted, actor=olga).lines
    assert (line.way, line.uid, line.card) == ('cash', '', '')
    for other in ({'way': 'bank'}, {'since': today() + timedelta(days=1)}, {'until': today() - timedelta(days=1)},
                  {'amount': Decimal(16)}, {'uid': 'unknown'}):  # fmt: skip
        found = payment_register.list_payments(wanted=payment_register.Filter(**other), actor=olga)
        assert (found.lines, found.counts) == ((), {})
