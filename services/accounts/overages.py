"""What contracts used above the quotas of months that are over: counted with the charge of the 1st, charged once.

A reading counts when it was taken after its month had ended: one taken before would leave the rest of the month
uncharged for ever. One that comes later than the charge of the 1st waits for the next one. With it the month is
settled, be the sum nothing, and its reading stands; what is wrong then is put right by a correction with a reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from models.catalogue import AddOn, AddOnKind, PromoKind, Tariff
from models.contract import ConnectedAddOn, Contract, Discount, TariffChange, TariffChangeState
from models.usage import TrafficUsage
from services.accounts.contract_rows import Grouped, by_contract
from services.accounts.line_postings import book
from services.clock import local, midnight, now, today
from services.quotes.monthly import Line
from services.quotes.overage import steps_of
from services.quotes.subscription import next_month
from services.quotes.traffic import MonthTraffic, Quota, tariffs_in


@dataclass(frozen=True)
class Overage:
    """One month of one contract that is settled: its reading, and the line it costs (none: it is within the quota)."""

    usage_id: int
    traffic: MonthTraffic
    lines: tuple[Line, ...]

    def key(self, contract: Contract) -> str:
        """Return the key of the operation: a contract pays for a month once."""
        return f'overage:{contract.number}:{self.traffic.period:%Y-%m}'

    def basis(self, contract: Contract, line: Line) -> str:
        """Return what stands behind the line, in words."""
        return f'Договор № {contract.number}. {line.basis}'


def due(contracts: Sequence[Contract], on: date) -> dict[int, tuple[Overage, ...]]:
    """Return what is settled with the charge of this 1st, by the ids of the contracts; one query where nothing is.

    For a 1st that is to come the running month is in it, as far as it has been read.
    """
    ids = [contract.id for contract in contracts]
    waits = TrafficUsage.contract.in_(ids) & TrafficUsage.settled_at.is_null() & (TrafficUsage.period < on)
    rows = list(TrafficUsage.select().where(waits).order_by(TrafficUsage.period))
    return _overages(contracts, [row for row in rows if _is_whole(row)], on)


def settle(overages: Iterable[Overage], moment: datetime) -> None:
    """Close the months of readings that have just been charged."""
    ids = [each.usage_id for each in overages]
    if ids:
        TrafficUsage.update(settled_at=moment).where(TrafficUsage.id.in_(ids)).execute()


def charge_last(contract: Contract, last_day: date) -> None:
    """Charge what is above the quota up to the last day of a contract that ends, by the readings there are: no run
    will come for it any more."""
    waits = (TrafficUsage.contract == contract) & TrafficUsage.settled_at.is_null() & (TrafficUsage.period <= last_day)
    rows = list(TrafficUsage.select().where(waits).order_by(TrafficUsage.period))
    found = _overages([contract], rows, today()).get(contract.id, ())
    for each in found:
        for line in each.lines:
            book(contract, line, key=each.key(contract), basis=each.basis(contract, line))
    settle(found, now())


def _is_whole(row: TrafficUsage) -> bool:
    """Tell whether a reading holds its whole month; that of the running one is as good as there is."""
    return row.period >= today().replace(day=1) or row.taken_at >= midnight(next_month(row.period))


def _overages(contracts: Sequence[Contract], rows: Sequence[TrafficUsage], on: date) -> dict[int, tuple[Overage, ...]]:
    if not rows:
        return {}
    by_id = {contract.id: contract for contract in contracts}
    past = _Past([by_id[contract_id] for contract_id in {row.contract_id for row in rows}])
    found: dict[int, list[Overage]] = defaultdict(list)
    for row in rows:
        traffic = MonthTraffic(
            row.period,
            row.used_bytes,
            local(row.taken_at).date(),
            past.quotas(by_id[row.contract_id], row.period),
            past.extra_gb(row.contract_id, row.period),
        )
        found[row.contract_id].append(Overage(row.id, traffic, tuple(traffic.lines(on))))
    return {contract_id: tuple(each) for contract_id, each in found.items()}


class _Past:
    """What contracts had in months that are over: tariffs, promo codes for traffic, packages. Four queries."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        ids = [contract.id for contract in contracts]
        came = TariffChange.contract.in_(ids) & (TariffChange.state == TariffChangeState.APPLIED)
        changes = TariffChange.select().where(came).order_by(TariffChange.effective_on, TariffChange.id)
        self._changes: Grouped = by_contract(changes)
        gifts = Discount.contract.in_(ids) & (Discount.kind == PromoKind.TRAFFIC)
        self._gifts: Grouped = by_contract(Discount.select().where(gifts))
        packages: Any = ConnectedAddOn.select(ConnectedAddOn, AddOn).join(AddOn)
        is_traffic = ConnectedAddOn.contract.in_(ids) & (AddOn.kind == AddOnKind.TRAFFIC)
        self._packages: Grouped = by_contract(packages.where(is_traffic))
        tariffs = {contract.tariff_id for contract in contracts}
        tariffs |= {change.old_tariff_id for rows in self._changes.values() for change in rows}
        known: Any = Tariff.select().where(Tariff.id.in_(tariffs))
        self._quotas = {tariff.id: _quota(tariff) for tariff in known}

    def quotas(self, contract: Contract, period: date) -> tuple[Quota, ...]:
        """Return the quotas of the tariffs of a month, the last first."""
        changes = [(change.effective_on, change.old_tariff_id) for change in self._changes[contract.id]]
        found = tariffs_in(period, next_month(period), contract.tariff_id, changes)
        return tuple(self._quotas[tariff_id] for tariff_id in found)

    def extra_gb(self, contract_id: int, period: date) -> int:
        """Return the gigabytes that codes and packages added to a month; a code that ended within it counts."""
        gifts = (row for row in self._gifts[contract_id] if row.first_month <= period <= row.last_month)
        given = sum(row.traffic_gb or 0 for row in gifts if not row.ended_at or local(row.ended_at).date() > period)
        return given + sum(row.add_on.traffic_gb or 0 for row in self._packages[contract_id] if _is_of(row, period))


def _quota(tariff: Tariff) -> Quota:
    return Quota(tariff.code, tariff.name, tariff.quota_gb, steps_of(tariff.overage) if tariff.overage else ())


def _is_of(row: Any, period: date) -> bool:
    """Tell whether a package gave its traffic to a month: that in which it was bought, or each one while it is on."""
    begun, end = local(row.starts_at).date(), next_month(period)
    if not row.add_on.is_monthly:
        return period <= begun < end
    return begun < end and (row.ends_at is None or local(row.ends_at - timedelta(seconds=1)).date() >= period)
