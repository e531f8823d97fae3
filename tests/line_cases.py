"""Lines in every state, for the tests of the list and of the ticks. Each works inside `db` and after `committed_db`."""

from datetime import timedelta

from models.contract import ContractStatus, DebtBlock, Discount, Suspension, TariffChange, TariffChangeState
from models.line import LineState, LineTick
from services.clock import now, today
from services.runner import with_connection
from tests import factories


@with_connection
def line(**fields):
    """Return a contract connected two months ago, without a login."""
    owner = factories.make_subscriber()
    return factories.make_contract(subscriber=owner, **{'active_on': today() - timedelta(days=60), **fields})


@with_connection
def blocked(contract=None, **fields):
    """Return a contract whose line is blocked for debt since an hour."""
    contract = contract or line()
    DebtBlock.create(contract=contract, **{'started_at': now() - timedelta(hours=1), **fields})
    return contract


@with_connection
def paid(contract):
    """End the block of a contract now."""
    DebtBlock.update(ended_at=now()).where(DebtBlock.contract == contract).execute()


@with_connection
def paused(contract=None, starts=0, days=10, **fields):
    """Return a contract its subscriber paused, from so many days after today."""
    contract = contract or line()
    first = today() + timedelta(days=starts)
    dates = {'starts_on': first, 'ends_on': first + timedelta(days=days), 'created_at': now() - timedelta(days=40)}
    Suspension.create(contract=contract, form_key=factories.key(), **{**dates, **fields})
    return contract


@with_connection
def terminated(on=None):
    """Return a contract that is over since yesterday."""
    return line(status=ContractStatus.TERMINATED, terminated_on=on or today() - timedelta(days=1))


@with_connection
def changed(contract=None, days_ago=1):
    """Return a contract that moved from I-50 to I-100 a day ago."""
    contract = contract or line()
    slow = factories.make_tariff('I-50')
    TariffChange.create(
        contract=contract,
        old_tariff=slow,
        new_tariff=contract.tariff,
        effective_on=today() - timedelta(days=days_ago),
        state=TariffChangeState.APPLIED,
        form_key=factories.key(),
        created_at=now(),
    )
    return contract


@with_connection
def boosted(contract=None, **fields):
    """Return a contract with twice the speed for a day."""
    contract = contract or line()
    factories.connect_add_on(contract, 'A-B1', **fields)
    return contract


@with_connection
def with_code(contract=None, *, first=-1, last=1, percent=150):
    """Return a contract with a code for speed; months counted from this one."""
    contract = contract or line()
    this = today().replace(day=1)
    months = [(this + timedelta(days=31 * shift)).replace(day=1) for shift in (first, last)]
    Discount.create(contract=contract, kind='speed', percent=percent, first_month=months[0], last_month=months[1])
    return contract


@with_connection
def left(contract, actor, state='off', *, ago=timedelta(hours=2), **fields):
    """Write that an engineer left a line so."""
    speeds = {'down_kbit': contract.tariff.down_kbit, 'up_kbit': contract.tariff.up_kbit} if state == 'on' else {}
    work = 'restore' if state == 'on' else 'cut'
    defaults = {'work': work, 'state': LineState(state), 'form_key': factories.key(), 'done_at': now() - ago}
    return LineTick.create(contract=contract, done_by=actor.user_id, **{**defaults, **speeds, **fields})


@with_connection
def of_every_kind(actor):
    """Return lines of every kind an engineer has to look after, and some that are as they should be."""
    again = [blocked(), paused(starts=-20), line()]  # they are off, and may work again
    for contract in again:
        left(contract, actor)
    paid(again[0])
    cut = [blocked(), paused(), terminated()]
    other_speed = [changed(), boosted(), with_code(first=0), with_code(first=-3, last=-1)]
    fine = [
        line(),
        line(tariff='I-50'),
        blocked(),
        paid_in_time(),
        paused(starts=3),
        paused(starts=-20),
        with_code(first=-3),
    ]
    left(fine[1], actor, 'on')
    left(fine[2], actor)
    return again, cut, other_speed, fine


@with_connection
def paid_in_time():
    """Return a contract that was blocked and has paid before an engineer came to it."""
    contract = blocked()
    paid(contract)
    return contract


def numbers(rows):
    """Return the contract numbers of rows or contracts, sorted."""
    return sorted(row.number for row in rows)
