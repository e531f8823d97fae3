"""Which contracts are over or about to be: whoever charges or changes something asks here first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.contract import Contract, ContractStatus
from models.termination import Termination, TerminationState
from services.clock import today
from services.errors import N_, DomainError


class ContractEnded(DomainError):
    """The contract is over: nothing is changed any more."""

    message = N_('Договор расторгнут, последний день — {day}. Изменить услуги уже нельзя.')
    status = 409


def open_request(contract: Contract) -> Termination | None:
    """Return the request that waits for its day, if any."""
    waits = Termination.state == TerminationState.REQUESTED
    found: Termination | None = Termination.get_or_none((Termination.contract == contract) & waits)
    return found


def last_day_of(contract: Contract) -> date | None:
    """Return the last day of a contract that is over or has asked for its end; None while it goes on."""
    if contract.status == ContractStatus.TERMINATED:
        return contract.terminated_on
    request = open_request(contract)
    return request.last_day if request else None


def over_before(day: date) -> Any:
    """Return the query of the contracts whose last day, as it was asked for, is before a day; not executed yet."""
    waits = Termination.state == TerminationState.REQUESTED
    return Termination.select(Termination.contract).where(waits & (Termination.last_day < day))


def ids_over_before(contracts: Sequence[Contract], day: date) -> set[int]:
    """Return the ids of those of these contracts whose last day is before a day."""
    rows: Any = over_before(day).where(Termination.contract.in_([contract.id for contract in contracts]))
    return {contract_id for (contract_id,) in rows.tuples()}


def why_not(contract: Contract) -> ContractEnded | None:
    """Return that a contract is over, or that its last day has passed and its end is about to be booked."""
    last_day = last_day_of(contract)
    if contract.status == ContractStatus.TERMINATED or (last_day and last_day < today()):
        return ContractEnded(day=last_day or today())
    return None


def require_going_on(contract: Contract) -> None:
    """Refuse to change a contract that is over.

    Raises:
        ContractEnded: it is.
    """
    refusal = why_not(contract)
    if refusal:
        raise refusal
