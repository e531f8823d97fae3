"""Letting go of kept pictures: what they belong to is past its term, or its person is erased."""

from functools import partial
from typing import Any

from models.file import StoredFile
from services.files import store
from services.runner import before_commit


def let_go(which: Any) -> int:
    """Delete rows of pictures inside the caller's transaction; returns how many.

    The bytes leave the disk as the last thing before the commit: what fails earlier loses no picture, and a picture
    never outlives its row.
    """
    rows = list(StoredFile.select(StoredFile.id, StoredFile.disk_name).where(which))
    StoredFile.delete().where(StoredFile.id.in_([row.id for row in rows])).execute()
    for row in rows:
        before_commit(partial(store.remove, row.disk_name))
    return len(rows)
