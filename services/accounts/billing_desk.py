"""The monthly run as staff see it: what it would charge and block, how far it is, and the button that orders it.

The preview is the run without writing: the same question who is due, the same charges, the same look at the blocks.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.account import BillingRun
from models.contract import Contract
from models.user import Role, User
from services import audit
from services.accounts import billing_run, books, debt_blocks, month_charges
from services.accounts.billing_run import Failed
from services.accounts.debt_blocks import Spared
from services.authority import Actor, require_operator, require_role
from services.clock import today
from services.errors import N_, DomainError, NotFound
from services.money import ZERO
from services.quotes.monthly import LineKind
from services.quotes.subscription import next_month, total
from services.runner import transactional

SHOWN = 50
"""Rows of each list of the preview; the totals count all."""
RUNS = 12


class NotBegun(DomainError):
    """The month to be charged is still to come."""

    message = N_('Этот месяц ещё не начался. Списать за него можно с {first}.')
    status = 409


class NobodyDue(DomainError):
    """There is nothing to charge."""

    message = N_('За этот месяц уже списано со всех договоров.')
    status = 409


@dataclass(frozen=True)
class WouldCharge:
    """What one contract would be charged: rubles, and the wallet after it."""

    number: str
    sum: Decimal
    after: Decimal


@dataclass(frozen=True)
class WouldBlock:
    """A debt after the charge, in rubles; `spared` tells why it would not block, None: it would."""

    number: str
    debt: Decimal
    spared: Spared | None


@dataclass(frozen=True)
class Preview:
    """What the run of a month would do now. The lists hold the first SHOWN, the numbers count all.

    `kinds` are rubles by kind of line; `set_aside` names contracts whose charge cannot be computed.
    """

    month: date
    count: int
    sum: Decimal
    kinds: tuple[tuple[LineKind, Decimal], ...]
    charges: tuple[WouldCharge, ...]
    debts: tuple[WouldBlock, ...]
    blocked: int
    spared: tuple[tuple[Spared, int], ...]
    set_aside: tuple[str, ...]


@dataclass(frozen=True)
class RunView:
    """How far a run is: contracts and rubles; `set_aside` are numbers of contracts that failed; `by` who ordered it."""

    month: date
    total: int
    done: int
    blocked: int
    charged: Decimal
    set_aside: tuple[str, ...]
    by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class BillingDesk:
    """The page: the chosen month and its neighbours, how many are due in it, its run, the runs before."""

    month: date
    months: tuple[date, ...]
    due: int
    run: RunView | None
    runs: tuple[RunView, ...]
    has_begun: bool
    is_stopped: bool
    may_run: bool


def show(month: str = '', *, actor: Actor | None) -> BillingDesk:
    """Return the page of a month, the running one unless told otherwise.

    Raises:
        SignInRequired, NotAllowed: operators and administrators.
        NotFound: not a month, or too far away.
    """
    actor = require_operator(actor)
    first, this = _chosen(month), today().replace(day=1)
    rows: Any = BillingRun.select(BillingRun, User).left_outer_join(User).order_by(BillingRun.month.desc())
    views = {row.month: _view(row) for row in rows.limit(RUNS)}
    return BillingDesk(
        month=first,
        months=tuple(_neighbours(this)),
        due=billing_run.due(first).count(),
        run=views.get(first),
        runs=tuple(views.values()),
        has_begun=first <= this,
        is_stopped=books.is_stopped(),
        may_run=actor.wears(Role.ADMINISTRATOR),
    )


def preview(month: str = '', *, actor: Actor | None) -> Preview:
    """Return what the run of a month would do if it began now, or on its 1st if that is to come.

    Raises:
        SignInRequired, NotAllowed, NotFound: as `show`.
    """
    require_operator(actor)
    first = _chosen(month)
    sums = _Sums()
    for ids in billing_run.batches(first):
        sums.set_aside += billing_run.halved(ids, lambda part: sums.add(part, first))
    return sums.preview(first)


@transactional
def start(month: str, *, actor: Actor | None) -> None:
    """Order the run of a month; it begins within seconds. One that is at work already goes on as it is.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: not a month.
        NotBegun, NobodyDue, ChargingStopped: why not.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    first = _chosen(month)
    if first > today():
        raise NotBegun(first=first)
    books.require_open()
    run = billing_run.open_run(first, actor_id=actor.user_id, is_ordered=True)
    if run is None:
        raise NobodyDue
    audit.note('billing.start', f'billing:{first:%Y-%m}', actor=actor, contracts=run.total - run.done)


@dataclass
class _Sums:
    """What a preview counts while it goes through the batches."""

    count: int = 0
    kinds: dict[LineKind, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    charges: list[WouldCharge] = field(default_factory=list)
    debts: list[WouldBlock] = field(default_factory=list)
    spared: Counter[Spared | None] = field(default_factory=Counter)
    set_aside: list[Failed] = field(default_factory=list)

    def add(self, ids: list[int], month: date) -> None:
        """Look at one batch as the run would."""
        contracts = list(Contract.select().where(Contract.id.in_(ids)).order_by(Contract.id))
        charges = month_charges.compute(contracts, month)
        left = {charge.contract.id: charge.quote.steps[0].after for charge in charges}
        found = debt_blocks.standings(contracts, left, max(month, today()))
        for charge in charges:
            number = str(charge.contract.number)
            for line in charge.lines:
                self.kinds[line.kind] += line.sum
            if len(self.charges) < SHOWN:
                self.charges.append(WouldCharge(number, total(charge.lines), left[charge.contract.id]))
        for each in found:
            if each.block is None and not each.is_covered:
                self.spared[each.spared] += 1
                if len(self.debts) < SHOWN:
                    self.debts.append(WouldBlock(str(each.contract.number), -each.balance, each.spared))
        self.count += len(charges)

    def preview(self, month: date) -> Preview:
        """Return what was counted."""
        return Preview(
            month=month,
            count=self.count,
            sum=sum(self.kinds.values(), ZERO),
            kinds=tuple((kind, self.kinds[kind]) for kind in LineKind if kind in self.kinds),
            charges=tuple(self.charges),
            debts=tuple(self.debts),
            blocked=self.spared[None],
            spared=tuple((why, self.spared[why]) for why in Spared if self.spared[why]),
            set_aside=tuple(each.number for each in self.set_aside),
        )


def _chosen(month: object) -> date:
    if month == '':
        return today().replace(day=1)
    try:
        first = date.fromisoformat(f'{month}-01') if isinstance(month, str) else None
    except ValueError:
        first = None
    if first is None or first not in _neighbours(today().replace(day=1)):
        raise NotFound
    return first


def _neighbours(this: date) -> list[date]:
    """The month before, the running one, the next one."""
    return [billing_run.month_before(this), this, next_month(this)]


def _view(row: Any) -> RunView:
    return RunView(
        month=row.month,
        total=row.total,
        done=row.done,
        blocked=row.blocked,
        charged=row.charged,
        set_aside=tuple(sorted(row.set_aside)),
        by=row.started_by.name if row.started_by else '',
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
