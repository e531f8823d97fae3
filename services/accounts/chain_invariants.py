"""I8: the chain of the books is unbroken and its head is the anchored one (see invariants.py)."""

from collections.abc import Iterator

from models.base import raw_rows
from services.accounts import ledger_chain
from services.accounts.ledger_chain import CHAIN
from services.chains import beginning, verification
from services.chains.verification import Anchor, Fault

BREAKS = {
    Fault.EDITED: 'operation {line} or an entry of it was changed, removed, or written by somebody without the key',
    Fault.LINK: 'operations before {line} are missing, were moved or put in between',
    Fault.UNCHAINED: 'operation {line} has no mark',
    Fault.CUT: 'operations at the end are missing: an anchor knows longer books',
    Fault.REWRITTEN: 'the end was written anew: an anchor knows another operation in its place',
}
_PLACES = 'SELECT id, operation_id, prev_hash, hash, ROW_NUMBER() OVER (ORDER BY id) AS place FROM operation_link'


def links() -> Iterator[str]:
    """Look at the links as they stand, and compute anew the marks of what was booked since the newest anchor."""
    for operation_id in ledger_chain.unlinked():
        yield BREAKS[Fault.UNCHAINED].format(line=operation_id)
    lost = """SELECT l.operation_id FROM operation_link l LEFT JOIN operation o ON o.id = l.operation_id
        WHERE o.id IS NULL ORDER BY l.id"""
    for (operation_id,) in raw_rows(lost):
        yield f'operation {operation_id} is in the chain and nowhere else'
    torn = """SELECT operation_id FROM (SELECT id, operation_id, prev_hash, LAG(hash) OVER (ORDER BY id) AS before
        FROM operation_link) AS l WHERE prev_hash <> before ORDER BY id"""
    for (operation_id,) in [*_headless(), *raw_rows(torn)]:
        yield BREAKS[Fault.LINK].format(line=operation_id)
    yield from _unanchored()
    yield from _forged()


def marks(anchor: Anchor | None) -> Iterator[str]:
    """Compute every mark anew, from the first operation to the last; `anchor` is one told by a letter."""
    verdict = verification.verify(CHAIN, anchor=anchor)
    if verdict.fault is not None:
        yield BREAKS[verdict.fault].format(line=verdict.line)


def _headless() -> list[tuple[int]]:
    """Return the first operation of the chain if something stood before it, under whichever key it was made."""
    first, keys = raw_rows('SELECT operation_id, prev_hash FROM operation_link ORDER BY id LIMIT 1'), CHAIN.keys()
    beginnings = {beginning(key) for key in keys}
    return [(operation_id,) for operation_id, before in first if before not in beginnings]


def _forged() -> Iterator[str]:
    """Walk from the newest anchored link on; keys only become newer, so the one of that link is the oldest to come."""
    keys = CHAIN.keys()
    for link in ledger_chain.walk(_newest_anchored() - 1):
        maker = verification.maker_of(link, keys)
        if maker is None:
            yield BREAKS[Fault.EDITED].format(line=link.id)
        else:
            keys = keys[: maker + 1]


def _unanchored() -> Iterator[str]:
    anchored = f"""SELECT l.hash, a.head FROM audit_anchor a LEFT JOIN ({_PLACES}) AS l ON l.place = a.entries
        WHERE a.chain = ? AND a.fault = '' AND a.entries > 0 AND (l.hash IS NULL OR l.hash <> a.head)"""  # noqa: S608 - our own words
    for mark, _ in raw_rows(anchored, CHAIN.name):
        yield BREAKS[Fault.CUT if mark is None else Fault.REWRITTEN]


def _newest_anchored() -> int:
    """Return the id of the link the newest anchor stands at; 0 where there is none."""
    newest = f"""SELECT l.id FROM ({_PLACES}) AS l WHERE l.place =
        (SELECT MAX(entries) FROM audit_anchor WHERE chain = ? AND fault = '')"""  # noqa: S608 - our own words
    rows = raw_rows(newest, CHAIN.name)
    return int(rows[0][0]) if rows else 0
