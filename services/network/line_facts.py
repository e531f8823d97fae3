"""The facts about lines, read by one query however many there are; lines nothing ever happened to stay outside."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, DateField, fn

from models.catalogue import AddOn, AddOnKind, Equipment, EquipmentKind, PromoKind, Tariff
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    DebtBlock,
    Discount,
    EquipmentUnit,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.fields import UtcDateTimeField
from models.line import LineState, LineTick
from models.payment import Payment
from services.clock import now, today
from services.network.lines import Done, LineFacts, Speed
from services.payments import in_flight

_MOMENT: Any = UtcDateTimeField()
_DAY: Any = DateField()
_DAYS = ('terminated_on', 'paused_on', 'back_on', 'changed_on')
_MOMENTS = ('blocked_at', 'unblocked_at', 'boosted_at', 'boost_over_at')
_FIRST: Any = Tariff.alias()


@dataclass(frozen=True)
class Line:
    """One line: where it is, what hangs on it, and what decides about it. `is_paying`: money is on its way."""

    contract_id: int
    number: str
    address: str
    tariff: str
    serial: str
    mac: str
    is_paying: bool
    facts: LineFacts


def read(condition: Any = None) -> list[Line]:
    """Return the lines that may want work, and fit the condition; one query."""
    query = _query().where(_may_want_work())
    if condition is not None:
        query = query.where(condition)
    return [_line(row) for row in query.order_by(Contract.id).dicts()]


def read_one(contract_id: int) -> Line | None:
    """Return the line of a contract, whatever is with it; None where there is none."""
    return next((_line(row) for row in _query().where(Contract.id == contract_id).dicts()), None)


def _query() -> Any:
    day = today()
    paused = Suspension.resumed_on.is_null() & (Suspension.starts_on <= day) & (Suspension.ends_on > day)
    columns = {name: column.alias(name) for name, column in _columns(day).items()}
    return (
        Contract.select(*columns.values())
        .join(Tariff)
        .join_from(Contract, DebtBlock, JOIN.LEFT_OUTER, on=_of(DebtBlock, DebtBlock.ended_at.is_null()))
        .join_from(Contract, Suspension, JOIN.LEFT_OUTER, on=_of(Suspension, paused))
        .join_from(Contract, LineTick, JOIN.LEFT_OUTER, on=(LineTick.id == _newest_tick()))
        .join_from(Contract, TariffChange, JOIN.LEFT_OUTER, on=(TariffChange.id == _first_change()))
        .join_from(TariffChange, _FIRST, JOIN.LEFT_OUTER, on=(TariffChange.old_tariff == _FIRST.id))
        .where(Contract.active_on.is_null(False))  # a draft, a void one: nothing was connected
        .where(Contract.status.in_((ContractStatus.ACTIVE, ContractStatus.TERMINATED)))
    )


def _columns(day: date) -> dict[str, Any]:
    month = day.replace(day=1)
    this_month = (Discount.first_month <= month) & (Discount.last_month >= month) & Discount.ended_at.is_null()
    paying = Payment.select().where((Payment.contract == Contract.id) & in_flight.in_flight())
    return {
        'contract_id': Contract.id,
        'number': Contract.number,
        'address': Contract.address,
        'tariff': Tariff.name,
        'down': Tariff.down_kbit,
        'up': Tariff.up_kbit,
        'first_down': fn.COALESCE(_FIRST.down_kbit, Tariff.down_kbit),
        'first_up': fn.COALESCE(_FIRST.up_kbit, Tariff.up_kbit),
        'status': Contract.status,
        'active_on': Contract.active_on,
        'terminated_on': Contract.terminated_on,
        'blocked_at': DebtBlock.started_at,
        'unblocked_at': _ended_block(),
        'paused_on': Suspension.starts_on,
        'back_on': _ended_pause(day),
        'changed_on': _last_change(),
        'promo': _promo(this_month),
        'first_promo': _promo(Discount.first_month <= Contract.active_on),
        'boost': _boosts(fn.MAX(AddOn.speed_factor), ConnectedAddOn.ends_at > now()),
        'boosted_at': _boosts(fn.MAX(ConnectedAddOn.starts_at), ConnectedAddOn.ends_at > now()),
        'boost_over_at': _boosts(fn.MAX(ConnectedAddOn.ends_at), ConnectedAddOn.ends_at <= now()),
        'serial': _terminal(EquipmentUnit.serial),
        'mac': _terminal(EquipmentUnit.mac),
        'paying': fn.EXISTS(paying),
        'state': LineTick.state,
        'left_down': LineTick.down_kbit,
        'left_up': LineTick.up_kbit,
        'done_at': LineTick.done_at,
    }


def _may_want_work() -> Any:
    """Return the condition that leaves out lines which are as they should be; lines.py has the last word.

    Wanted off and not off, off and wanted on, or on at another speed: by a tick, by the tariff it was connected with,
    by a boost or a code for speed.
    """
    must_be_off = (
        (Contract.status == ContractStatus.TERMINATED) | DebtBlock.id.is_null(False) | Suspension.id.is_null(False)
    )
    is_off = fn.COALESCE(LineTick.state, '') == str(LineState.OFF)
    was_down, was_up = (
        fn.COALESCE(left, first, now_)
        for left, first, now_ in (
            (LineTick.down_kbit, _FIRST.down_kbit, Tariff.down_kbit),
            (LineTick.up_kbit, _FIRST.up_kbit, Tariff.up_kbit),
        )
    )
    faster = fn.EXISTS(_codes(Discount.id)) | fn.EXISTS(_boosts(AddOn.id, ConnectedAddOn.ends_at > now()))
    other_speed = (was_down != Tariff.down_kbit) | (was_up != Tariff.up_kbit) | faster
    return (must_be_off & ~is_off) | (~must_be_off & (is_off | other_speed))


def _of(model: Any, condition: Any) -> Any:
    return (model.contract == Contract.id) & condition


def _newest_tick() -> Any:
    tick = LineTick.alias()
    return tick.select(fn.MAX(tick.id)).where((tick.contract == Contract.id) & tick.undone_at.is_null())


def _first_change() -> Any:
    change = TariffChange.alias()
    applied = (change.contract == Contract.id) & (change.state == TariffChangeState.APPLIED)
    return change.select(fn.MIN(change.id)).where(applied)


def _last_change() -> Any:
    change = TariffChange.alias()
    applied = (change.contract == Contract.id) & (change.state == TariffChangeState.APPLIED)
    return change.select(fn.MAX(change.effective_on)).where(applied)


def _ended_block() -> Any:
    block = DebtBlock.alias()
    return block.select(fn.MAX(block.ended_at)).where(block.contract == Contract.id)


def _ended_pause(day: date) -> Any:
    pause = Suspension.alias()
    back_on = fn.COALESCE(pause.resumed_on, pause.ends_on)
    return pause.select(fn.MAX(back_on)).where((pause.contract == Contract.id) & (back_on <= day))


def _codes(what: Any) -> Any:
    return Discount.select(what).where((Discount.contract == Contract.id) & (Discount.kind == PromoKind.SPEED))


def _promo(condition: Any) -> Any:
    return _codes(fn.MAX(Discount.percent)).where(condition)


def _boosts(what: Any, condition: Any) -> Any:
    boosts = (ConnectedAddOn.contract == Contract.id) & (AddOn.kind == AddOnKind.BOOST)
    began = boosts & (ConnectedAddOn.starts_at <= now())
    return ConnectedAddOn.select(what).join(AddOn).where(began & condition)


def _terminal(column: Any) -> Any:
    """Return what is written on the optical terminal: it names the port better than anything else we know."""
    here = (EquipmentUnit.contract == Contract.id) & EquipmentUnit.returned_at.is_null()
    found = EquipmentUnit.select(fn.MAX(column)).join(Equipment)
    return found.where(here & (Equipment.kind == EquipmentKind.ONT))


def _line(row: dict[str, Any]) -> Line:
    return Line(
        contract_id=row['contract_id'],
        number=row['number'],
        address=row['address'],
        tariff=row['tariff'],
        serial=row['serial'] or '',
        mac=row['mac'] or '',
        is_paying=bool(row['paying']),
        facts=_facts(row),
    )


def _facts(row: dict[str, Any]) -> LineFacts:
    return LineFacts(
        tariff=Speed(row['down'], row['up']),
        first=Speed(row['first_down'], row['first_up']),
        active_on=_DAY.python_value(row['active_on']),
        done=_done(row),
        is_terminated=str(row['status']) == ContractStatus.TERMINATED,
        promo=row['promo'],
        first_promo=row['first_promo'],
        boost=row['boost'],
        month=today().replace(day=1),
        **{name: _DAY.python_value(row[name]) for name in _DAYS},
        **{name: _MOMENT.python_value(row[name]) for name in _MOMENTS},
    )


def _done(row: dict[str, Any]) -> Done | None:
    if row['state'] is None:
        return None
    is_on = str(row['state']) == LineState.ON
    speed = Speed(row['left_down'], row['left_up']) if is_on else None
    return Done(LineState(str(row['state'])), speed, _MOMENT.python_value(row['done_at']))
