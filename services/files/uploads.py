"""Uploading: may he, has he not done it too often, is it a picture; then it lies on the disk and has a row."""

import hashlib
import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from models.file import FilePurpose, StoredFile
from models.user import Role
from services import limits, rate_limits
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.events import VisitChanged, record
from services.files import images, store
from services.files.file_access import require_place
from services.files.names import clean_name
from services.files.rules import RULES, Place
from services.gateways.scanner import Infected, ScannerAway, scanner
from services.runner import transactional, with_connection

WAITING = limits.count('pictures_waiting')
"""Files that may wait for their turn to be looked at: each holds a thread meanwhile."""
_queue = threading.BoundedSemaphore(images.AT_ONCE + WAITING)
log = logging.getLogger(__name__)


class TooLarge(DomainError):
    """More bytes than the place takes."""

    message = N_('Файл больше {megabytes} МБ. Отправьте снимок экрана или снимите в обычном качестве.')
    status = 413


class TooManyFiles(DomainError):
    """The message or the visit has all the pictures it may have."""

    message = N_('Больше {most} фото сюда не добавить.')
    status = 409


class UploadsBusy(DomainError):
    """More pictures wait than can be looked at in time; nothing was kept."""

    message = N_('Сейчас загружают много фото. Подождите минуту и попробуйте ещё раз.')
    status = 503


class UnsafeFile(DomainError):
    """The scanner knows it."""

    message = N_('Проверка нашла в файле вирус. Отправьте другой файл.')
    status = 415


class CannotCheck(DomainError):
    """The scanner is set but does not answer: then nothing comes in."""

    message = N_('Проверка файлов сейчас не работает. Попробуйте через несколько минут.')
    status = 503


@dataclass(frozen=True)
class FileView:
    """A kept picture as a page shows it; sizes in pixels."""

    id: str
    name: str
    width: int
    height: int


def view_of(row: StoredFile) -> FileView:
    """Return what a page shows of a row."""
    return FileView(row.public_id, row.name, row.width, row.height)


def place_named(purpose: str) -> tuple[FilePurpose, Place]:
    """Return a place of upload by the word in its address.

    Raises:
        NotFound: there is no such place.
    """
    if purpose not in list(FilePurpose):
        raise NotFound
    return FilePurpose(purpose), RULES.places[FilePurpose(purpose)]


@transactional
def begin(purpose: str, target: str, *, actor: Actor | None) -> Place:
    """Ask before the first byte is read, count the try, and return the rules of the place.

    Raises:
        SignInRequired, NotAllowed, NotFound, WrongTransition: see `file_access.require_place`.
        TooManyRequests: too many uploads of this session or this person.
        TooManyFiles: the visit is full.
    """
    actor = require_role(actor, *Role)
    wanted, place = place_named(purpose)
    belonging = require_place(wanted, target, actor)
    tries = RULES.tries
    rate_limits.spend('upload', actor.session_hash, most=tries.in_ten_minutes, window=timedelta(minutes=10))
    rate_limits.spend('upload-day', str(actor.user_id), most=tries.in_a_day, window=timedelta(days=1))
    if belonging.visit is not None:
        _refuse_if_full(belonging.visit.id, place)
    return place


def keep(purpose: str, target: str, name: str, file: BinaryIO, *, actor: Actor | None) -> FileView:
    """Look at an uploaded file, make its picture anew and keep it. Takes a second and holds no connection meanwhile.

    Raises:
        NotAPicture, TooManyPixels, UnsafeFile, CannotCheck, UploadsBusy, NoRoom: it is not kept.
        SignInRequired, NotAllowed, NotFound, WrongTransition, TooManyFiles: as in `begin`; things may have changed.
    """
    actor = require_role(actor, *Role)
    _, place = place_named(purpose)
    picture = _examined(file, place)
    disk_name = store.write(picture.full, picture.small)
    try:
        return with_connection(_row_of)(purpose, target, name, disk_name, picture, actor=actor)
    except BaseException:
        store.remove(disk_name)
        raise


def _examined(file: BinaryIO, place: Place) -> images.Picture:
    if not _queue.acquire(blocking=False):
        raise UploadsBusy
    try:
        images.kind_of(file, place)
        scanner().scan(file)
        return images.make_anew(file, place)
    except Infected as found:
        log.warning('An upload was refused by the scanner: %s', found)
        raise UnsafeFile from found
    except ScannerAway as away:
        log.error('The scanner does not answer: %s', away)  # noqa: TRY400 - the reason is the text
        raise CannotCheck from away
    finally:
        _queue.release()


@transactional
def _row_of(purpose: str, target: str, name: str, disk_name: str, picture: images.Picture, *, actor: Actor) -> FileView:
    wanted, place = place_named(purpose)
    belonging = require_place(wanted, target, actor, lock=True)
    if belonging.visit is not None:
        _refuse_if_full(belonging.visit.id, place)
        record(VisitChanged(belonging.visit.id, belonging.visit.technician_id))
    row = StoredFile.create(
        public_id=secrets.token_urlsafe(24),
        disk_name=disk_name,
        purpose=wanted,
        owner=actor.user_id,
        contract=belonging.contract,
        visit=belonging.visit,
        kind=picture.kind,
        name=clean_name(name, picture.kind),
        size=len(picture.full),
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(picture.full).hexdigest(),
        created_at=now(),
    )
    return view_of(row)


def _refuse_if_full(visit_id: int, place: Place) -> None:
    if StoredFile.select().where(StoredFile.visit == visit_id).count() >= place.most_files:
        raise TooManyFiles(most=place.most_files)
