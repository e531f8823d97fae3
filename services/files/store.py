"""The disk: pictures lie under random names in a folder only we may read, and no address leads there."""

import contextlib
import errno
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from services.errors import N_, DomainError
from services.settings import get_settings

SMALL = '.small'
FULL = (errno.ENOSPC, errno.EDQUOT)
log = logging.getLogger(__name__)


class NoRoom(DomainError):
    """The disk is full; nothing was kept."""

    message = N_(
        'На сервере кончилось место для фото, мы уже знаем. Попробуйте через час, текст можно отправить сейчас.'
    )
    status = 507


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Turn a full disk into a refusal with words; whoever looks after the machine finds it in the log.

    Raises:
        NoRoom: there is no room for what is written inside.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        log.error('There is no room for pictures: %s', error)  # noqa: TRY400 - the reason is the text
        raise NoRoom from error


def folder() -> Path:
    """Return the folder of the pictures, made if it is not there; nobody else may enter."""
    path = get_settings().data_dir / 'files'
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def spool() -> BinaryIO:
    """Return a place for what is being uploaded: on the disk, without a name, gone with its last user."""
    return tempfile.TemporaryFile(dir=folder())


def write(full: bytes, small: bytes) -> str:
    """Put a picture and its preview on the disk and return the name they have there; all of it or nothing.

    Raises:
        NoRoom: the disk is full.
    """
    name = secrets.token_hex(16)
    try:
        with room():
            _write(name, full)
            _write(name + SMALL, small)
    except BaseException:
        remove(name)
        raise
    return name


def _write(name: str, content: bytes) -> None:
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, 'wb') as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


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
