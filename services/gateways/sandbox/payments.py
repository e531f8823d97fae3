"""What the pretended bank does with a card: attempts on a token and the 3-D Secure code."""

import json
import sqlite3
import uuid
from enum import StrEnum

from services.gateways.sandbox import kept_cards
from services.gateways.sandbox.cards import CHALLENGE_CODE, WIRE_MESSAGES, Outcome, TestCard
from services.gateways.sandbox.deliveries import other_amount
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp
from services.gateways.sandbox.tokens import find_checkout, find_transaction, latest_attempt, settle

_CODE_TRIES = 3


class ChallengeAnswer(StrEnum):
    """What came of a code typed on the bank's page."""

    SETTLED = 'settled'
    WRONG_CODE = 'wrong_code'


def pay(
    setting: Setting, token: str, card: TestCard, form_key: str, *, expiry: tuple[int, int], is_kept: bool
) -> sqlite3.Row | None:
    """Try a card on a token and return the transaction; None if nothing can be tried on it.

    `expiry` is the last month and its year; `is_kept`: the payer wants the card kept, where the shop lets him choose.

    The same form sent twice, or while the bank still waits for a code, gives the transaction that is already there.
    """
    with setting.store.work() as db:
        checkout = find_checkout(setting, db, token)
        if checkout is None:
            return None
        same: sqlite3.Row | None = db.execute('SELECT * FROM transactions WHERE form_key = ?', (form_key,)).fetchone()
        if same is not None:
            return same if same['token'] == token else None
        latest = latest_attempt(db, token)
        if checkout['state'] != 'open' or (latest and latest['status'] == 'incomplete'):
            return latest
        uid = begin(setting, db, checkout, card, form_key)
        wanted = is_kept and may_keep(checkout)
        kept_cards.note(db, uid, kept_cards.keep(db, card, *expiry) if wanted else None, *expiry)
        if card.outcome is not Outcome.CHALLENGE:
            settle(setting, db, uid, card.outcome)
        return find_transaction(db, uid)


def answer_challenge(setting: Setting, uid: str, code: str | None) -> ChallengeAnswer:
    """Take the code of the bank's page; None = the customer refused. The third wrong code ends the attempt."""
    with setting.store.work() as db:
        row = find_transaction(db, uid)
        if row is None or row['status'] != 'incomplete':
            return ChallengeAnswer.SETTLED
        checkout = find_checkout(setting, db, row['token'])
        if checkout is None or checkout['state'] != 'open':
            return ChallengeAnswer.SETTLED
        if code == CHALLENGE_CODE:
            settle(setting, db, uid, Outcome.APPROVED)
            return ChallengeAnswer.SETTLED
        if code is not None and row['wrong_codes'] + 1 < _CODE_TRIES:
            db.execute('UPDATE transactions SET wrong_codes = wrong_codes + 1 WHERE uid = ?', (uid,))
            return ChallengeAnswer.WRONG_CODE
        settle(setting, db, uid, Outcome.NOT_COMPLETED if code is None else Outcome.THREE_DS_FAILED)
        return ChallengeAnswer.SETTLED


def may_keep(checkout: sqlite3.Row) -> bool:
    """Whether the shop lets the payer choose to have his card kept."""
    toggle = json.loads(checkout['request'])['settings'].get('save_card_toggle')
    return isinstance(toggle, dict) and toggle.get('display') is True


def begin(setting: Setting, db: sqlite3.Connection, checkout: sqlite3.Row, card: TestCard, form_key: str) -> str:
    """Write the attempt down as incomplete; of the card only brand and last four digits are kept."""
    uid, now = str(uuid.uuid4()), stamp(setting.config.now())
    amount, test = checkout['amount'], checkout['test']
    if take_fault(db, Fault.WRONG_AMOUNT) is not None:
        amount = other_amount(amount)
    if take_fault(db, Fault.FLIPPED_TEST) is not None:
        test = not test
    insert(
        db,
        'transactions',
        uid=uid,
        token=checkout['token'],
        type='payment',
        status='incomplete',
        amount=amount,
        currency=checkout['currency'],
        test=test,
        tracking_id=checkout['tracking_id'],
        description=json.loads(checkout['request'])['order']['description'],
        message=WIRE_MESSAGES[Outcome.CHALLENGE],
        code=Outcome.CHALLENGE,
        brand=card.brand,
        last_4=card.number[-4:],
        form_key=form_key,
        created_at=now,
        updated_at=now,
    )
    db.execute('UPDATE checkouts SET attempts_left = attempts_left - 1 WHERE token = ?', (checkout['token'],))
    return uid
