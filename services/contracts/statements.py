"""Выписка по лицевому счёту: what was there, every operation of a period, what is there; as PDF."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from peewee import fn

from models.access import Access
from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract
from services import audit, limits, rate_limits
from services.authority import Actor, own_contract, require_operator
from services.clock import local, midnight, now, today
from services.contracts.documents import Paper, compose
from services.contracts.paper_facts import company
from services.errors import N_, InvalidField, NotFound
from services.identity import step_up
from services.messages.letters.render import moment, money
from services.runner import with_connection

LONGEST = limits.span('statement_period')


@dataclass(frozen=True)
class Statement:
    """A period of a wallet: rubles before it, its lines (Minsk day, title, formula, sum, balance), rubles after it."""

    number: str
    name: str
    address: str
    first: date
    last: date
    opening: Decimal
    lines: tuple[tuple[date, str, str, Decimal, Decimal], ...]

    @property
    def closing(self) -> Decimal:
        """Return the balance at the end of the last day."""
        return self.lines[-1][4] if self.lines else self.opening

    @property
    def came(self) -> Decimal:
        """Return everything that came in, in rubles."""
        return sum((line[3] for line in self.lines if line[3] > 0), Decimal(0))

    @property
    def went(self) -> Decimal:
        """Return everything that was charged, in rubles above zero."""
        return -sum((line[3] for line in self.lines if line[3] < 0), Decimal(0))


def make_statement(since: str = '', until: str = '', *, actor: Actor | None) -> Paper:
    """Return the statement of the actor's contract; the paper is set after the books were read and let go.

    Args:
        since: ISO date of the first day, the 1st of this month when empty; `until` the last one, today when empty.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`.
        InvalidField: no days, the wrong way round, or more than a year.
        StepUpRequired: see `step_up`. TooManyRequests: ten files an hour, tables included.
    """
    statement = with_connection(_read)(since, until, actor=actor)
    name = f'Выписка {statement.number}, {statement.first:%d.%m.%Y}–{statement.last:%d.%m.%Y}.pdf'
    return Paper(name, compose('statement', _as_json(statement)))


def make_last_statement(number: str, *, actor: Actor | None) -> Paper:
    """Return the statement of a contract that is over, from the 1st of its last month on; what is read is noted.

    Raises:
        SignInRequired, NotAllowed: only the console.
        NotFound: no such contract, or it goes on.
        StepUpRequired: see `step_up`. TooManyRequests: ten files an hour.
    """
    statement = with_connection(_read_last)(number, actor=actor)
    return Paper(f'Последняя выписка {statement.number}.pdf', compose('statement', _as_json(statement)))


def _read_last(number: object, *, actor: Actor | None) -> Statement:
    actor = require_operator(actor)
    is_number = isinstance(number, str) and len(number) <= 16
    contract = Contract.get_or_none(Contract.number == number) if is_number else None
    if contract is None or contract.terminated_on is None:
        raise NotFound
    step_up.require_fresh(actor)
    most, window = limits.rate('history_exports')
    rate_limits.spend('export', str(actor.user_id), most=most, window=window)
    audit.note_reading(f'contract:{contract.number}', actor=actor)
    first = contract.terminated_on.replace(day=1)
    return _statement(contract, first, min(today(), first + LONGEST))


def _read(since: str, until: str, *, actor: Actor | None) -> Statement:
    contract = own_contract(actor, need=Access.SEE)
    first, last = _checked_days(since, until)
    user_id = step_up.require_fresh(actor).user_id
    most, window = limits.rate('history_exports')
    rate_limits.spend('export', str(user_id), most=most, window=window)
    return _statement(contract, first, last)


def _statement(contract: Contract, first: date, last: date) -> Statement:
    opening = _sum_before(contract, first)
    return Statement(
        number=contract.number,
        name=contract.subscriber.full_name,
        address=contract.address,
        first=first,
        last=last,
        opening=opening,
        lines=_lines(contract, first, last, opening),
    )


def _checked_days(since: object, until: object) -> tuple[date, date]:
    first, last = _day('from', since, today().replace(day=1)), _day('to', until, today())
    if not first <= last:
        raise InvalidField('from', N_('Первый день позже последнего.'))
    if last - first > LONGEST:
        raise InvalidField('from', N_('Выписка бывает не больше чем за год.'))
    return first, last


def _day(field: str, typed: object, otherwise: date) -> date:
    if typed == '':
        return otherwise
    try:
        day = date.fromisoformat(typed) if isinstance(typed, str) and len(typed) == 10 else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2999:
        raise InvalidField(field, N_('Выберите день в календаре.'))
    return day


def _sum_before(contract: Contract, first: date) -> Decimal:
    before = _own(contract) & (Operation.booked_at < midnight(first))
    total: Any = Entry.select(fn.SUM(Entry.amount).coerce(False)).join(Operation).switch(Entry).join(Account)
    return Decimal(int(total.where(before).scalar() or 0)).scaleb(-2)


def _lines(
    contract: Contract, first: date, last: date, opening: Decimal
) -> tuple[tuple[date, str, str, Decimal, Decimal], ...]:
    """Return the lines in the order of time; the balance is added up, so that the paper proves itself."""
    during = (Operation.booked_at >= midnight(first)) & (Operation.booked_at < midnight(last + timedelta(days=1)))
    rows: Any = (
        Entry.select(Entry, Operation)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where(_own(contract) & during)
        .order_by(Operation.booked_at, Entry.id)
    )
    lines, balance = [], opening
    for entry in rows:
        balance += entry.amount
        operation = entry.operation
        lines.append((local(operation.booked_at).date(), operation.title, operation.formula, entry.amount, balance))
    return tuple(lines)


def _own(contract: Contract) -> Any:
    return (Account.contract == contract) & (Account.kind == AccountKind.WALLET)


def _as_json(statement: Statement) -> dict[str, Any]:
    return {
        'company': company(),
        'number': statement.number,
        'name': statement.name,
        'address': statement.address,
        'first': f'{statement.first:%d.%m.%Y}',
        'last': f'{statement.last:%d.%m.%Y}',
        'opening': _signed(statement.opening),
        'closing': _signed(statement.closing),
        'came': _signed(statement.came),
        'went': _signed(statement.went),
        'lines': [
            [f'{day:%d.%m.%Y}', title, formula, _signed(amount), _signed(balance)]
            for day, title, formula, amount, balance in statement.lines
        ],
        'made': moment(now()),
    }


def _signed(amount: Decimal) -> str:
    return money(amount).replace('-', '−')
