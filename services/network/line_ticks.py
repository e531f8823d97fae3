"""Ticking a line off: the engineer did it; within a minute he may take the tick back."""

from typing import Any

from models.contract import Contract
from models.line import LineState, LineTick
from models.user import User
from services import audit, form_keys
from services.accounts import correction_input
from services.authority import Actor, locked, require_role
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.events import LinesChanged, record
from services.input_text import clean_text
from services.network import line_facts
from services.network.line_list import ROLES, UNDO_WITHIN
from services.network.lines import Work, work_of
from services.runner import transactional


class TickRefused(DomainError):
    """The line cannot be ticked off, or the tick not be taken back; subclasses say why."""

    status = 409


class TickedAlready(TickRefused):
    """A colleague was faster."""

    message = N_('Это уже отметили: {name}, {at}.')


class NotNeeded(TickRefused):
    """The person paid, changed his mind, or something else is to be done by now."""

    message = N_('Этого делать уже не нужно: состояние договора изменилось. Если успели сделать, верните как было.')


class UndoTooLate(TickRefused):
    """A minute is over, or something newer was ticked."""

    message = N_('Вернуть отметку можно в течение минуты. Скажите оператору, что на самом деле с линией.')


@transactional
def tick(contract_id: int, work: str, note: str, form_key: str, *, actor: Actor | None) -> int:
    """Write down that a line was restored, cut or set to another speed; returns the tick. A repeat does nothing twice.

    Args:
        work: what the engineer saw on the list: a `Work`.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
        NotFound: no such line.
        InvalidField: the note is too long.
        TickedAlready, NotNeeded: nothing was written.
    """
    actor = require_role(actor, *ROLES)
    form_key = form_keys.checked(form_key)
    words = clean_text('note', note, rule='staff_reason')
    contract = Contract.get_or_none(Contract.id == correction_input.row_id(contract_id))
    if contract is None or not isinstance(work, str) or work not in set(Work):
        raise NotFound
    locked(contract)
    done = LineTick.get_or_none(LineTick.form_key == form_key)
    if done is not None:
        return _same(done, contract, work)
    line = line_facts.read_one(contract.id)
    todo = work_of(line.facts) if line else None
    if todo is None or todo.work != work:
        raise _too_late(contract, work)
    speed = todo.speed
    new = LineTick.create(
        contract=contract,
        work=todo.work,
        state=LineState.ON if speed else LineState.OFF,
        down_kbit=speed.down if speed else None,
        up_kbit=speed.up if speed else None,
        note=words,
        form_key=form_key,
        done_at=now(),
        done_by=actor.user_id,
    )
    audit.note('line.tick', f'contract:{contract.number}', actor=actor, work=str(work), reason=str(todo.reason))
    record(LinesChanged())
    return int(new.id)


@transactional
def undo(tick_id: int, *, actor: Actor | None) -> None:
    """Take a tick back within a minute, whoever made it: the line stands in the list again. Twice is once.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
        NotFound: no such tick.
        UndoTooLate: the minute is over, or something newer was ticked.
    """
    actor = require_role(actor, *ROLES)
    found: Any = LineTick.select(LineTick, Contract).join(Contract)
    row = found.where(LineTick.id == correction_input.row_id(tick_id)).first()
    if row is None:
        raise NotFound
    locked(row.contract)
    if LineTick.get_by_id(row.id).undone_at is not None:
        return
    newest = _newest(row.contract)
    if newest is None or newest.id != row.id or now() - row.done_at >= UNDO_WITHIN:
        raise UndoTooLate
    LineTick.update(undone_at=now()).where(LineTick.id == row.id).execute()
    audit.note('line.untick', f'contract:{row.contract.number}', actor=actor, work=row.work)
    record(LinesChanged())


def _same(done: LineTick, contract: Contract, work: str) -> int:
    if done.contract_id != contract.id or done.work != work:
        raise NotFound
    return int(done.id)


def _too_late(contract: Contract, work: str) -> TickRefused:
    newest = _newest(contract)
    if newest is not None and newest.work == work:
        return TickedAlready(name=newest.done_by.name, at=newest.done_at)
    return NotNeeded()


def _newest(contract: Contract) -> Any:
    rows: Any = LineTick.select(LineTick, User).join(User, on=LineTick.done_by)
    standing = (LineTick.contract == contract) & LineTick.undone_at.is_null()
    return rows.where(standing).order_by(LineTick.id.desc()).first()
