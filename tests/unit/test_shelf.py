"""The shelf of tariffs: archived ones stay with those who have them, and a tariff may name where one moves to."""

import pytest

from models.contract import Contract, ContractStatus
from models.user import AuditEvent
from services.accounts import billing, tariff_board, tariff_changes
from services.accounts.tariff_refusals import NotATarget
from services.errors import InvalidField
from services.offers import shelf
from tests import factories

pytestmark = pytest.mark.at('2026-11-22 12:00')


def test_an_archived_tariff_stays_with_those_who_have_it(db, ada, anna):
    for _ in range(2):
        shelf.archive('I-100', actor=ada)

    board = tariff_board.read_board(actor=anna)
    assert (board.current.code, board.current.is_archived) == ('I-100', True)
    assert billing.next_charge(Contract.get(Contract.number == '100001')).lines[0].code == 'I-100'
    codes = [line.code for line in shelf.list_shelf(actor=ada) if line.kind == shelf.Kind.TARIFF]
    assert codes[-1] == 'I-100'

    shelf.put_on_sale('I-100', actor=ada)
    assert not tariff_board.read_board(actor=anna).current.is_archived
    actions = [line.action for line in AuditEvent.select().order_by(AuditEvent.id)]
    assert [action for action in actions if action.startswith('catalogue.')] == ['catalogue.archive', 'catalogue.sell']


def test_a_tariff_may_name_those_it_is_changed_for(db, ada, anna):
    shelf.set_targets('I-100', ['I-500'], actor=ada)

    assert 'I-200' not in [offer.code for offer in tariff_board.read_board(actor=anna).offers]
    with pytest.raises(NotATarget, match='не переходят'):
        tariff_changes.quote('I-200', 'now', actor=anna)

    shelf.set_targets('I-100', [], actor=ada)
    assert tariff_changes.quote('I-200', 'now', actor=anna).quote.due > 0


@pytest.mark.parametrize('targets', [['I-100'], ['nothing'], [None], None, 'I-200', [['I-200']]])
def test_targets_are_other_tariffs_of_ours(db, ada, targets):
    with pytest.raises(InvalidField):
        shelf.set_targets('I-100', targets, actor=ada)


def test_the_list_counts_those_who_have_it(db, ada):
    def counted():
        return {line.code: line.subscribers for line in shelf.list_shelf(actor=ada)}

    before = counted()['I-100']
    factories.make_contract()
    factories.make_contract(status=ContractStatus.TERMINATED)
    assert counted()['I-100'] == before + 1
