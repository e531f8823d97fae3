"""The disk: pictures lie under random names in a folder only we may read, and no address leads there."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from services.settings import get_settings

SMALL = '.small'


def folder() -> Path:
    """Return the folder of the pictures, made if it is not there; nobody else may enter."""
    path = get_settings().data_dir / 'files'
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def spool() -> BinaryIO:
    """Return a place for what is being uploaded: on the disk, without a name, gone with its last user."""
    return tempfile.TemporaryFile(dir=folder())


def write(full: bytes, small: bytes) -> str:
    """Put a picture and its preview on the disk and return the name they have there."""
    name = secrets.token_hex(16)
    for ending, content in (('', full), (SMALL, small)):
        handle = os.open(folder() / (name + ending), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, 'wb') as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    return name


def path_of(name: str, *, small: bool = False) -> Path:
    """Return where a picture lies; the name is ours, from the row."""
    return folder() / (name + SMALL if small else name)


def remove(name: str) -> None:
    """Take a picture and its preview from the disk; harmless when they are gone."""
    for small in (False, True):
        path_of(name, small=small).unlink(missing_ok=True)


def names_older_than(moment: float) -> Iterator[str]:
    """Return the names of pictures that were written before this moment (seconds since 1970)."""
    for path in folder().iterdir():
        if path.suffix != SMALL and path.stat().st_mtime < moment:
            yield path.name
