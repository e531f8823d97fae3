"""Who is acting, and whether he may. Every service asks here first."""

from dataclasses import dataclass, field

from models.access import Access, AccessGrant, grants_in_force
from models.base import is_postgres
from models.contract import Contract, Subscriber
from models.user import Role, SecondStep
from services.clock import today
from services.errors import N_, NotAllowed, NotFound, SignInRequired


class OwnerOnly(NotAllowed):
    """A relative asked for what the owner of a contract keeps to himself."""

    message = N_('Это может только владелец договора.')


class AccessTooLow(OwnerOnly):
    """A relative asked for more than was opened to him."""

    message = N_('Вам это не открыто. Больше может открыть владелец договора.')


@dataclass(frozen=True)
class Actor:
    """The person behind a click, as his session says at this very moment. `role` is the hat he wears now.

    `access` is what he may do with the chosen contract, None when no contract is open to him.
    """

    user_id: int
    name: str
    role: Role
    roles: frozenset[Role] = field(default_factory=frozenset)
    contract_id: int | None = None
    contract_number: str = ''
    session_hash: str = ''
    address: str = ''
    must_change_password: bool = False
    second_step: SecondStep | None = None
    theme: str = 'auto'
    language: str = 'ru'
    access: Access | None = None

    @property
    def is_half_open(self) -> bool:
        """Tell whether the session still owes a password of one's own or the second step of the sign-in."""
        return self.must_change_password or self.second_step is not None

    def wears(self, *roles: Role) -> bool:
        """Tell whether one of these is the role he wears now; a half-opened session wears none."""
        return self.role in roles and not self.is_half_open


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
    """Return the actor whoever he is: for what a half-opened session may do too.

    Raises:
        SignInRequired: nobody is signed in.
    """
    if actor is None:
        raise SignInRequired
    return actor


def require_operator(actor: Actor | None) -> Actor:
    """Return the actor if he works at the operator's console: operators, and administrators too."""
    return require_role(actor, Role.OPERATOR, Role.ADMINISTRATOR)


def own_contract(actor: Actor | None, *, lock: bool = False, need: Access = Access.OWNER) -> Contract:
    """Return the contract chosen in the subscriber's session, if he owns it or it is opened to him far enough.

    Args:
        lock: lock its row until the end of the transaction (PostgreSQL; SQLite writes are serial anyway). What is
            opened to him is read after that, so the end of an access and an act by it come one after the other.
        need: the level a relative must have; whoever forgets to say leaves it to the owner.

    Raises:
        SignInRequired, NotAllowed: see `require_role`.
        NotFound: the contract is not his, and nobody opened it to him.
        OwnerOnly: it is opened to him, but not for this.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    if lock and actor.contract_id is not None:
        _lock(actor.contract_id)
    found = reachable(actor.contract_id, actor.user_id)
    if found is None:
        raise NotFound
    contract, access = found
    if not access.allows(need):
        raise OwnerOnly if need == Access.OWNER else AccessTooLow
    return contract


def reachable(contract_id: int | None, user_id: int) -> tuple[Contract, Access] | None:
    """Return a contract with its subscriber and what this person may do with it now; None when nothing."""
    own: Contract | None = (
        Contract.select(Contract, Subscriber)
        .join(Subscriber)
        .where((Contract.id == contract_id) & (Subscriber.user == user_id))
        .get_or_none()
    )
    if own is not None:
        return own, Access.OWNER
    given: AccessGrant | None = (
        grants_in_force(today())
        .where((AccessGrant.contract == contract_id) & (AccessGrant.user == user_id))
        .get_or_none()
    )
    return (given.contract, given.level) if given else None


def locked(contract: Contract) -> None:
    """Hold the row of a contract until the end of the transaction: what decides about money is read after this."""
    _lock(contract.id)


def _lock(contract_id: int) -> None:
    if is_postgres():
        Contract.select(Contract.id).where(Contract.id == contract_id).for_update().execute()
