"""The contract a subscriber works with: his own ones and those opened to him, and which open pages lost theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from models.access import Access, AccessGrant, grants_in_force
from models.catalogue import Tariff
from models.contract import OPENING, Contract, ContractStatus, Subscriber
from models.user import Role, Session
from services.authority import Actor, reachable, require_role
from services.clock import today
from services.errors import NotFound
from services.runner import transactional

_CHUNK = 500
"""Sessions asked for in one query."""


@dataclass(frozen=True)
class ContractChoice:
    """One contract a person may work with. Of somebody else's: the owner («Анна П.»), and the last day, if any."""

    number: str
    address: str
    tariff: str
    is_chosen: bool
    access: Access = Access.OWNER
    owner: str = ''
    until: date | None = None


@dataclass(frozen=True)
class PageTie:
    """What an open page was drawn for: a session, the contract chosen then, and what it might do with it."""

    session_hash: str
    contract_id: int | None
    access: Access | None


def list_choices(*, actor: Actor | None) -> tuple[ContractChoice, ...]:
    """Return the contracts the actor may work with: his own by their numbers, then those opened to him."""
    actor = require_role(actor, Role.SUBSCRIBER)
    own = (
        Contract.select(Contract, Tariff)
        .join(Subscriber)
        .switch(Contract)
        .join(Tariff)
        .where(Subscriber.user == actor.user_id)
        .where(Contract.status.in_(OPENING) | (Contract.id == actor.contract_id))
        .order_by(Contract.number)
    )
    choices = [ContractChoice(row.number, row.address, row.tariff.name, row.id == actor.contract_id) for row in own]
    for grant in grants_in_force(today()).where(AccessGrant.user == actor.user_id).order_by(Contract.number):
        contract = grant.contract
        is_chosen = contract.id == actor.contract_id
        shown = (contract.number, contract.address, contract.tariff.name, is_chosen)
        choices.append(ContractChoice(*shown, grant.level, contract.subscriber.short_name, grant.valid_until))
    return tuple(choices)


@transactional
def choose_contract(number: str, *, actor: Actor | None) -> Access:
    """Work with another contract in this session, and in no other; returns what the person may do with it.

    Raises:
        NotFound: it is not his, and nobody opened it to him.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    wanted = Contract.select(Contract.id).where((Contract.number == str(number)) & Contract.status.in_(OPENING))
    found = reachable(wanted.scalar(), actor.user_id)
    if found is None:
        raise NotFound
    contract, access = found
    Session.update(contract_id=contract.id).where(Session.token_hash == actor.session_hash).execute()
    return access


def first_contract_id(user_id: int) -> int | None:
    """Return the oldest contract of a person, working ones first; else the first opened to him; else None."""
    own = Contract.select(Contract.id).join(Subscriber).where(Subscriber.user == user_id)
    own = own.order_by((Contract.status == ContractStatus.ACTIVE).desc(), Contract.id)
    found = own.limit(1).scalar()
    if found is None:
        given = grants_in_force(today()).where(AccessGrant.user == user_id).order_by(AccessGrant.id).first()
        found = given.contract.id if given else None
    return cast('int | None', found)


def settle(session: Session, user_id: int) -> tuple[Contract | None, Access | None]:
    """Return the contract of a subscriber's session and what he may do with it.

    A contract he may not work with any more is left for his first one, and the session remembers that: what is opened
    to him again later must not come back under his hands by itself.
    """
    found = reachable(session.contract_id, user_id) if session.contract_id else None
    if found is None:
        fallback = first_contract_id(user_id)
        if fallback != session.contract_id:
            Session.update(contract_id=fallback).where(Session.id == session.id).execute()
        found = reachable(fallback, user_id) if fallback else None
    return found or (None, None)


def forget(contract_id: int, user_id: int) -> None:
    """Let a person's sessions fall back from a contract that is closed to him, inside the caller's transaction."""
    of_person = (Session.user == user_id) & (Session.contract_id == contract_id)
    Session.update(contract_id=first_contract_id(user_id)).where(of_person).execute()


def moved_among(ties: Iterable[PageTie]) -> dict[PageTie, Access | None]:
    """Return the pages that were drawn for something else than what their person may do now.

    The value is what he may do with the same contract today, None when his session has left it. Three queries for
    five hundred pages.
    """
    moved: dict[PageTie, Access | None] = {}
    wanted = sorted(ties, key=lambda tie: tie.session_hash)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        now_open = _open_now({tie.session_hash for tie in part})
        for tie in part:
            contract_id, access = now_open.get(tie.session_hash, (None, None))
            if contract_id != tie.contract_id:
                moved[tie] = None
            elif access != tie.access:
                moved[tie] = access
    return moved


def _open_now(hashes: set[str]) -> dict[str, tuple[int | None, Access | None]]:
    rows: Any = Session.select(Session.token_hash, Session.user, Session.contract_id).where(
        Session.token_hash.in_(hashes)
    )
    chosen = {row.token_hash: (row.user_id, row.contract_id) for row in rows}
    contract_ids = {contract_id for _, contract_id in chosen.values() if contract_id}
    owners: Any = Contract.select(Contract.id, Subscriber.user).join(Subscriber).where(Contract.id.in_(contract_ids))
    access = {(user_id, contract_id): Access.OWNER for contract_id, user_id in owners.tuples()}
    users = {user_id for user_id, contract_id in chosen.values() if (user_id, contract_id) not in access}
    for grant in grants_in_force(today()).where(AccessGrant.user.in_(users)) if users else ():
        access[(grant.user_id, grant.contract_id)] = grant.level
    return {hashed: (pair[1], access.get(pair)) for hashed, pair in chosen.items()}
