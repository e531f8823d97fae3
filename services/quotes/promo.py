"""What the promo codes of a contract give in a month beside the price: more speed, more traffic."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.quotes.subscription import DiscountTerms, Subscription, next_month


@dataclass(frozen=True)
class RunningPromo:
    """A promo effect a contract enjoys; it ends with `last_day`, or with the tariff."""

    title: str
    last_day: date


def promos_in(subscription: Subscription, day: date) -> tuple[RunningPromo, ...]:
    """Return the promo effects of the month of this day."""
    return tuple(
        RunningPromo(discount.effect.title, next_month(discount.last_month) - timedelta(days=1))
        for discount in _lasting(subscription, day)
    )


def down_kbit_in(subscription: Subscription, down_kbit: int, day: date) -> int:
    """Return the speed of the month of this day, kbit/s: that of the tariff times what a code for speed gives."""
    percents = [d.effect.percent for d in _lasting(subscription, day) if d.effect.kind == 'speed' and d.effect.percent]
    return max((down_kbit * percent // 100 for percent in percents), default=down_kbit)


def extra_gb_in(subscription: Subscription, day: date) -> int:
    """Return the gigabytes that codes for traffic add to the month of this day."""
    return sum(d.effect.traffic_gb or 0 for d in _lasting(subscription, day) if d.effect.kind == 'traffic')


def _lasting(subscription: Subscription, day: date) -> list[DiscountTerms]:
    """Return what lasts in a month; everything ends with the tariff it was given on."""
    month, planned = day.replace(day=1), subscription.planned
    if planned is not None and planned.on <= day:
        return []
    return [each for each in subscription.discounts if each.first_month <= month <= each.last_month]
