"""A wallet in plain integers of kopecks: the rules of the house written a second time, without a line of the product.

Whatever the services do with a contract, this model does too; `None` is a refusal. Halves of a kopeck go away from zero.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta

TARIFFS = {'I-50': 2290, 'I-100': 2990, 'I-200': 3690, 'I-500': 4990}
LINES = {'I-50': {'cable'}, 'I-100': {'cable', 'fibre'}, 'I-200': {'fibre'}, 'I-500': {'fibre'}}
MONTHLY = {'A-IP': 600, 'A-AV': 269}
BOOSTS = {'A-B1': (295, 1), 'A-B7': (650, 7)}
RENT, DOWN_FEE, PROMISE = 450, 330, 2000
RECONNECTION, FREE_DAYS = 334, 10
GRACE, PROMISE_DAYS, PROMISE_PAUSE, DOWN_PAUSE, PAUSES_A_YEAR = 3, 5, 30, 30, 2


def part(price, days, of):
    """Return price × days ÷ of in whole kopecks, half away from zero."""
    whole, rest = divmod(abs(price) * days, of)
    kopecks = whole + (2 * rest >= of)
    return kopecks if price >= 0 else -kopecks


def length(day):
    """Return the days of a month."""
    return calendar.monthrange(day.year, day.month)[1]


def first_of_next(day):
    """Return the 1st of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@dataclass
class Pause:
    """Days that are not paid: from `starts` to the day before `ends`; `ordered` is the end as it was ordered."""

    starts: date
    ends: date
    ordered: date
    is_over: bool = False

    def is_open(self, day):
        return not self.is_over and self.ordered > day


