"""Arguments for the services of refunds, quarantine and payments by hand: the owner's payments."""

from decimal import Decimal

from models.account import OperationKind
from models.manual_payment import ManualPayment
from models.payment import Payment, PaymentState
from models.quarantine import QuarantineVerdict
from models.refund import Refund
from models.user import Role
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.clock import now, today
from services.payments import manual_payments, quarantine, refunds
from tests import factories
from tests.authz.given import given

WHY = 'Оплатили дважды по ошибке'


def _payment(w, state=PaymentState.SUCCEEDED, message='', amount='20.00'):
    key, moment = factories.key(), now()
    uid = f'uid-{key}'
    payment = Payment.create(
        contract=w.contract, amount=Decimal(amount), state=state, gateway='bepaid', tracking_id=f'pay_{key}',
        form_key=key, gateway_uid=uid, message=message, created_at=moment, updated_at=moment,
    )  # fmt: skip
    if state == PaymentState.SUCCEEDED:
        posting = Posting(f'pay:bepaid:{uid}', OperationKind.PAYMENT, payment.amount, 'Оплата картой')
        ledger.post(w.contract, posting)
    return payment


def _aside(w, amount='10.00'):
    return _payment(w, PaymentState.QUARANTINED, f'amount {amount} BYN')


def _colleague():
    return factories.actor(factories.make_user(Role.OPERATOR, name='Рита'), Role.OPERATOR)


def _waiting_refund(w, *args):
    payment = _payment(w, amount='100.00')
    refunds.refund(payment.id, '80', WHY, factories.key(), actor=_colleague())
    return given(Refund.get(Refund.payment == payment).id, *args)


def _waiting_verdict(w, *args):
    payment = _aside(w, '80.00')
    quarantine.credit(payment.id, w.contract.number, WHY, factories.key(), actor=_colleague())
    return given(QuarantineVerdict.get(QuarantineVerdict.payment == payment).id, *args)


def _taken(w):
    administrator = factories.actor(factories.make_user(Role.ADMINISTRATOR, name='Вера'), Role.ADMINISTRATOR)
    taken = manual_payments.take(w.contract.number, 'cash', '5', 'ПКО-1', today().isoformat(), actor=administrator)
    return taken.payment_id


def _to_cancel(w):
    payment_id = _taken(w)
    ManualPayment.update(taken_by=w.operator.user_id).execute()
    return given(payment_id, WHY)


RECIPES = {
    'payments.manual_payments.cancel': _to_cancel,
    'payments.manual_payments.may_take': lambda w: given(),
    'payments.manual_payments.take': lambda w: given(w.contract.number, 'cash', '5', 'ПКО-2', today().isoformat()),
    'payments.payment_sheet.ask_bank': lambda w: given(_payment(w).id),
    'payments.payment_sheet.get_sheet': lambda w: given(_payment(w).id),
    'payments.quarantine.approve': _waiting_verdict,
    'payments.quarantine.credit': lambda w: given(_aside(w).id, w.contract.number, WHY, factories.key()),
    'payments.quarantine.leave': lambda w: given(_aside(w).id, 'Ждём ответа банка', factories.key()),
    'payments.quarantine.refuse': lambda w: _waiting_verdict(w, 'Не наши деньги'),
    'payments.refunds.approve': _waiting_refund,
    'payments.refunds.refund': lambda w: given(_payment(w).id, '5', WHY, factories.key(), accepts_debt=True),
    'payments.refunds.refuse': lambda w: _waiting_refund(w, 'Не та сумма'),
}
