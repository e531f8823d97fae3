"""Whose money the lines of a register are, and which of them came before: in another file, or by the gateway's bell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from models.account import Operation
from models.contract import OPENING, Contract, Subscriber
from models.erip import EripPayment
from models.manual_payment import ManualPayment
from models.payment import Payment
from models.registry import LineState, Registry, RegistryLine, RegistrySource, RegistryState


class Why(StrEnum):
    """Why a line is not booked."""

    NOTHING = ''
    NO_CONTRACT = 'no_contract'
    TWICE = 'twice'  # the same line stands higher in this file
    REGISTRY = 'registry'  # another file brought it
    OTHER_SUM = 'other_sum'  # another file brought this document with another sum: a person looks
    BY_HAND = 'by_hand'  # an employee wrote this bank transfer down
    GATEWAY = 'gateway'  # the gateway told of it: it is on the account, or put aside for a person


@dataclass(frozen=True)
class Judged:
    """What becomes of a line when the file is booked."""

    state: LineState
    contract: Contract | None = None
    why: Why = Why.NOTHING


def lines_of(registry: Registry) -> list[RegistryLine]:
    """Return the lines of a file in its order."""
    return list(RegistryLine.select().where(RegistryLine.registry == registry).order_by(RegistryLine.place))


def contracts_of(lines: Sequence[RegistryLine]) -> dict[str, Contract]:
    """Return the contracts whose numbers stand in lines, with their subscribers, by number."""
    numbers = {line.account_number for line in lines}
    found: Any = Contract.select(Contract, Subscriber).join(Subscriber)
    found = found.where(Contract.number.in_(numbers) & Contract.status.in_(OPENING))
    return {contract.number: contract for contract in found}


def judge(registry: Registry, lines: Sequence[RegistryLine]) -> dict[int, Judged]:
    """Return what becomes of each line, by its id; a line of a booked file is what it became."""
    contracts, before = contracts_of(lines), _before(registry, lines)
    by_gateway, by_hand = _told_by_gateway(lines), _taken_by_hand(registry, lines)
    seen, judged = Counter[str](), {}
    for line in lines:
        contract = contracts.get(line.account_number)
        why = Why.NOTHING
        if seen[line.key]:
            why = Why.TWICE
        elif line.key in before:
            why = Why.REGISTRY if before[line.key] in (None, line.amount) else Why.OTHER_SUM
        elif line.document in by_gateway:
            why = Why.GATEWAY
        elif contract and (line.document, line.paid_on, contract.id) in by_hand:
            why = Why.BY_HAND
        seen[line.key] += 1
        judged[line.id] = _judged(contract, why)
    return judged


def _judged(contract: Contract | None, why: Why) -> Judged:
    if why:
        return Judged(LineState.DUPLICATE, contract, why)
    return Judged(LineState.NEW, contract) if contract else Judged(LineState.UNKNOWN, None, Why.NO_CONTRACT)


def _before(registry: Registry, lines: Sequence[RegistryLine]) -> dict[str, Any]:
    """Return the keys that are booked, or wait for a person, with the sum of their line."""
    keys = [line.key for line in lines]
    booked: Any = Operation.select(Operation.key).where(Operation.key.in_(keys)).tuples()
    found: dict[str, Any] = dict.fromkeys(key for (key,) in booked)
    others: Any = (
        RegistryLine.select(RegistryLine.key, RegistryLine.amount)
        .join(Registry)
        .where(
            RegistryLine.key.in_(keys)
            & RegistryLine.state.in_((LineState.BOOKED, LineState.UNKNOWN))
            & (Registry.state == RegistryState.BOOKED)
            & (Registry.id != registry.id)
        )
        .tuples()
    )
    return found | dict(others)


def _taken_by_hand(registry: Registry, lines: Sequence[RegistryLine]) -> set[tuple[str, date, int]]:
    """Return the bank transfers an employee wrote down: document, day, contract. Numbers of orders repeat elsewhere."""
    if registry.source != RegistrySource.BANK:
        return set()
    these = ManualPayment.document.in_([line.document for line in lines]) & (ManualPayment.way == 'bank')
    rows: Any = ManualPayment.select(ManualPayment.document, ManualPayment.document_on, Payment.contract).join(Payment)
    return set(rows.where(these & (ManualPayment.cancelled == 0)).tuples())


def _told_by_gateway(lines: Sequence[RegistryLine]) -> set[str]:
    """Return the documents of money the gateway told of, booked or put aside: its uid, or the number in ERIP."""
    documents = [line.document for line in lines]
    told = Payment.gateway_uid.is_null(False)
    by_uid: Any = Payment.select(Payment.gateway_uid).where(Payment.gateway_uid.in_(documents) & told).tuples()
    by_number: Any = (
        EripPayment.select(EripPayment.transaction_no)
        .join(Payment)
        .where(EripPayment.transaction_no.in_(documents) & told)
        .tuples()
    )
    return {name for (name,) in [*by_uid, *by_number]}
