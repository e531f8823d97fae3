"""The books as a journal of hledger (hledger.org): plain text that a program of other people adds up again.

One transaction for each operation, in the order of days; behind each posting the balance it leads to, at the end the
balances our tables say. hledger refuses the file where a sum or a balance is wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TextIO

from models.base import snapshot, stream
from services import clock
from services.runner import with_connection

HEAD = 'decimal-mark .\ncommodity 1000.00 BYN\n'
CLOSING = 'balances'
_NO_DAY = '2000-01-01'
_OPERATIONS = (
    'SELECT o.id, o.booked_at, o.key, o.title, a.kind, c.number, e.amount FROM operation o '
    'JOIN entry e ON e.operation_id = o.id JOIN account a ON a.id = e.account_id '
    'LEFT JOIN contract c ON c.id = a.contract_id ORDER BY o.booked_at, o.id, e.id'
)
_BALANCES = (
    'SELECT a.kind, c.number, a.balance FROM account a LEFT JOIN contract c ON c.id = a.contract_id ORDER BY a.id'
)


@with_connection
def write(file: TextIO) -> int:
    """Write the whole journal, a block at a time; the same books give the same bytes. Returns how many operations."""
    count = -2  # the head and the balances
    with snapshot():
        for block in blocks():
            file.write(block)
            count += 1
    return count


def blocks() -> Iterator[str]:
    """Return the journal piece by piece: its head, every operation, the balances; inside `snapshot`."""
    yield HEAD
    after: defaultdict[str, int] = defaultdict(int)
    day = _NO_DAY
    for _, rows in groupby(stream(_OPERATIONS), itemgetter(0)):
        postings = []
        for operation_id, booked_at, key, title, kind, number, amount in rows:  # noqa: B007 - those of the last row
            account = name_of(kind, number)
            after[account] += amount
            postings.append(f'    {account}  {rubles(amount)} BYN = {rubles(after[account])} BYN\n')
        day = _day(str(booked_at)[:13])
        yield f'\n{day} ({_line(key)}) {_line(title)}  ; id:{operation_id}\n{"".join(postings)}'
    yield ''.join([f'\n{day} ({CLOSING})\n', *map(_closing, stream(_BALANCES))])


def add_up(journal: Iterable[str]) -> dict[str, int]:
    """Return kopecks by account as the text of a journal says, added up anew; a reader that trusts nothing but it.

    Raises:
        ValueError: a balance stated behind a posting is not the sum of the postings so far.
    """
    totals: defaultdict[str, int] = defaultdict(int)
    for block in journal:
        for line in block.split('\n'):
            if line[:4] != '    ':
                continue
            account, _, amounts = line[4:].partition('  ')
            amount, _, stated = amounts.replace(' BYN', '').replace('.', '').partition(' = ')
            totals[account] += int(amount)
            if totals[account] != int(stated):
                raise ValueError(f'{account} is {totals[account]} kopecks where the journal says {stated}')
    return dict(totals)


def name_of(kind: str, contract_number: str | None) -> str:
    """Return the name of an account in the journal: `wallet:100001`, `revenue`."""
    return f'{kind}:{contract_number}' if contract_number else kind


def rubles(kopecks: int) -> str:
    """Return kopecks as `-12.40`."""
    whole, rest = divmod(abs(kopecks), 100)
    return f'{"-" if kopecks < 0 else ""}{whole}.{rest:02}'


def _closing(row: tuple[str, str | None, int]) -> str:
    kind, number, balance = row
    return f'    {name_of(kind, number)}  0.00 BYN = {rubles(balance)} BYN\n'


@lru_cache(maxsize=4096)
def _day(hour: str) -> str:
    """Return the day in Minsk of an hour in UTC, both as text."""
    return clock.local(datetime.fromisoformat(f'{hour}:00').replace(tzinfo=UTC)).date().isoformat()


def _line(text: str) -> str:
    """Return text that ends neither its line nor its field in the journal."""
    return ' '.join(text.replace(';', ',').replace(')', ']').split())
