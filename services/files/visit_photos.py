"""Photos of visits: the cable run, the terminal, the speed. The caller has asked who may see the visit."""

from models.file import StoredFile
from models.visit import Visit
from services.files.uploads import FileView, view_of


def photos_of_visit(visit_id: int) -> tuple[FileView, ...]:
    """Return the pictures of a visit in the order they were taken. One query."""
    rows = StoredFile.select().where(StoredFile.visit == visit_id).order_by(StoredFile.id)
    return tuple(view_of(row) for row in rows)


def photos_of_application(application_id: int) -> tuple[FileView, ...]:
    """Return the pictures of all visits of an application in the order they were taken. One query."""
    rows = StoredFile.select(StoredFile).join(Visit).where(Visit.application == application_id).order_by(StoredFile.id)
    return tuple(view_of(row) for row in rows)
