"""Receipts: a PDF of a payment that came, for its contract or its payer only."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.account import AccountKind, Operation, OperationKind
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.errors import NotFound, TooManyRequests
from services.payments import payment_outcomes, receipts
from services.runner import with_connection
from tests.bank import again, begin, pay
from tests.cast import contract_of
from tests.unit.payments.test_erip import paid, ring, stand
from tests.unit.payments.test_payees import pay_for


@with_connection
def in_cash(actor):
    """Book money that came past every gateway."""
    posting = Posting(key='cash:1', kind=OperationKind.PAYMENT, amount=Decimal('5.00'), title='Наличными')
    return ledger.post(contract_of(actor), replace(posting, other_side=AccountKind.CASH))


@pytest.fixture
def set_facts(monkeypatch):
    """What would stand on the paper."""
    facts = []
    real = receipts.compose

    def compose(template, given):
        facts.append(given)
        return real(template, given)

    monkeypatch.setattr(receipts, 'compose', compose)
    return facts


def test_a_card_payment_has_a_receipt_with_the_banks_own(db, bank, anna, set_facts):
    payment = pay(bank, anna)
    payment_outcomes.refresh(payment.id)

    paper = receipts.make_receipt(payment.tracking_id, actor=anna)

    assert paper.pdf.startswith(b'%PDF')
    (facts,) = set_facts
    assert facts['bank_url'] == again(payment).receipt_url
    assert facts['qr'].startswith('<svg')
    assert (facts['number'], facts['amount'].replace('\xa0', ' ')) == ('100001', '20,00 р.')


def test_any_way_money_comes_has_one_by_its_operation(db, anna, set_facts):
    operation = in_cash(anna)

    receipts.make_receipt(str(operation.id), actor=anna)

    assert (set_facts[0]['qr'], set_facts[0]['bank_url']) == ('', '')


def test_a_payment_through_erip_has_one(db, bank, erip, anna, set_facts):
    (hook,) = paid(bank, stand(anna), '3')
    ring(hook)
    operation = Operation.get(Operation.key.startswith('pay:erip:'))

    receipts.make_receipt(str(operation.id), actor=anna)

    assert set_facts[0]['title'] == 'Оплата через ЕРИП'
    assert '/erip/receipts/' in set_facts[0]['bank_url']


def test_the_payer_of_another_sees_a_masked_name_the_owner_his_own(db, bank, anna, boris, set_facts):
    payment = pay_for(bank, anna, '100002')
    operation = Operation.get(Operation.key == f'pay:bepaid:{payment.gateway_uid}')
    owner = contract_of(boris).subscriber

    receipts.make_receipt(payment.tracking_id, actor=anna)
    receipts.make_receipt(str(operation.id), actor=boris)

    assert [facts['name'] for facts in set_facts] == [owner.short_name, owner.full_name]
    for which, who in ((payment.tracking_id, boris), (str(operation.id), anna)):
        with pytest.raises(NotFound):
            receipts.make_receipt(which, actor=who)


def test_where_no_money_came_there_is_none(db, bank, anna, boris):
    payment, _page = begin(anna)
    charge = Operation.select().where(Operation.kind != 'payment').first()

    for which in (
        payment.tracking_id,
        'pay_unknown_0',
        '',
        '0',
        '999999999',
        str(charge.id) if charge else '0',
        None,
        5,
    ):
        with pytest.raises(NotFound):
            receipts.make_receipt(which, actor=anna)


def test_thirty_receipts_an_hour(db, anna, monkeypatch):
    monkeypatch.setattr(receipts, 'compose', lambda _template, _facts: b'%PDF')
    operation = in_cash(anna)
    for _ in range(30):
        receipts.make_receipt(str(operation.id), actor=anna)

    with pytest.raises(TooManyRequests):
        receipts.make_receipt(str(operation.id), actor=anna)
