"""The end of a contract: what is charged until its last day, what is returned for paid days after it, what is left."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO
from services.quotes.monthly import Item, Line, LineKind, Services, monthly_lines
from services.quotes.quote import Quote, Step, coming_charges, first_short_day
from services.quotes.subscription import Subscription, rubles, total

ACTION = 'terminate'
RETURN = 'Возврат за дни после расторжения'
KEPT = 'Не возвращено'


def quote_termination(subscription: Subscription, *, balance: Decimal, today: date, last_day: date) -> Quote:
    """Return what happens to the wallet until the contract is over: nothing today, the charges up to the last day, and
    on the day after it what is returned for days that are paid.

    A change of tariff planned for later falls away, one that comes before is counted.

    Args:
        balance: rubles now.
        last_day: the last one that is paid and works.
    """
    before = _without_later_plans(subscription, last_day)
    rest = balance
    steps = [Step(today, ZERO, rest)]
    for on, lines in coming_charges(before, today):
        if on > last_day:
            break
        rest -= total(lines)
        steps.append(Step(on, ZERO - total(lines), rest, tuple(lines)))
    returned = return_lines(before, last_day)
    end = Step(last_day + timedelta(days=1), ZERO - total(returned), rest - total(returned), tuple(returned))
    return Quote(ACTION, (), (*steps, end), first_short_day(before, steps))


def quote_end(subscription: Subscription, *, balance: Decimal, today: date, last_day: date) -> Quote:
    """Return what is booked when the last day is over: the returns, at once."""
    returned = tuple(return_lines(_without_later_plans(subscription, last_day), last_day))
    step = Step(today, ZERO - total(returned), balance - total(returned), returned)
    return Quote(ACTION, returned, (step,), None)


def return_lines(subscription: Subscription, last_day: date) -> list[Line]:
    """Return the negative lines for the paid days of the month after its last day; each is rounded once.

    Days that were paused are returned already; the rent of equipment goes on with a pause and is returned as well.
    """
    first = last_day + timedelta(days=1)
    if first.day == 1:
        return []
    after = _planned_done(subscription)
    days = after.paid_days(first)
    lines = [*after.part_lines(first, days), *monthly_lines(Services(after.rents), first_day=first)]
    basis = f'{RETURN}: с {first:%d.%m.%Y} до конца оплаченного месяца.'
    return [replace(line, sum=-line.sum, title=f'{RETURN}: {line.title}', basis=basis) for line in lines if line.sum]


def kept_line(device: Item, on: date) -> Line:
    """Return what a device of ours costs that is not given back: the price of the catalogue, rubles."""
    basis = 'Оборудование после расторжения не вернули: цена по каталогу.'
    return Line(on, LineKind.EQUIPMENT, device.code, f'{KEPT}: {device.name}', device.fee, rubles(device.fee), basis)


def _without_later_plans(subscription: Subscription, last_day: date) -> Subscription:
    planned = subscription.planned
    return replace(subscription, planned=None) if planned and planned.on > last_day else subscription


def _planned_done(subscription: Subscription) -> Subscription:
    """Return the subscription as it is on its last day: a planned tariff has come by then."""
    planned = subscription.planned
    if planned is None:
        return subscription
    return replace(subscription, tariff=planned.tariff, planned=None, discounts=())
