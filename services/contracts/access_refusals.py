"""Доступ близких, the relative's side: giving up what somebody has opened to him."""

from typing import Any

from models.access import AccessGrant
from models.contract import Contract
from models.user import Role, User
from services import audit
from services.authority import Actor, locked, require_role
from services.contracts import access_grants
from services.errors import NotFound
from services.events import ContractChanged, record
from services.identity import chosen_contract
from services.messages.letters import access as letters
from services.runner import transactional


@transactional
def give_up(number: object, *, actor: Actor | None) -> None:
    """End the actor's access to somebody else's contract now; one he has given up stays so. The owner gets a letter.

    No freshness is asked for, as in `access_grants.end`: it opens nothing, and only the owner can open it again.

    Args:
        number: of the contract.

    Raises:
        SignInRequired, NotAllowed: not signed in as a subscriber.
        NotFound: this contract was never opened to him.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    contract: Contract | None = Contract.get_or_none(Contract.number == str(number))
    if contract is None:
        raise NotFound
    locked(contract)
    received = AccessGrant.select().where((AccessGrant.contract == contract) & (AccessGrant.user == actor.user_id))
    if not received.exists():
        raise NotFound
    for grant in received.where(AccessGrant.ended_at.is_null()):
        access_grants.close(grant, by=actor.user_id)
        letters.given_up(grant, User.get_by_id(actor.user_id))
        facts: dict[str, Any] = {'grant': grant.id, 'level': str(grant.level), 'user': actor.user_id}
        audit.note('access.give_up', f'contract:{contract.number}', actor=actor, **facts)
        chosen_contract.forget(contract.id, actor.user_id)
        record(ContractChanged(contract.id))
