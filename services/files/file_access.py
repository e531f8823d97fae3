"""Who may upload where, and who may see a file: asked on every request."""

from dataclasses import dataclass

from models.access import Access
from models.contract import Contract
from models.file import FilePurpose, StoredFile
from models.user import Role
from models.visit import Visit, VisitStatus
from services.authority import Actor, own_contract, require_role
from services.errors import DomainError, NotFound, WrongTransition
from services.messages.chat_access import contract_of_talk
from services.visits.visit_access import own_visit

PHOTOGRAPHED = (VisitStatus.EN_ROUTE, VisitStatus.STARTED)


@dataclass(frozen=True)
class Belonging:
    """What an upload belongs to: the contract of a talk, or a visit."""

    contract: Contract | None = None
    visit: Visit | None = None


def require_place(purpose: FilePurpose, target: str, actor: Actor | None, *, lock: bool = False) -> Belonging:
    """Return what the actor uploads to.

    Args:
        target: for the chat the number of a contract (a subscriber always gets his own), for a visit its id.
        lock: hold the visit until the end of the transaction.

    Raises:
        SignInRequired, NotAllowed, NotFound: not his, or not there.
        WrongTransition: the visit is not going on.
    """
    if purpose == FilePurpose.CHAT:
        return Belonging(contract=contract_of_talk(target, actor))
    is_number = target.isascii() and target.isdigit() and len(target) < 10
    visit = own_visit(int(target) if is_number else 0, actor, lock=lock)
    if visit.status not in PHOTOGRAPHED:
        raise WrongTransition
    return Belonging(visit=visit)


def require_sight(file: StoredFile, actor: Actor | None) -> None:
    """Let pass who may see a file: both sides of its talk, the technician of its visit, operators.

    A picture that is not sent yet is seen by nobody but the one who uploaded it.

    Raises:
        NotFound: everybody else, whoever he is.
    """
    try:
        actor = require_role(actor, Role.SUBSCRIBER, Role.OPERATOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
        if file.is_waiting and file.owner_id != actor.user_id:
            raise NotFound
        if actor.role == Role.SUBSCRIBER:
            is_his = file.purpose == FilePurpose.CHAT and file.contract_id == own_contract(actor, need=Access.MANAGE).id
        elif actor.role == Role.TECHNICIAN:
            is_his = file.purpose == FilePurpose.VISIT and own_visit(file.visit_id or 0, actor) is not None
        else:
            is_his = True
    except DomainError as refusal:
        raise NotFound from refusal
    if not is_his:
        raise NotFound
