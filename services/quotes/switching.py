"""What changing the tariff inside a month costs: one line for the days that are left."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.money import ZERO, round_money
from services.quotes.monthly import Line, LineKind, days_in_month, monthly_lines, version_words
from services.quotes.subscription import Subscription, TariffTerms, days_left, rubles

_INTERNET = {LineKind.TARIFF, LineKind.BUNDLE}


def switch_lines(subscription: Subscription, new: TariffTerms, on: date) -> list[Line]:
    """Return the line of a move to `new` on this day: (new − old) × days left ÷ days of the month, rounded once.

    The day itself counts. A promo discount ends with the old tariff, so the old price is the discounted one; the bundle
    with TV follows the tariff on both sides. A cheaper tariff gives a line with minus: what is returned.
    """
    before = replace(subscription, planned=None)
    after = replace(before, tariff=new, discounts=())
    old_price, new_price = _internet_price(before, on), _internet_price(after, on)
    left, days = days_left(on), days_in_month(on)
    amount = round_money((new_price - old_price) * left / days)
    is_up = amount > ZERO
    line = Line(
        on=on,
        kind=LineKind.TARIFF,
        code=new.code,
        title=f'Переход на «{new.name}»: {"доплата" if is_up else "возврат"} до конца месяца',
        sum=amount,
        formula=f'({rubles(new_price)} − {rubles(old_price)}) × {left} из {days} дней',
        basis=f'{_BASIS_UP if is_up else _BASIS_DOWN} {version_words(new.item.on(on.replace(day=1)))}'.rstrip(),
    )
    return [line] if amount else []


_BASIS_UP = 'Тариф дороже начинает работать сразу. Доплата — за оставшиеся дни месяца, день перехода считается.'
_BASIS_DOWN = 'Месяц уже оплачен по прежней цене. Возврат — за оставшиеся дни, день перехода считается.'


def _internet_price(subscription: Subscription, day: date) -> Decimal:
    """Internet of a whole month as it is paid: with promo and bundle, without TV, rent and add-ons."""
    lines = monthly_lines(subscription.services_in(day), first_day=day.replace(day=1))
    return sum((line.sum for line in lines if line.kind in _INTERNET), ZERO)
