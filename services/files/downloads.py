"""Downloading: the way to the bytes for whom they concern, and to nobody else."""

from dataclasses import dataclass
from pathlib import Path

from models.file import FilePurpose, StoredFile
from models.user import STAFF, Role
from services import audit, field_rules
from services.authority import Actor, require_role
from services.errors import NotFound
from services.files import store
from services.files.file_access import require_sight


@dataclass(frozen=True)
class Download:
    """Where the bytes lie, and what to call them."""

    path: Path
    name: str
    media_type: str


def open_file(public_id: str, *, small: bool = False, actor: Actor | None) -> Download:
    """Return a picture, or its preview, for somebody who may see it.

    That an employee opened it is a line of the audit log: the picture itself, or with a preview what it hangs on.

    Raises:
        SignInRequired, NotAllowed: nobody is signed in, or not in full.
        NotFound: there is no such picture, or it is not for him: the answer is the same.
    """
    actor = require_role(actor, *Role)
    if not field_rules.key_of('picture_id', public_id):
        raise NotFound
    row: StoredFile | None = StoredFile.get_or_none(StoredFile.public_id == public_id)
    if row is None:
        raise NotFound
    require_sight(row, actor)
    path = store.path_of(row.disk_name, small=small)
    if not path.is_file():
        raise NotFound
    if actor.role in STAFF:
        audit.note_reading(_what_it_hangs_on(row) if small else f'picture:{row.id}', actor=actor)
    return Download(path, row.name, f'image/{row.kind}')


def _what_it_hangs_on(row: StoredFile) -> str:
    if row.purpose == FilePurpose.VISIT:
        return f'visit:{row.visit_id}'
    return f'chat:{row.contract.number if row.contract else ""}'
