"""Devices: rented for the rest of the month, bought once, bought out, brought back with the rent of the days left.

The rent goes on while the internet is paused or blocked (DOMAIN §7.4), so days are counted without a look at pauses.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO, round_money
from services.quotes.monthly import Item, Line, LineKind, days_in_month
from services.quotes.quote import Quote, outlook
from services.quotes.subscription import Subscription, days_left, next_month, rubles

BUY_OUT_TITLE = 'Выкуп: '
ORDER, HAND_OVER, BUY_OUT, RETURN = 'equipment_order', 'equipment_hand_over', 'equipment_buy_out', 'equipment_return'


@dataclass(frozen=True)
class Rented:
    """A rented device: what it costs a month, the price of the catalogue, its first day here."""

    item: Item
    since: date
    buy_price: Decimal = ZERO


def quote_rent(action: str, subscription: Subscription, item: Item, *, balance: Decimal, today: date) -> Quote:
    """Return the price of renting a further device from today: fee × days left ÷ days of the month; then the fee."""
    after = replace(subscription, rents=(*subscription.rents, item))
    left, days = days_left(today), days_in_month(today)
    line = Line(
        on=today,
        kind=LineKind.RENT,
        code=item.code,
        title=f'{item.name}: до конца месяца',
        sum=round_money(item.fee * left / days),
        formula=f'{rubles(item.fee)}{_part(left, days)}',
        basis='Аренда оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.',
    )
    return outlook(action, after, balance=balance, today=today, charges=[line] if line.sum else [])


def quote_buy(action: str, subscription: Subscription, item: Item, *, balance: Decimal, today: date) -> Quote:
    """Return the price of buying a device: the whole price, once; nothing changes in the months to come."""
    basis = 'Покупка оборудования: оплачивается один раз.'
    line = Line(today, LineKind.EQUIPMENT, item.code, item.name, item.fee, rubles(item.fee), basis)
    return outlook(action, subscription, balance=balance, today=today, charges=[line])


def quote_buy_out(
    subscription: Subscription,
    device: Rented,
    rents: tuple[Item, ...],
    *,
    balance: Decimal,
    today: date,
    counted_percent: int,
) -> Quote:
    """Return the price of buying the rented device: the catalogue's, minus a share of the rent paid for it so far; the
    rent of the days after today comes back.

    Args:
        rents: what is still rented then.
        counted_percent: how much of the rent paid so far counts (rules: buyout_rent_percent).
    """
    item, price = device.item, device.buy_price
    basis = 'Выкуп арендованного устройства по цене каталога.'
    charges = [Line(today, LineKind.EQUIPMENT, item.code, f'{BUY_OUT_TITLE}{item.name}', price, rubles(price), basis)]
    paid = paid_rent(item, device.since, today)
    share = min(price, round_money(paid * counted_percent / 100))
    if share:
        title, formula = 'Засчитываем уплаченную аренду', f'{rubles(paid)} × {counted_percent} / 100'
        basis = f'При выкупе засчитывается {counted_percent} % аренды с {device.since:%d.%m.%Y} по сегодняшний день.'
        charges.append(Line(today, LineKind.EQUIPMENT, f'{item.code}:share', title, -share, formula, basis))
    charges += rent_back(item, today)
    return outlook(BUY_OUT, replace(subscription, rents=rents), balance=balance, today=today, charges=charges)


def quote_return(
    subscription: Subscription, device: Rented, rents: tuple[Item, ...], *, balance: Decimal, today: date
) -> Quote:
    """Return what bringing a rented device back today changes; `rents` is what is still rented then."""
    after, charges = replace(subscription, rents=rents), rent_back(device.item, today)
    return outlook(RETURN, after, balance=balance, today=today, charges=charges)


def rent_back(item: Item, today: date) -> list[Line]:
    """Return the rent of the days after today, which comes back; nothing on the last day of a month."""
    left, days = days_left(today) - 1, days_in_month(today)
    back = round_money(item.fee * left / days)
    basis = 'Месяц аренды оплачен вперёд: возвращаем дни после сегодняшнего.'
    formula = f'{rubles(item.fee)}{_part(left, days)}'
    title = f'Возврат аренды: {item.name}'
    return [Line(today, LineKind.RENT, item.code, title, -back, formula, basis)] if back else []


def paid_rent(item: Item, since: date, today: date) -> Decimal:
    """Return the rent from the first day to today, both counted, each month at its price, rounded once as charged."""
    paid, first = ZERO, since
    while first <= today:
        end = min(next_month(first), today + timedelta(days=1))
        paid += round_money(item.on(first).fee * (end - first).days / days_in_month(first))
        first = next_month(first)
    return paid


def _part(left: int, days: int) -> str:
    return '' if left == days else f' × {left} из {days} дней'
