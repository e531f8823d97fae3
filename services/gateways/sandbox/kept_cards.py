"""Cards whose payers ticked «keep»: the shop gets a token, the sandbox the last four digits and the term."""

import calendar
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from services.gateways.sandbox.cards import TEST_CARDS, TestCard
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.store import insert


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept card; `month` of `year` is the last it is good for."""

    token: str
    test_card: TestCard
    month: int
    year: int

    def is_over(self, now: datetime) -> bool:
        """Whether its last month has passed."""
        last = calendar.monthrange(self.year, self.month)[1]
        return datetime(self.year, self.month, last, 23, 59, 59, tzinfo=UTC) < now


def keep(db: sqlite3.Connection, card: TestCard, month: int, year: int) -> str:
    """Keep a card and return its token."""
    token = secrets.token_hex(32)
    insert(db, 'cards', token=token, brand=card.brand, last_4=card.number[-4:], month=month, year=year)
    return token


def find(db: sqlite3.Connection, token: str) -> Kept | None:
    """Return a kept card; None for a token that was never given or is deleted."""
    if take_fault(db, Fault.CARD_DELETED) is not None:
        db.execute('DELETE FROM cards WHERE token = ?', (token,))
    row = db.execute('SELECT * FROM cards WHERE token = ?', (token,)).fetchone()
    if row is None:
        return None
    card = next(each for each in TEST_CARDS if each.brand == row['brand'] and each.number.endswith(row['last_4']))
    return Kept(token, card, row['month'], row['year'])


def note(db: sqlite3.Connection, uid: str, token: str | None, month: int, year: int) -> None:
    """Write down with which card an attempt is made; without a token the payer does not want it kept."""
    insert(db, 'transaction_cards', uid=uid, card_token=token, exp_month=month, exp_year=year)
