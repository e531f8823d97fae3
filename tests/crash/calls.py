"""The calls of the crash test: call k of worker w is always the same, with the same key, so it can be repeated and checked."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.account import OperationKind
from models.contract import Contract
from services.accounts import add_ons, billing, debt_blocks, ledger
from services.authority import locked
from services.clock import today
from services.runner import transactional

WORKERS = 2
NUMBERS = ('700001', '700002', '700003')
MONTHS, FEE, PACKAGE = 60, 1090, 300
answers_first = False


@dataclass(frozen=True)
class Call:
    """What is done, to which contract, and what the wallet must show of it: a key that begins so, kopecks."""

    what: str
    number: str
    key: str
    kopecks: int
    month: date | None = None


def call(worker, k):
    """Return call k of a worker."""
    chance = random.Random(f'{worker}:{k}')  # noqa: S311 - the same every time
    own = NUMBERS[worker]
    if k % 5 == 0 and k // 5 < MONTHS:
        month = _month_ago(k // 5 + 1)
        return Call('charge', own, f'month:{own}:{month:%Y-%m}:tariff:I-10G', -FEE, month)
    if k % 5 == 1:
        return Call('add_on', own, f'addon:crash-{worker}-{k}:add_on:A-T5', -PACKAGE)
    return Call('pay', chance.choice(NUMBERS), f'pay:crash-{worker}-{k}', chance.randint(100, 9_999))


def _month_ago(months):
    day = today().replace(day=1)
    for _ in range(months):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def perform(call, actors):
    """Do a call through the services."""
    contract = Contract.get(Contract.number == call.number)
    if call.what == 'charge':
        billing.charge_month(contract, call.month)
    elif call.what == 'add_on':
        actor = actors[call.number]
        shown = add_ons.quote('A-T5', actor=actor)
        add_ons.connect(shown.id, call.key.split(':')[1], actor=actor)
    else:
        _pay(contract, call)


@transactional
def _pay(contract, call):
    locked(contract)
    ledger.post(contract, posting(call))
    debt_blocks.review(contract)


def posting(call):
    """Return the payment of a call."""
    return ledger.Posting(call.key, OperationKind.PAYMENT, Decimal(call.kopecks) / 100, 'Оплата')
