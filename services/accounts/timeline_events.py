"""The events of a contract table by table, as branches of one query: what happened, when, in which words."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from peewee import SQL, Value, fn

from models.account import Account, AccountKind, Entry, Operation
from models.base import is_postgres
from models.catalogue import AddOn, Equipment, Tariff
from models.contract import (
    ConnectedAddOn,
    Contract,
    DebtBlock,
    EquipmentUnit,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.equipment import UNANNOUNCED, EquipmentOrder, EquipmentReturn, OrderState, ReturnState
from models.outbox import OutgoingMessage, OutgoingState
from models.termination import Termination
from services.money import ZERO
from services.quotes.equipment import BUY_OUT_TITLE


class Kind(StrEnum):
    """What a line of the history is. The order is that of lines of one instant, the later first."""

    MONEY = 'money'
    TARIFF = 'tariff'
    TARIFF_CALLED_OFF = 'tariff_called_off'
    ADD_ON = 'add_on'
    ADD_ON_OFF = 'add_on_off'
    SUSPENDED = 'suspended'
    RESUMED = 'resumed'
    PROMISED = 'promised'
    PROMISE_KEPT = 'promise_kept'
    PROMISE_LAPSED = 'promise_lapsed'
    BLOCKED = 'blocked'
    UNBLOCKED = 'unblocked'
    END_ASKED = 'end_asked'
    END_WITHDRAWN = 'end_withdrawn'
    ENDED = 'ended'
    DEVICE_ORDERED = 'device_ordered'
    DEVICE_ORDER_OFF = 'device_order_off'
    DEVICE_ISSUED = 'device_issued'
    RETURN_ANNOUNCED = 'return_announced'
    RETURN_OFF = 'return_off'
    DEVICE_RETURNED = 'device_returned'
    DEVICE_BOUGHT = 'device_bought'
    LETTER = 'letter'


class Part(StrEnum):
    """What one may look for; nothing is everything."""

    ALL = ''
    CHARGES = 'charges'
    PAYMENTS = 'payments'
    CHANGES = 'changes'
    LETTERS = 'letters'


SEARCHED = {
    Kind.TARIFF: 'смена тарифа',
    Kind.TARIFF_CALLED_OFF: 'смена тарифа отменена',
    Kind.ADD_ON: 'услуга подключена',
    Kind.ADD_ON_OFF: 'услуга отключена',
    Kind.SUSPENDED: 'приостановка интернета',
    Kind.RESUMED: 'возобновление интернета',
    Kind.PROMISED: 'обещанный платёж',
    Kind.PROMISE_KEPT: 'обещанный платёж погашен',
    Kind.PROMISE_LAPSED: 'обещанный платёж не погашен',
    Kind.BLOCKED: 'блокировка за долг',
    Kind.UNBLOCKED: 'блокировка снята',
    Kind.END_ASKED: 'просьба о расторжении',
    Kind.END_WITHDRAWN: 'расторжение отозвано',
    Kind.ENDED: 'договор расторгнут',
    Kind.DEVICE_ORDERED: 'заказ устройства',
    Kind.DEVICE_ORDER_OFF: 'заказ устройства отменён',
    Kind.DEVICE_ISSUED: 'устройство выдано',
    Kind.RETURN_ANNOUNCED: 'возврат устройства заявлен',
    Kind.RETURN_OFF: 'возврат устройства отменён',
    Kind.DEVICE_RETURNED: 'устройство принято',
    Kind.DEVICE_BOUGHT: 'устройство выкуплено',
    Kind.LETTER: 'письмо',
}
"""Words by which a search finds a line beside its own name."""

COLUMNS = ('at', 'rank', 'id', 'name', 'starts_on', 'ends_on', 'amount')
"""What every branch selects, in this order; and `words`, in which a search looks."""


def branches(contract: Contract, part: Part, *, with_letters: bool) -> list[Any]:
    """Return the queries of one part of what happened to a contract, each with the same columns."""
    found: list[Any] = []
    if part in (Part.ALL, Part.CHARGES, Part.PAYMENTS):
        found.append(_money(contract, part))
    if part in (Part.ALL, Part.CHANGES):
        found.extend(_changes(contract))
    if part in (Part.ALL, Part.LETTERS) and with_letters:
        at, name = OutgoingMessage.sent_at, OutgoingMessage.subject
        mine = (OutgoingMessage.contract_number == contract.number) & (OutgoingMessage.state == OutgoingState.SENT)
        found.append(_branch(Kind.LETTER, OutgoingMessage, at, name=name).where(mine))
    return found


def _money(contract: Contract, part: Part) -> Any:
    own = (Account.contract == contract) & (Account.kind == AccountKind.WALLET)
    branch = _branch(Kind.MONEY, Entry, Operation.booked_at, name=Operation.title, amount=Entry.amount)
    branch = branch.join(Operation).switch(Entry).join(Account).where(own)
    if part == Part.ALL:
        return branch
    return branch.where(Entry.amount < ZERO if part == Part.CHARGES else Entry.amount > ZERO)


def _changes(contract: Contract) -> Iterable[Any]:
    tariff, name = (TariffChange.contract == contract), Tariff.name
    called_off = TariffChange.state == TariffChangeState.CANCELLED
    new = TariffChange.new_tariff == Tariff.id
    for kind, which in ((Kind.TARIFF, ~called_off), (Kind.TARIFF_CALLED_OFF, called_off)):
        branch = _branch(kind, TariffChange, TariffChange.created_at, name=name, starts_on=TariffChange.effective_on)
        yield branch.join(Tariff, on=new).where(tariff & which)
    for kind, at in ((Kind.ADD_ON, ConnectedAddOn.starts_at), (Kind.ADD_ON_OFF, ConnectedAddOn.disconnected_at)):
        branch = _branch(kind, ConnectedAddOn, at, name=AddOn.name).join(AddOn)
        yield branch.where(ConnectedAddOn.contract == contract)
    days = {'starts_on': Suspension.starts_on, 'ends_on': Suspension.ends_on}
    for kind, at in ((Kind.SUSPENDED, Suspension.created_at), (Kind.RESUMED, _as_instant(Suspension.resumed_on))):
        branch = _branch(kind, Suspension, at, **days)
        resumed = Suspension.resumed_on.is_null(False) & ~_ended(contract, Termination.last_day < Suspension.resumed_on)
        yield branch.where((Suspension.contract == contract) & (resumed if kind == Kind.RESUMED else True))
    yield from _of_debt(contract)
    yield from _of_end(contract)
    yield from _of_devices(contract)


def _of_debt(contract: Contract) -> Iterable[Any]:
    promise, block = PromisedPayment, DebtBlock
    of_promise = (
        (Kind.PROMISED, promise.promised_at),
        (Kind.PROMISE_KEPT, promise.fulfilled_at),
        (Kind.PROMISE_LAPSED, promise.lapsed_at),
    )
    for kind, at in of_promise:
        yield _branch(kind, promise, at, amount=promise.amount).where(promise.contract == contract)
    yield _branch(Kind.BLOCKED, block, block.started_at).where(block.contract == contract)
    back = (block.contract == contract) & ~_ended(contract, Termination.executed_at == block.ended_at)
    yield _branch(Kind.UNBLOCKED, block, block.ended_at).where(back)


def _of_end(contract: Contract) -> Iterable[Any]:
    asked = (
        (Kind.END_ASKED, Termination.requested_at),
        (Kind.END_WITHDRAWN, Termination.cancelled_at),
        (Kind.ENDED, Termination.executed_at),
    )
    for kind, at in asked:
        yield _branch(kind, Termination, at, starts_on=Termination.last_day).where(Termination.contract == contract)


def _of_devices(contract: Contract) -> Iterable[Any]:
    order, back, unit = EquipmentOrder, EquipmentReturn, EquipmentUnit
    called_off = order.state == OrderState.CANCELLED
    for kind, at, which in (
        (Kind.DEVICE_ORDERED, order.ordered_at, True),
        (Kind.DEVICE_ORDER_OFF, order.closed_at, called_off),
    ):
        yield _branch(kind, order, at, name=Equipment.name).join(Equipment).where((order.contract == contract) & which)
    for kind, at in ((Kind.DEVICE_ISSUED, unit.installed_at), (Kind.DEVICE_RETURNED, unit.returned_at)):
        yield _branch(kind, unit, at, name=Equipment.name).join(Equipment).where(unit.contract == contract)
    in_advance = ~back.form_key.startswith(UNANNOUNCED)
    for kind, at, which in (
        (Kind.RETURN_ANNOUNCED, back.announced_at, in_advance),
        (Kind.RETURN_OFF, back.closed_at, back.state == ReturnState.CALLED_OFF),
    ):
        branch = _branch(kind, back, at, name=Equipment.name).join(EquipmentUnit).join(Equipment)
        yield branch.where((back.contract == contract) & which)
    bought = Operation.key.startswith('buy-out:') & Operation.title.startswith(BUY_OUT_TITLE)
    name = fn.SUBSTR(Operation.title, len(BUY_OUT_TITLE) + 1)
    branch = _branch(Kind.DEVICE_BOUGHT, Operation, Operation.booked_at, name=name)
    yield branch.where((Operation.contract == contract) & bought)


def _ended(contract: Contract, which: Any) -> Any:
    """Return as SQL that the contract ended so: a pause or a block that was over with it brought nothing back."""
    return fn.EXISTS(Termination.select(Termination.id).where((Termination.contract == contract) & which))


def _branch(kind: Kind, model: Any, at: Any, **columns: Any) -> Any:
    """Return the events of one table: the same columns for all; what has not happened is not there."""
    empty = {'name': Value('').cast('text'), 'amount': SQL('0')}
    empty |= dict.fromkeys(('starts_on', 'ends_on'), SQL('CAST(NULL AS DATE)'))
    found = {**empty, **columns}
    words = SEARCHED.get(kind, '')
    name = found['name'] if kind == Kind.MONEY else Value(f'{words} ').cast('text').concat(found['name'])
    rank, number = Value(list(Kind).index(kind)).cast('integer'), model.id
    query = model.select(
        at.alias('at'), rank.alias('rank'), number.alias('id'),
        *(column.alias(title) for title, column in found.items()), name.alias('words'),
    )  # fmt: skip
    is_date = kind == Kind.RESUMED
    return query if is_date else query.where(at.is_null(False))


def _as_instant(day: Any) -> Any:
    return day.cast('timestamp') if is_postgres() else day.concat(' 00:00:00')
