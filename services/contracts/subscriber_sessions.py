"""A subscriber's signed-in browsers, ended by an operator he asked: a lost phone, a stranger in the cabinet."""

from models.contract import Contract, Subscriber
from models.user import Role, Session, User
from services import audit
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import NotFound
from services.identity import sessions
from services.input_text import clean_text
from services.runner import transactional


@transactional
def end_all(contract_number: str, reason: str, *, actor: Actor | None) -> int:
    """End all sessions in which the owner of a contract is signed in as a subscriber; returns how many there were.

    Raises:
        SignInRequired, NotAllowed: only operators and administrators.
        NotFound: no such contract, or nobody can sign in by it yet.
        InvalidField: no reason.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    owner_id = _owner_id(contract_number)
    ended = count_open(owner_id)
    sessions.revoke((Session.user == owner_id) & (Session.role == Role.SUBSCRIBER))
    audit.note('session.end_all', f'contract:{contract_number}', actor=actor, reason=why, sessions=ended)
    return ended


def count_open(user_id: int) -> int:
    """Return in how many browsers a person is signed in as a subscriber now."""
    moment = now()
    own = (Session.user == user_id) & (Session.role == Role.SUBSCRIBER) & Session.revoked_at.is_null()
    rows = Session.select(Session, User).join(User).where(own)
    return sum(1 for row in rows if sessions.is_alive(row, moment))


def _owner_id(number: object) -> int:
    if not isinstance(number, str) or len(number) > 16:
        raise NotFound
    query = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.number == number)
    contract: Contract | None = query.get_or_none()
    owner = contract.subscriber.user if contract else None
    if owner is None:
        raise NotFound
    return int(owner.id)