@dataclass
class Wallet:
    """A contract with a rented router; every deed returns the kopecks the wallet moves by, None when it is refused."""

    since: date
    day: date
    balance: int = 0
    tariff: str = 'I-100'
    planned: tuple[str, date] | None = None
    services: dict[str, date | None] = field(default_factory=dict)
    boost_until: date | None = None
    pauses: list[Pause] = field(default_factory=list)
    promised_on: date | None = None
    lapsed_on: date | None = None
    last_down: date | None = None
    blocked_on: date | None = None
    paid: list[int] = field(default_factory=list)

    @property
    def is_blocked(self):
        return self.blocked_on is not None

    @property
    def fee(self):
        """What ending the block costs today."""
        is_long = self.blocked_on and self.day > self.blocked_on + timedelta(days=FREE_DAYS)
        return RECONNECTION if is_long else 0

    def begin(self):
        """The rest of the first month."""
        return self._move(-self._month(self.since))

    # --- what a person does ------------------------------------------------------------------------------------

    def top_up(self, kopecks):
        self.paid.append(kopecks)
        return self._move(kopecks)

    def reverse(self):
        return self._move(-self.paid.pop()) if self.paid else None

    def change_tariff(self, to, when):
        on = {'now': self.day, 'next': first_of_next(self.day)}.get(when, when)
        is_down = TARIFFS[to] < TARIFFS[self.tariff]
        if (
            self.is_blocked
            or self._open_pause()
            or self.planned
            or to == self.tariff
            or not LINES[to] & LINES[self.tariff]
        ):
            return None
        if is_down and (on.day != 1 or (self.last_down and on < self.last_down + timedelta(days=DOWN_PAUSE))):
            return None
        if on > self.day:
            self.planned = (to, on)
            return 0
        price = self._switch(to, on)
        if price > max(0, self.balance):
            return None
        self._become(to, on)
        return self._move(-price, review=False)

    def cancel_tariff(self):
        is_planned, self.planned = self.planned is not None, None
        return 0 if is_planned else None

    def connect(self, code):
        if self.is_blocked or self._open_pause() or (code in self.services and self.services[code] is None):
            return None
        price = (
            0 if code in self.services else part(MONTHLY[code], length(self.day) - self.day.day + 1, length(self.day))
        )
        if price > max(0, self.balance):
            return None
        self.services[code] = None
        return self._move(-price, review=False)

    def disconnect(self, code):
        if code not in self.services:
            return None
        self.services[code] = self.services[code] or first_of_next(self.day)
        return 0

    def boost(self, code):
        price, days = BOOSTS[code]
        runs = self.boost_until and self.day < self.boost_until
        if self.is_blocked or self._open_pause() or runs or price > max(0, self.balance):
            return None
        self.boost_until = self.day + timedelta(days=days)
        return self._move(-price, review=False)

    def suspend(self, starts, days):
        same_year = [p for p in self.pauses if p.starts.year == starts.year and p.ends > p.starts]
        is_between = self.planned and self.planned[1].day != 1
        if self._open_pause() or is_between or self.balance < 0 or self.is_blocked or len(same_year) >= PAUSES_A_YEAR:
            return None
        ends = starts + timedelta(days=days)
        back = self._days(starts, min(ends, first_of_next(self.day)))
        self.pauses.append(Pause(starts, ends, ends))
        return self._move(back, review=False)

    def resume(self):
        pause = self._open_pause()
        if pause is None:
            return None
        on = max(self.day, pause.starts)
        price = self._days(on, min(pause.ends, first_of_next(self.day)))
        if price > max(0, self.balance):
            return None
        pause.ends, pause.is_over = on, True
        return self._move(-price)

    def promise(self):
        is_too_soon = self.lapsed_on and (self.day - self.lapsed_on).days < PROMISE_PAUSE
        if self.promised_on or is_too_soon or not -PROMISE <= self.balance - self.fee < 0:
            return None
        self.promised_on = self.day
        return self._move(0)

    # --- what the nights do ------------------------------------------------------------------------------------

    def night(self):
        """The day begins: the charge of the 1st, a tariff planned for today, promises that are due, debts."""
        before, self.day = self.balance, self.day + timedelta(days=1)
        self.services = {code: until for code, until in self.services.items() if until is None or until > self.day}
        if self.day.day == 1:
            self._charge()
        elif self.planned and self.planned[1] <= self.day:
            self._switch_on_its_day()
        if self.promised_on and self.day > self.promised_on + timedelta(days=PROMISE_DAYS):
            self.lapsed_on, self.promised_on = (self.day if self.balance < 0 else self.lapsed_on), None
        self._review()
        return self.balance - before

    def _charge(self):
        to = self.tariff
        if self.planned and self.planned[1] <= self.day:
            to, self.planned = self.planned[0], None
        fee = DOWN_FEE if TARIFFS[to] < TARIFFS[self.tariff] else 0
        self._become(to, self.day)
        self._move(-self._month(self.day) - fee)

    def _switch_on_its_day(self):
        (to, on), self.planned = self.planned, None
        price = self._switch(to, on)
        if self.is_blocked or self._open_pause() or price > max(0, self.balance):
            return
        self._become(to, on)
        self._move(-price, review=False)

    # --- how it is counted -------------------------------------------------------------------------------------

    def next_month(self):
        """Return what the coming 1st will charge."""
        month = first_of_next(self.day)
        copy = Wallet(self.since, month, tariff=self.tariff, pauses=self.pauses)
        copy.services = {code: until for code, until in self.services.items() if until is None or until > month}
        fee = 0
        if self.planned and self.planned[1] <= month:
            copy.tariff = self.planned[0]
            is_then = self.planned[1] == month
            fee = DOWN_FEE if is_then and TARIFFS[copy.tariff] < TARIFFS[self.tariff] else 0
        return copy._month(month) + fee

    def _month(self, first):
        """The month from this day: paused days are free, the rent is not."""
        end, of = first_of_next(first), length(first)
        days = sum(1 for n in range((end - first).days) if not self._is_paused(first + timedelta(days=n)))
        prices = [TARIFFS[self.tariff], *(MONTHLY[code] for code in self.services)]
        return sum(part(price, days, of) for price in prices) + part(RENT, (end - first).days, of)

    def _days(self, start, end):
        """Some days of a month that is paid, without the rent."""
        month = start.replace(day=1)
        stays = [code for code, until in self.services.items() if until is None or until > month]
        prices = [TARIFFS[self.tariff], *(MONTHLY[code] for code in stays)]
        return sum(part(price, max(0, (end - start).days), length(start)) for price in prices)

    def _switch(self, to, on):
        difference, fee = TARIFFS[to] - TARIFFS[self.tariff], DOWN_FEE if TARIFFS[to] < TARIFFS[self.tariff] else 0
        return part(difference, length(on) - on.day + 1, length(on)) + fee

    def _become(self, to, on):
        self.last_down = on if TARIFFS[to] < TARIFFS[self.tariff] else self.last_down
        self.tariff = to

    def _is_paused(self, day):
        return any(p.starts <= day < p.ends for p in self.pauses)

    def _open_pause(self):
        return next((p for p in self.pauses if p.is_open(self.day)), None)

    def _move(self, kopecks, *, review=True):
        self.balance += kopecks
        if review:
            self._review()
        return kopecks

    def _review(self):
        if self.promised_on and self.balance >= self.fee:
            self.promised_on = None
        is_covered = self.balance + (PROMISE if self.promised_on else 0) >= self.fee
        pause = self._open_pause()
        is_spared = (pause and pause.starts <= self.day) or self.day < self.since + timedelta(days=GRACE)
        if self.is_blocked and is_covered:
            self.balance -= self.fee
            self.blocked_on = None
        elif not self.is_blocked and not is_covered and not is_spared:
            self.blocked_on = self.day
