"""Whether the line of a contract works, and if not, why."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from peewee import fn

from models.contract import Contract, ContractStatus, DebtBlock, Suspension
from services.clock import today


class ContractState(StrEnum):
    """What matters to a caller, the worst first: a debt block outweighs a suspension."""

    DRAFT = 'draft'
    VOID = 'void'
    ACTIVE = 'active'
    PAUSED = 'paused'
    BLOCKED = 'blocked'
    TERMINATED = 'terminated'


def states_of(contracts: Sequence[Any]) -> dict[int, ContractState]:
    """Return the state of each contract by its id, with two queries for all of them."""
    ids, day = [contract.id for contract in contracts], today()
    blocks: Any = (
        DebtBlock.select(DebtBlock.contract).where(DebtBlock.contract.in_(ids) & DebtBlock.ended_at.is_null()).tuples()
    )
    pauses: Any = (
        Suspension.select(Suspension.contract)
        .where(
            Suspension.contract.in_(ids)
            & (Suspension.starts_on <= day)
            & (fn.COALESCE(Suspension.resumed_on, Suspension.ends_on) > day)
        )
        .tuples()
    )
    blocked, paused = {row[0] for row in blocks}, {row[0] for row in pauses}
    return {contract.id: _state(contract, blocked, paused) for contract in contracts}


def _state(contract: Contract, blocked: set[int], paused: set[int]) -> ContractState:
    if contract.status == ContractStatus.DRAFT:
        return ContractState.DRAFT
    if contract.status == ContractStatus.VOID:
        return ContractState.VOID
    if contract.status == ContractStatus.TERMINATED:
        return ContractState.TERMINATED
    if contract.id in blocked:
        return ContractState.BLOCKED
    return ContractState.PAUSED if contract.id in paused else ContractState.ACTIVE
