"""«Оспорить»: a message goes with the line of one's own wallet, and the operator is led to it."""

from decimal import Decimal

import pytest

from models.access import Access
from models.account import OperationKind
from models.chat import ChatMessage
from services.accounts import ledger
from services.accounts.ledger import Posting
from services.authority import OwnerOnly
from services.errors import NotFound
from services.messages import chat, disputes
from tests import factories
from tests.cast import contract_of


def charged(actor):
    posting = Posting(factories.key(), OperationKind.FEE, Decimal('-3.30'), 'Плата за переход')
    return ledger.post(contract_of(actor), posting)


def test_a_message_carries_the_line_for_both_sides(anna, olga):
    operation = charged(anna)
    chat.send('Почему?', 'm-1', about=operation.id, actor=anna)
    chat.send('Ещё одно', 'm-2', actor=anna)

    for reader in (anna, olga):
        first, second = chat.get_conversation('100001', actor=reader).messages
        assert (first.about.operation_id, first.about.title) == (operation.id, 'Плата за переход')
        assert first.about.sum == Decimal('-3.30')
        assert second.about is None


def test_only_a_line_of_ones_own_wallet_is_disputed(anna, boris):
    operation = charged(anna)

    for forged in (operation.id, 0, -1, 2**40, True, 'x'):
        with pytest.raises(NotFound):
            disputes.get_line(forged, actor=boris)
        with pytest.raises(NotFound):
            chat.send('Почему?', 'm-1', about=forged, actor=boris)
    assert ChatMessage.select().count() == 0


def test_an_operator_disputes_nothing(anna, olga):
    chat.send('Смотрите', 'm-1', about=charged(anna).id, contract_number='100001', actor=olga)

    assert ChatMessage.get().operation_id is None


def test_a_relative_who_only_looks_disputes_nothing(anna, vera):
    operation = charged(anna)
    factories.open_access(contract_of(anna), vera, Access.SEE)

    with pytest.raises(OwnerOnly):
        disputes.get_line(operation.id, actor=factories.working_with(vera, contract_of(anna)))
