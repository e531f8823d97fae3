"""The check of the books is set-wise: it takes a few times as long as reading the entries once, however many there are."""

import time
from decimal import Decimal

from models.account import OperationKind
from models.base import raw_rows
from services.accounts import invariants, ledger
from services.accounts.ledger import Posting
from services.accounts.ledger_chain import CHAIN
from services.chains import anchors
from tests import factories

OPERATIONS = 4000
MOST = 40
"""Times one reading of all entries; 3 to 8 are usual, and the machine of the tests is busy."""


def seconds(work):
    """Return the shortest of five runs."""
    took = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def test_the_hourly_check_costs_a_few_readings_of_the_entries(db):
    contracts = [factories.make_contract() for _ in range(20)]
    for first in range(0, OPERATIONS, 1000):
        ledger.post_many(
            [
                (contracts[n % 20], Posting(f'adjust:{n}', OperationKind.ADJUSTMENT, Decimal('-1.00'), 'Проба'))
                for n in range(first, first + 1000)
            ]
        )

    anchors.check(CHAIN)

    check = seconds(invariants.self_check)
    reading = seconds(lambda: raw_rows('SELECT * FROM entry'))

    assert check < reading * MOST
