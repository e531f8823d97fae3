"""Which letters and SMS were a person's own: those to addresses that stand with him and with nobody else."""

from collections.abc import Sequence
from typing import Any

from peewee import fn

from models.access import AccessGrant
from models.application import Application
from models.contract import Subscriber
from models.outbox import OutgoingMessage
from models.user import User


def letters_of(user: User, people: Sequence[Subscriber], applications: Sequence[Application]) -> Any:
    """Return what was sent to a person, the oldest first.

    A letter knows its address and no person, and anybody may write somebody else's address into his profile. So what
    went to an address that stands with others too is left out: it may have been theirs.
    """
    holders: list[Any] = [user, *people, *applications]
    known = {text.casefold() for row in holders for text in (row.email, row.phone) if text}
    own = sorted(known - _of_others(known, user, people, applications))
    return OutgoingMessage.select().where(fn.LOWER(OutgoingMessage.recipient).in_(own)).order_by(OutgoingMessage.id)


def _of_others(
    known: set[str], user: User, people: Sequence[Subscriber], applications: Sequence[Application]
) -> set[str]:
    """Return which of these addresses and phones stand with somebody else."""
    found: set[str] = set()
    for model, mine in ((User, [user]), (Subscriber, people), (Application, applications)):
        others = model.id.not_in([row.id for row in mine]) if mine else model.id.is_null(False)
        for field in (model.email, model.phone):
            query: Any = model.select(fn.LOWER(field)).where(others & fn.LOWER(field).in_(known))
            found.update(value for (value,) in query.tuples())
    invited: Any = AccessGrant.select(fn.LOWER(AccessGrant.email)).where(
        fn.LOWER(AccessGrant.email).in_(known) & (AccessGrant.user.is_null() | (AccessGrant.user != user))
    )
    return found | {value for (value,) in invited.tuples()}
