"""ERIP: claims of contracts, money that comes on them once, and what is put aside."""

import itertools
import json
from decimal import Decimal

import pytest

from models.account import Operation
from models.contract import Contract
from models.erip import ClaimState, EripClaim, EripPayment
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState, Webhook
from services.accounts import invariants
from services.errors import NotAllowed, NotFound, SignInRequired
from services.events import PaymentChanged
from services.gateways.payment_gateway import GatewayRefused, GatewayUnknown
from services.payments import (
    erip_claims,
    erip_desk,
    erip_endings,
    payment_gateways,
    payment_hooks,
    payment_polling,
    payment_register,
)
from services.payments.payment_gateways import EripService
from services.payments.payment_outcomes import Fault
from services.runner import with_connection
from tests import factories
from tests.bank import balance, credited, pay_erip
from tests.unit.gateways.test_bepaid_webhooks import settle


def stand(actor):
    """Make the claim of a contract and return its row."""
    erip_desk.prepare(actor=actor)
    return with_connection(EripClaim.get)(EripClaim.contract == actor.contract_id)


def ring(hook):
    payment_hooks.follow(payment_hooks.hear('bepaid', hook.body, hook.headers))


def paid(bank, claim, *amounts):
    """Pay several sums and return their bells."""
    for amount in amounts:
        assert pay_erip(bank, claim.uid, amount).status_code == 303
    return [bank.shop.next_hook() for _ in amounts]


class Deaf:
    """ERIP that never answers, or says no."""

    service_no = '99999999'

    def __init__(self, error):
        self.error, self.calls = error, 0

    def _fail(self, *_args):
        self.calls += 1
        raise self.error

    create_claim = query_claim = query_erip = cancel_claim = _fail


def connect(monkeypatch, port):
    service = EripService(port, True, 'http://shop.test/hooks/bepaid')
    monkeypatch.setattr(payment_gateways, 'erip', lambda: service)
    return port


# --- the claim ---------------------------------------------------------------------------------------------------


def test_the_codes_are_there_before_the_gateway_is_asked(db, erip, anna):
    desk = erip_desk.show(actor=anna)

    assert (desk.service_no, desk.account_number, desk.is_ready, desk.qr) == ('99999999', '100001', False, '')
    assert EripClaim.select().count() == 0


def test_the_claim_brings_steps_and_the_picture_and_stays(db, erip, anna):
    desk = erip_desk.prepare(actor=anna)
    again = erip_desk.prepare(actor=anna)

    assert desk.is_ready
    assert desk.qr
    assert desk.steps
    assert again == desk
    assert EripClaim.select().count() == 1


def test_where_erip_is_not_set_up_there_is_nothing(db, anna, monkeypatch):
    monkeypatch.setattr(payment_gateways, 'erip', lambda: None)

    with pytest.raises(NotFound):
        erip_desk.show(actor=anna)
    assert erip_claims.make_due() == 0


def test_strangers_and_staff_see_no_codes(db, erip, olga):
    with pytest.raises(SignInRequired):
        erip_desk.show(actor=None)
    with pytest.raises(NotAllowed):
        erip_desk.show(actor=olga)


def test_while_erip_is_silent_the_codes_are_shown_and_it_is_asked_later(db, anna, stopped_clock, monkeypatch):
    deaf = connect(monkeypatch, Deaf(GatewayUnknown('POST: ReadTimeout')))

    desk = erip_desk.prepare(actor=anna)
    erip_desk.prepare(actor=anna)

    assert (desk.is_ready, desk.account_number) == (False, '100001')
    assert deaf.calls == 1
    stopped_clock.forward(minutes=6)
    erip_desk.prepare(actor=anna)
    assert deaf.calls == 2


def test_after_a_refusal_it_is_asked_anew_hours_later(db, anna, stopped_clock, monkeypatch):
    deaf = connect(monkeypatch, Deaf(GatewayRefused('no', status=422)))

    erip_desk.prepare(actor=anna)
    stopped_clock.forward(minutes=10)
    erip_desk.prepare(actor=anna)

    assert (deaf.calls, EripClaim.get().refusals, EripClaim.get().state) == (1, 1, ClaimState.ASKED)


def test_claims_are_made_for_all_in_batches(db, erip, anna, boris, monkeypatch):
    monkeypatch.setattr(erip_claims, 'BATCH', 1)

    made = [erip_claims.make_due() for _ in range(2)]

    assert made == [1, 1]
    assert {claim.contract.number for claim in EripClaim.select()} == {'100001', '100002'}
    assert erip_claims.BATCH == 1


def test_an_answer_lost_after_success_makes_no_second_claim(db, bank, erip, anna, clock):
    bank.switch('create_500')
    assert not erip_desk.prepare(actor=anna).is_ready

    clock.forward(minutes=6)

    assert erip_desk.prepare(actor=anna).is_ready


# --- the money ---------------------------------------------------------------------------------------------------


def test_any_sum_is_credited_once_with_a_letter(db, bank, erip, anna):
    (hook,) = paid(bank, stand(anna), '7,55')

    for _ in range(3):
        ring(hook)

    payment = Payment.get(Payment.gateway == 'erip')
    assert (payment.state, payment.amount) == (PaymentState.SUCCEEDED, Decimal('7.55'))
    assert balance(anna) == Decimal('52.65')
    assert Operation.get(Operation.key == f'pay:erip:{payment.gateway_uid}').title == 'Оплата через ЕРИП'
    assert OutgoingMessage.select().where(OutgoingMessage.recipient == 'anna@example.by').count() == 1
    assert EripPayment.get().transaction_no.isdigit()
    assert PaymentChanged(payment.id, anna.contract_id) in db.events
    assert [arrived.amount for arrived in erip_desk.show(actor=anna).arrived] == [Decimal('7.55')]
    assert invariants.self_check() == []


