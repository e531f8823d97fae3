"""Whose visit it is: a technician works on his own visits only, and on what hangs on them."""

from models.application import Application
from models.user import Role
from models.visit import Visit, VisitStatus
from services.applications import application_steps
from services.authority import Actor, require_role
from services.errors import NotFound

WORKING = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE, VisitStatus.STARTED)
"""The visit is still to be made: its technician may prepare and fill the papers."""
PRESENT = (VisitStatus.EN_ROUTE, VisitStatus.STARTED, VisitStatus.COMPLETED)
"""He is or was there: he may read and print what was signed."""

PAPER_ROLES = (Role.OPERATOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
"""Who has to do with a client's papers at all; a technician only where he goes."""


def own_visit(visit_id: int, actor: Actor | None, *, lock: bool = False) -> Visit:
    """Return a technician's own visit with its application.

    Args:
        lock: hold the application until the end of the transaction, so that two taps come one after the other.

    Raises:
        SignInRequired, NotAllowed: nobody is signed in, or not as a technician.
        NotFound: no such visit, or it is somebody else's.
    """
    actor = require_role(actor, Role.TECHNICIAN)
    if not isinstance(visit_id, int):
        raise NotFound
    visit = _read(visit_id)
    if visit is None or visit.technician_id != actor.user_id:
        raise NotFound
    if lock:
        application_steps.locked(visit.application.id)
        visit = _read(visit_id)
        assert visit is not None
    return visit


def has_visit(application: Application | int, actor: Actor, statuses: tuple[VisitStatus, ...]) -> bool:
    """Tell whether the actor, as a technician, has a visit of this application in one of these states."""
    mine = (Visit.application == application) & (Visit.technician == actor.user_id) & Visit.status.in_(statuses)
    return actor.wears(Role.TECHNICIAN) and Visit.select().where(mine).exists()


def require_paperwork(application: Application | int, actor: Actor | None) -> Actor:
    """Return the actor if he may prepare this application's papers: an operator, or the technician who goes there.

    Raises:
        SignInRequired, NotAllowed: see `require_role`.
        NotFound: a technician without an open visit there.
    """
    actor = require_role(actor, *PAPER_ROLES)
    if actor.role == Role.TECHNICIAN and not has_visit(application, actor, WORKING):
        raise NotFound
    return actor


def _read(visit_id: int) -> Visit | None:
    query = Visit.select(Visit, Application).join(Application).where(Visit.id == visit_id)
    visit: Visit | None = query.get_or_none()
    return visit
