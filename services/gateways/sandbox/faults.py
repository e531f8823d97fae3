"""Switches that make the gateway misbehave as real ones do; each works for the next so many occasions."""

import sqlite3
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What may go wrong."""

    DUPLICATE = 'duplicate'  # the webhook comes twice
    LATE = 'late'  # the webhook comes `seconds` later
    OUT_OF_ORDER = 'out_of_order'  # the next webhook overtakes this one; alone it comes `seconds` later
    WRONG_SIGNATURE = 'wrong_signature'  # the webhook is signed over other bytes
    WEBHOOK_WRONG_AMOUNT = 'webhook_wrong_amount'  # the webhook alone tells another sum, rightly signed
    WRONG_AMOUNT = 'wrong_amount'  # the transaction itself is for another sum: webhook and queries agree
    FLIPPED_TEST = 'flipped_test'  # the transaction itself carries the opposite test flag
    CREATE_500 = 'create_500'  # the checkout is made, the answer is HTTP 500
    CREATE_TIMEOUT = 'create_timeout'  # the checkout is made, the answer does not come for `seconds`
    WEBHOOK_BEFORE_RETURN = 'webhook_before_return'  # the customer returns after the webhook has been delivered
    NO_WEBHOOK = 'no_webhook'  # the webhook never comes
    SAVED_DECLINED = 'saved_declined'  # the bank refuses a kept card
    CARD_DELETED = 'card_deleted'  # the kept card is deleted before it is charged


_SECONDS = {Fault.LATE: 60.0, Fault.OUT_OF_ORDER: 60.0, Fault.CREATE_TIMEOUT: 60.0}
_MOST = 86_400


def set_fault(db: sqlite3.Connection, order: Any) -> str | None:
    """Obey `{"name": …, "times": 1, "seconds": …}` or `{"clear": true}`; return what is wrong with it, or None."""
    if not isinstance(order, dict):
        return 'a JSON object is expected'
    if order.get('clear') is True:
        db.execute('DELETE FROM faults')
        return None
    if order.get('name') not in list(Fault):
        return f'name: one of {", ".join(Fault)}'
    name = Fault(order['name'])
    times, seconds = order.get('times', 1), order.get('seconds', _SECONDS.get(name, 0.0))
    if type(times) is not int or not 0 <= times <= _MOST:
        return 'times: a whole number from 0'
    if type(seconds) not in (int, float) or not 0 <= seconds <= _MOST:
        return 'seconds: a number from 0 to 86400'
    db.execute('INSERT OR REPLACE INTO faults VALUES (?, ?, ?)', (name, times, seconds))
    return None


def waits(name: Fault) -> float | None:
    """Return how long this switch waits unless it is told otherwise; None where there is nothing to wait for."""
    return _SECONDS.get(name)


def list_faults(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the switches that are on."""
    return [dict(row) for row in db.execute('SELECT * FROM faults WHERE times > 0 ORDER BY name')]


def take_fault(db: sqlite3.Connection, name: Fault) -> float | None:
    """Use up one occasion of a switch: its seconds if it is on, else None."""
    row = db.execute('UPDATE faults SET times = times - 1 WHERE name = ? AND times > 0 RETURNING seconds', (name,))
    found = row.fetchone()
    return None if found is None else float(found['seconds'])
