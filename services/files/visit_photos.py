"""Photos of visits: the cable run, the terminal, the speed. Who reads them was asked by the caller."""

from models.file import FilePurpose, StoredFile
from models.visit import Visit
from services import audit
from services.authority import Actor
from services.errors import N_, DomainError, NotFound
from services.events import VisitChanged, record
from services.files.file_access import PHOTOGRAPHED
from services.files.letting_go import let_go
from services.files.uploads import FileView, view_of
from services.runner import transactional
from services.visits.visit_access import own_visit


class VisitClosed(DomainError):
    """What was photographed is part of the closed visit."""

    message = N_('Выезд уже закончен, фото остаются в нём.')
    status = 409


def photos_of_visit(visit_id: int) -> tuple[FileView, ...]:
    """Return the pictures of a visit in the order they were taken. One query."""
    rows = StoredFile.select().where(StoredFile.visit == visit_id).order_by(StoredFile.id)
    return tuple(view_of(row) for row in rows)


def photos_of_application(application_id: int) -> tuple[FileView, ...]:
    """Return the pictures of all visits of an application in the order they were taken. One query."""
    rows = StoredFile.select(StoredFile).join(Visit).where(Visit.application == application_id).order_by(StoredFile.id)
    return tuple(view_of(row) for row in rows)


@transactional
def remove(visit_id: int, photo_id: str, *, actor: Actor | None) -> None:
    """Take a wrong photo out of a visit that is still going on, from the disk too; gone already, it changes nothing.

    Raises:
        SignInRequired, NotAllowed, NotFound: only the technician of this visit; or it is no photo's id.
        VisitClosed: the visit is over, or has not begun.
    """
    visit = own_visit(visit_id, actor, lock=True)
    if not isinstance(photo_id, str):
        raise NotFound
    if visit.status not in PHOTOGRAPHED:
        raise VisitClosed
    of_visit = (StoredFile.public_id == photo_id) & (StoredFile.purpose == FilePurpose.VISIT)
    row: StoredFile | None = StoredFile.get_or_none(of_visit & (StoredFile.visit == visit))
    if row is None:
        return
    let_go(StoredFile.id == row.id)
    audit.note('visit.photo_remove', f'visit:{visit.id}', actor=actor, photo=row.id)
    record(VisitChanged(visit.id, visit.technician_id))
