"""Who is acting, and whether he may. Every service asks here first."""

from dataclasses import dataclass, field

from models.contract import Contract, Subscriber
from models.user import Role
from services.errors import NotAllowed, NotFound, SignInRequired


@dataclass(frozen=True)
class Actor:
    """The person behind a click, as his session says at this very moment. `role` is the hat he wears now."""

    user_id: int
    name: str
    role: Role
    roles: frozenset[Role] = field(default_factory=frozenset)
    contract_id: int | None = None
    contract_number: str = ''
    session_hash: str = ''
    address: str = ''
    must_change_password: bool = False
    theme: str = 'auto'

    def wears(self, *roles: Role) -> bool:
        """Tell whether one of these is the role he wears now; a session that must change its password wears none."""
        return self.role in roles and not self.must_change_password


def require_role(actor: Actor | None, *roles: Role) -> Actor:
    """Return the actor if he wears one of the roles.

    Raises:
        SignInRequired: nobody is signed in.
        NotAllowed: somebody is, but in another role.
    """
    if actor is None:
        raise SignInRequired
    if not actor.wears(*roles):
        raise NotAllowed
    return actor


def require_session(actor: Actor | None) -> Actor:
    """Return the actor whoever he is: for what a session that must change its password may do too.

    Raises:
        SignInRequired: nobody is signed in.
    """
    if actor is None:
        raise SignInRequired
    return actor


def require_operator(actor: Actor | None) -> Actor:
    """Return the actor if he works at the operator's console: operators, and administrators too."""
    return require_role(actor, Role.OPERATOR, Role.ADMINISTRATOR)


def own_contract(actor: Actor | None, *, lock: bool = False) -> Contract:
    """Return the contract chosen in the subscriber's session, fetched through what he owns.

    Args:
        lock: lock its row until the end of the transaction (PostgreSQL; SQLite writes are serial anyway).

    Raises:
        SignInRequired, NotAllowed: see `require_role`.
        NotFound: the contract is not his.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    query = (
        Contract.select(Contract, Subscriber)
        .join(Subscriber)
        .where((Contract.id == actor.contract_id) & (Subscriber.user == actor.user_id))
    )
    contract = query.get_or_none()
    if contract is None:
        raise NotFound
    if lock:
        locked(contract)
    return contract


def locked(contract: Contract) -> None:
    """Hold the row of a contract until the end of the transaction: what decides about money is read after this."""
    from models.base import is_postgres

    if is_postgres():
        Contract.select(Contract.id).where(Contract.id == contract.id).for_update().execute()
