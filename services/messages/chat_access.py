"""Whose talk it is: a subscriber's own, any for an operator; nobody else's."""

from models.access import Access
from models.contract import Contract, Subscriber
from models.user import Role
from services.authority import Actor, own_contract, require_operator, require_role
from services.errors import NotFound


def is_operator(actor: Actor | None) -> bool:
    """Tell on which side of the talk the actor stands.

    Raises:
        SignInRequired, NotAllowed: on neither.
    """
    actor = require_role(actor, Role.SUBSCRIBER, Role.OPERATOR, Role.ADMINISTRATOR)
    return actor.role != Role.SUBSCRIBER


def contract_of_talk(number: str, actor: Actor | None) -> Contract:
    """Return the contract whose talk is meant: a subscriber's own whatever the number, an operator's by its number.

    Raises:
        SignInRequired, NotAllowed: see `is_operator`.
        NotFound: no such contract, or not yours.
    """
    if not is_operator(actor):
        return own_contract(actor, need=Access.MANAGE)
    require_operator(actor)
    contract: Contract | None = (
        Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.number == str(number)[:16]).get_or_none()
    )
    if contract is None:
        raise NotFound
    return contract
