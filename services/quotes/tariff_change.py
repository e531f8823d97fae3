"""Another tariff: at once with one line for the rest of the month, or from the next 1st."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.money import ZERO, round_money
from services.quotes.monthly import Line, LineKind, days_in_month, monthly_lines
from services.quotes.quote import Quote, outlook
from services.quotes.subscription import PlannedTariff, Subscription, TariffTerms, days_left, next_month, rubles

ACTION = 'tariff'
_INTERNET = {LineKind.TARIFF, LineKind.BUNDLE}


def quote_now(subscription: Subscription, new: TariffTerms, *, balance: Decimal, today: date) -> Quote:
    """Return the price of moving to `new` today: (new − old) × days left ÷ days of the month, rounded once.

    Today counts. A promo discount ends with the old tariff, so the old price is the discounted one; the bundle with TV
    follows the tariff on both sides.
    """
    after = replace(subscription, tariff=new, discounts=(), planned=None)
    old_price, new_price = _internet_price(subscription, today), _internet_price(after, today)
    left, days = days_left(today), days_in_month(today)
    line = Line(
        on=today,
        kind=LineKind.TARIFF,
        code=new.code,
        title=f'Переход на «{new.name}»: доплата до конца месяца',
        sum=round_money((new_price - old_price) * left / days),
        formula=f'({rubles(new_price)} − {rubles(old_price)}) × {left} из {days} дней',
        basis='Тариф дороже начинает работать сразу. Доплата — за оставшиеся дни месяца, сегодняшний считается.',
    )
    charges = [line] if line.sum > ZERO else []
    return outlook(ACTION, after, balance=balance, today=today, charges=charges)


def quote_next(subscription: Subscription, planned: PlannedTariff, *, balance: Decimal, today: date) -> Quote:
    """Return what moving on the next 1st costs: nothing today, then the new price; a fee comes with its month.

    Raises:
        ValueError: the change is planned for another day.
    """
    if planned.on != next_month(today):
        raise ValueError(f'{planned.on} is not the next 1st')
    after = replace(subscription, planned=planned)
    return outlook(ACTION, after, balance=balance, today=today)


def _internet_price(subscription: Subscription, day: date) -> Decimal:
    """Internet of a whole month as it is paid: with promo and bundle, without TV, rent and add-ons."""
    lines = monthly_lines(subscription.services_in(day), first_day=day.replace(day=1))
    return sum((line.sum for line in lines if line.kind in _INTERNET), ZERO)
