"""Add-ons: a monthly one is paid for the rest of the month, a one-off in full."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.money import round_money
from services.quotes.monthly import Item, Line, days_in_month, version_words
from services.quotes.quote import Quote, outlook
from services.quotes.subscription import AddOnTerms, Limit, Subscription, days_left, rubles

ACTION = 'add_on'
BASIS = 'Услуга оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.'


def quote_monthly(
    subscription: Subscription, item: Item, *, balance: Decimal, today: date, limit: Limit | None = None
) -> Quote:
    """Return the price of a monthly add-on from today: price × days left ÷ days of the month; then the whole price.

    One that was disconnected and is paid to the end of this month goes on without a charge. The trust credit brings a
    `limit` with it: how far below zero the wallet may be while the add-on is connected.
    """
    others = tuple(a for a in subscription.add_ons if a.item.code != item.code)
    is_paid = any(a.item.code == item.code and a.until for a in subscription.add_ons)
    limits = tuple(each for each in subscription.limits if each.code != item.code)
    terms = AddOnTerms(item, least_kbit=limit.least_kbit if limit else 0)
    after = replace(subscription, add_ons=(*others, terms), limits=(*limits, limit) if limit else limits)
    left, days = days_left(today), days_in_month(today)
    part = '' if left == days else f' × {left} из {days} дней'
    line = Line(
        on=today,
        kind=item.kind,
        code=item.code,
        title=f'{item.name}: до конца месяца',
        sum=round_money(item.fee * left / days),
        formula=f'{rubles(item.fee)}{part}',
        basis=f'{BASIS} {version_words(item)}'.rstrip(),
    )
    charges = [] if is_paid or not line.sum else [line]
    return outlook(ACTION, after, balance=balance, today=today, charges=charges)


def quote_once(subscription: Subscription, item: Item, *, balance: Decimal, today: date) -> Quote:
    """Return the price of a one-off (a boost, a package of traffic): the whole price at once, once."""
    basis = 'Разовая услуга: оплачивается один раз, при подключении.'
    line = Line(today, item.kind, item.code, item.name, item.fee, rubles(item.fee), basis)
    return outlook(ACTION, subscription, balance=balance, today=today, charges=[line])