@pytest.mark.parametrize('order', [*itertools.permutations(range(3)), (0, 0, 1, 2, 1), (2, 1, 0, 0, 1, 2)])
def test_several_payments_on_one_claim_in_any_order(db, bank, erip, anna, order):
    hooks = paid(bank, stand(anna), '1', '1', '2')

    for place in order:
        ring(hooks[place])

    assert sorted(credited(anna)) == [Decimal(1), Decimal(1), Decimal(2)]
    assert balance(anna) == Decimal('49.10')
    assert invariants.self_check() == []


def test_the_payer_of_one_contract_credits_no_other(db, bank, erip, anna, boris):
    before = balance(boris)
    (hook,) = paid(bank, stand(anna), '5')

    ring(hook)

    assert (balance(anna), balance(boris)) == (Decimal('50.10'), before)


def test_a_bell_that_lies_about_the_sum_credits_what_the_gateway_says(db, bank, erip, anna):
    claim = stand(anna)
    bank.switch('webhook_wrong_amount')
    (hook,) = paid(bank, claim, '10')

    ring(hook)

    assert credited(anna) == [Decimal(10)]
    assert Payment.get().amount == Decimal(10)


def test_a_test_payment_in_a_real_house_is_put_aside(db, bank, erip, anna, olga):
    claim = stand(anna)
    bank.switch('flipped_test')
    (hook,) = paid(bank, claim, '10')

    ring(hook)
    ring(hook)

    payment = Payment.get()
    assert (payment.state, payment.message) == (PaymentState.QUARANTINED, 'test 10.00 BYN')
    assert credited(anna) == []
    line = payment_register.list_payments(actor=olga).lines[0]
    assert (line.fault, line.received) == (Fault.TEST, '10.00 BYN')


def test_another_account_or_service_is_put_aside(db, bank, erip, anna):
    claim = stand(anna)
    (hook,) = paid(bank, claim, '10')
    with bank.app.state.desk.setting.store.work() as books:
        books.execute("UPDATE claims SET account_number = '100002'")

    ring(hook)

    assert (Payment.get().state, Payment.get().message) == (PaymentState.QUARANTINED, 'account 10.00 BYN')


def test_a_forged_bell_makes_no_payment(db, bank, erip, anna):
    (hook,) = paid(bank, stand(anna), '10')
    body = hook.body.replace(b'1000', b'9000')

    with pytest.raises(Exception, match='wrong_signature'):
        ring(type(hook)(body, hook.headers))

    assert Payment.select().count() == 0


def test_a_silent_gateway_is_asked_again_by_the_poller(db, bank, erip, anna, clock, monkeypatch):
    (hook,) = paid(bank, stand(anna), '10')
    working = payment_gateways.erip()
    connect(monkeypatch, Deaf(GatewayUnknown('GET: ReadTimeout')))
    ring(hook)
    assert Payment.get().state == PaymentState.PROCESSING
    assert [coming.amount for coming in erip_desk.show(actor=anna).coming] == [Decimal(10)]

    monkeypatch.setattr(payment_gateways, 'erip', lambda: working)
    clock.forward(minutes=2)
    payment_polling.poll_due()

    assert credited(anna) == [Decimal(10)]


def test_a_bell_without_our_name_is_known_by_the_account(db, bank, erip, anna):
    claim = stand(anna)
    with bank.app.state.desk.setting.store.work() as books:
        books.execute('UPDATE claims SET tracking_id = NULL')
    (hook,) = paid(bank, claim, '10')
    assert json.loads(hook.body)['transaction']['tracking_id'] is None

    ring(hook)

    assert credited(anna) == [Decimal(10)]


def test_a_bell_about_nobody_is_kept_for_the_operator(db, bank, erip, anna):
    (hook,) = paid(bank, stand(anna), '10')
    EripClaim.update(tracking_id='erip_other').execute()

    ring(hook)

    assert Payment.select().count() == 0
    assert Webhook.get().outcome == payment_hooks.UNKNOWN_PAYMENT


def test_a_duplicate_delivery_of_the_gateway_credits_once(db, bank, erip, anna):
    claim = stand(anna)
    bank.switch('duplicate')
    pay_erip(bank, claim.uid, '10')
    settle(bank)

    for _ in range(2):
        ring(bank.shop.next_hook())

    assert credited(anna) == [Decimal(10)]


def test_the_claim_of_an_ended_contract_is_taken_back_once_nothing_is_owed(db, bank, erip, anna, boris):
    claims = [stand(person) for person in (anna, boris)]
    assert erip_endings.close_due() == 0
    Contract.update(status='terminated').execute()

    assert erip_endings.close_due() == 1

    states = [with_connection(EripClaim.get_by_id)(claim.id).state for claim in claims]
    assert states == [ClaimState.CLOSED, ClaimState.OPEN]  # Boris owes 12,40
    assert bank.browser.get(f'{bank.url}/erip/{claims[0].uid}').status_code == 404
    again = erip_desk.prepare(actor=anna)
    assert again.is_ready
    assert with_connection(EripClaim.get_by_id)(claims[0].id).uid != claims[0].uid


def test_a_claim_somebody_is_paying_stays(db, bank, erip, anna):
    claim = stand(anna)
    Contract.update(status='terminated').execute()
    bank.browser.post(f'{bank.url}/erip/{claim.uid}')

    assert erip_endings.close_due() == 0


def test_a_contract_that_is_over_gets_no_claim_by_the_job(db, erip):
    factories.make_contract('100009', status='terminated')

    assert erip_claims.make_due() == 0
