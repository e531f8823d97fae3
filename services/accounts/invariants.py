"""What must be true of the books at any moment (SECURITY §2.4): each invariant finds its faults by set-wise queries.

Checked hourly (books.py), by `main.py self-check`, and after every test that touches money. Sums in the lines are
kopecks. What concerns payments and letters stands in payment_invariants.py, the chain in chain_invariants.py.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice

from models.base import raw_rows, snapshot
from services.accounts import chain_invariants, journal_export, payment_invariants, usage_invariants
from services.chains.verification import Anchor
from services.quotes.subscription import next_month
from services.runner import with_connection

MOST_LINES = 20
"""Faults of one invariant that are told; one is enough to stop."""
MAY_GO_BELOW_ZERO = ('month', 'activation', 'reverse', 'adjust', 'opening', 'refund', 'block', 'unreturned', 'overage')
"""Facts (the first word of an operation's key) that may leave a wallet below zero.

The charge of the 1st and the first charge make a debt, which blocks; so may what takes money back: a reversal, a
correction, a debt brought along, a refund the bank enforces. The fee for the return after a block may be promised with
the debt; a device that does not come back after the end is charged whatever is there, and so is traffic above a quota.
What a person orders is paid before: services/accounts/shown_quotes.py refuses it otherwise.
"""
CHARGED_WHILE_PAUSED = ('rent', 'fee')
"""Lines of a month that is suspended from its first day to its last (DOMAIN §7.4)."""


@with_connection
def self_check(
    *,
    thorough: bool = False,
    anchor: Anchor | None = None,
    but: tuple[str, ...] = (),
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[str]:
    """Return what is wrong with the books, one line a fault with the invariant's name; empty is the only good answer.

    Args:
        thorough: compute every mark of the chain anew and add up the export as well; ten times as long.
        anchor: an end of the chain told by a letter; only a thorough check looks at it.
        but: names of INVARIANTS to leave out.
        tell: called after each part with how many are done, and of how many.
    """
    checks = dict(INVARIANTS)
    if thorough:
        checks['I8 marks'] = lambda: chain_invariants.marks(anchor)
        checks['I11'] = _export
    chosen = {name: find for name, find in checks.items() if name not in but}
    faults: list[str] = []
    with snapshot():
        for done, (name, find) in enumerate(chosen.items(), start=1):
            faults += (f'{name.split()[0]}: {line}' for line in islice(find(), MOST_LINES))
            tell(done, len(chosen))
    return faults


def _unbalanced() -> Iterator[str]:
    sums = 'SELECT a.currency, SUM(e.amount) FROM entry e JOIN account a ON a.id = e.account_id GROUP BY a.currency'
    for currency, total in raw_rows(f'{sums} HAVING SUM(e.amount) <> 0'):
        yield f'all entries in {currency} sum to {total}, not zero'
    each = """SELECT e.operation_id, a.currency, SUM(e.amount) FROM entry e JOIN account a ON a.id = e.account_id
        GROUP BY e.operation_id, a.currency HAVING SUM(e.amount) <> 0 ORDER BY e.operation_id"""
    for operation_id, currency, total in raw_rows(each):
        yield f'the entries of operation {operation_id} in {currency} sum to {total}, not zero'


def _incomplete() -> Iterator[str]:
    few = """SELECT o.id, COUNT(e.id) FROM operation o LEFT JOIN entry e ON e.operation_id = o.id
        GROUP BY o.id HAVING COUNT(e.id) < 2 ORDER BY o.id"""
    for operation_id, count in raw_rows(few):
        yield f'operation {operation_id} has {count} entries'
    lost = 'SELECT e.id FROM entry e LEFT JOIN operation o ON o.id = e.operation_id WHERE o.id IS NULL ORDER BY e.id'
    for (entry_id,) in raw_rows(lost):
        yield f'entry {entry_id} belongs to no operation'


def _wrong_balances() -> Iterator[str]:
    cached = """SELECT a.id, a.balance, a.entry_count, COALESCE(e.total, 0), COALESCE(e.entries, 0) FROM account a
        LEFT JOIN (SELECT account_id, SUM(amount) AS total, COUNT(*) AS entries FROM entry GROUP BY account_id) e
        ON e.account_id = a.id
        WHERE a.balance <> COALESCE(e.total, 0) OR a.entry_count <> COALESCE(e.entries, 0) ORDER BY a.id"""
    for account_id, balance, count, total, entries in raw_rows(cached):
        yield f'account {account_id} says {balance} after {count} entries, its {entries} entries sum to {total}'
    running = """SELECT id, balance_after, running FROM (SELECT id, balance_after,
        SUM(amount) OVER (PARTITION BY account_id ORDER BY id) AS running FROM entry) AS e
        WHERE balance_after <> running ORDER BY id"""
    for entry_id, after, total in raw_rows(running):
        yield f'entry {entry_id} says {after} after it, the entries up to it sum to {total}'


def _repeated_keys() -> Iterator[str]:
    for key, count in raw_rows('SELECT key, COUNT(*) FROM operation GROUP BY key HAVING COUNT(*) > 1 ORDER BY key'):
        yield f'{count} operations with the key {key}'


def _periods() -> Iterator[str]:
    twice = """SELECT contract_id, month, COUNT(*) FROM period_charge GROUP BY contract_id, month
        HAVING COUNT(*) > 1 ORDER BY contract_id, month"""
    for contract_id, month, count in raw_rows(twice):
        yield f'contract {contract_id} was charged for {str(month)[:7]} {count} times'
    # A key is `month:<contract>:<YYYY-MM>:…`; the first month of a contract is that of its activation.
    unclaimed = """SELECT o.id, o.key FROM operation o JOIN contract c ON c.id = o.contract_id
        LEFT JOIN period_charge p ON p.contract_id = o.contract_id AND SUBSTR(CAST(p.month AS VARCHAR(10)), 1, 7) =
            CASE WHEN o.key LIKE ? THEN SUBSTR(CAST(c.active_on AS VARCHAR(10)), 1, 7)
            ELSE SUBSTR(o.key, 8 + LENGTH(c.number), 7) END
        WHERE (o.key LIKE ? OR o.key LIKE ?) AND p.id IS NULL ORDER BY o.id"""
    for operation_id, key in raw_rows(unclaimed, 'activation:%', 'activation:%', 'month:%'):
        yield f'operation {operation_id} ({key}) belongs to no charge of its contract and month'
    yield from usage_invariants.unsettled()
    for contract_id, number, month in _paused_months():
        charged = 'SELECT id, key FROM operation WHERE contract_id = ? AND key LIKE ? ORDER BY id'
        for operation_id, key in raw_rows(charged, contract_id, f'month:{number}:{month:%Y-%m}:%'):
            if key.split(':')[3] not in CHARGED_WHILE_PAUSED:
                yield f'operation {operation_id} ({key}) charges a month that is suspended as a whole'


def _paused_months() -> Iterator[tuple[int, str, date]]:
    """Return contract, number and the 1st of each charged month that was known to be paused from end to end."""
    paused = """SELECT c.id, c.number, p.month, s.ends_on, COALESCE(s.resumed_on, s.ends_on) FROM suspension s
        JOIN contract c ON c.id = s.contract_id JOIN period_charge p ON p.contract_id = s.contract_id
        WHERE p.month >= s.starts_on AND p.month < s.ends_on AND s.created_at < p.charged_at ORDER BY p.id"""
    for contract_id, number, *days in raw_rows(paused):
        month, ends_on, resumed_on = (date.fromisoformat(str(day)) for day in days)
        if min(ends_on, resumed_on) >= next_month(month):
            yield contract_id, number, month


def _below_zero() -> Iterator[str]:
    unlisted = ' AND '.join(['o.key NOT LIKE ?'] * len(MAY_GO_BELOW_ZERO))
    listed = tuple(f'{fact}:%' for fact in MAY_GO_BELOW_ZERO)
    by_itself = f"""SELECT o.id, o.key, e.balance_after FROM entry e JOIN account a ON a.id = e.account_id
        JOIN operation o ON o.id = e.operation_id WHERE a.kind = 'wallet' AND e.amount < 0 AND e.balance_after < 0
        AND o.quote_id IS NULL AND {unlisted} ORDER BY o.id"""  # noqa: S608 - our own words
    for operation_id, key, after in raw_rows(by_itself, *listed):
        yield f'operation {operation_id} ({key}) left a wallet at {after}'
    # What was ordered may have several lines: it is looked at as a whole, when its last one is booked.
    ordered = f"""SELECT q.quote_id, e.balance_after FROM (SELECT o.quote_id, MAX(e.id) AS last, SUM(e.amount) AS total
        FROM operation o JOIN entry e ON e.operation_id = o.id JOIN account a ON a.id = e.account_id
        WHERE o.quote_id IS NOT NULL AND a.kind = 'wallet' AND {unlisted} GROUP BY o.quote_id) AS q
        JOIN entry e ON e.id = q.last WHERE q.total < 0 AND e.balance_after < 0 ORDER BY q.quote_id"""  # noqa: S608 - our own words
    for quote_id, after in raw_rows(ordered, *listed):
        yield f'what was ordered by quote {quote_id} left a wallet at {after}'


def _export() -> Iterator[str]:
    try:
        journal_export.add_up(journal_export.blocks())
    except ValueError as error:
        yield f'the journal does not add up: {error}'


INVARIANTS: dict[str, Callable[[], Iterator[str]]] = {
    'I1': _unbalanced,
    'I2': _incomplete,
    'I3': _wrong_balances,
    'I4': _repeated_keys,
    'I5': payment_invariants.payments,
    'I5 refunds': payment_invariants.refunds,
    'I6': _periods,
    'I7': _below_zero,
    'I8': chain_invariants.links,
    'I9': payment_invariants.clearing,
    'I10': payment_invariants.missing_letters,
    'I10 late': payment_invariants.late_letters,
}
"""By their names in SECURITY §2.4. A thorough check adds `I8 marks` and `I11`."""
