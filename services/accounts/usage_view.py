"""The traffic of a contract as its owner sees it: what was used of what, what is above and costs so far."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.contract import Contract
from services.accounts import overages
from services.clock import today
from services.quotes.subscription import next_month, total
from services.quotes.traffic import gigabytes


@dataclass(frozen=True)
class TrafficView:
    """A month that is not settled: gigabytes, and rubles for what is above so far, charged on `charged_on`."""

    period: date
    is_running: bool
    used_gb: Decimal
    included_gb: int
    left_gb: Decimal
    cost: Decimal
    read_on: date
    charged_on: date


def traffic_of(contract: Contract) -> tuple[TrafficView, ...]:
    """Return the months whose traffic the coming charge settles; none where the tariff is unlimited."""
    on = next_month(today())
    found = []
    for each in overages.due([contract], on).get(contract.id, ()):
        traffic = each.traffic
        if traffic.included_gb is not None:
            left = max(Decimal(0), traffic.included_gb - gigabytes(traffic.used_bytes))
            is_running = traffic.period == today().replace(day=1)
            sums = (traffic.used_gb, traffic.included_gb, left, total(each.lines))
            found.append(TrafficView(traffic.period, is_running, *sums, traffic.read_on, on))
    return tuple(found)
