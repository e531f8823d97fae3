"""What `make bench-billing` compares the monthly run with does the same work: else its figures say nothing."""

from datetime import date

import pytest

from models.account import Entry, Operation, OperationLink
from models.base import database
from models.contract import Contract, DebtBlock
from models.outbox import OutgoingMessage
from services.accounts import billing_run, invariants, ledger
from tests.bench import baselines, town

DECEMBER = date(2026, 12, 1)
WRITTEN = (Operation, Entry, OperationLink, DebtBlock, OutgoingMessage)


@pytest.mark.at('2026-12-01T03:00:00')
@pytest.mark.usefixtures('db')
def test_row_by_row_it_comes_to_the_same():
    Contract.update(status='terminated').execute()
    town.build(7)
    contracts = list(Contract.select().where(Contract.number >= '500000'))
    before = stand(contracts)

    with database.atomic() as tried:
        baselines.charge_row_by_row([contract.id for contract in contracts], DECEMBER)
        faults = invariants.self_check(thorough=False, but=('I10',))
        by_rows = stand(contracts)
        tried.rollback()
    charged = billing_run.run_month(DECEMBER)

    assert faults == []
    assert (charged, by_rows) == (7, stand(contracts))
    assert by_rows['debt_block'] == before['debt_block'] + 1, 'the first has not enough money'


def stand(contracts):
    """Return the wallets and how many rows the tables of a charge have."""
    return {'wallets': ledger.balances(contracts)} | {each.table_name(): each.select().count() for each in WRITTEN}
