"""Pictures of messages: tied to one when it is sent, shown with it, swept when it never was."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from models.chat import ChatMessage
from models.contract import Contract
from models.file import FilePurpose, StoredFile
from services.authority import Actor
from services.clock import now
from services.errors import N_, InvalidField
from services.files import store
from services.files.rules import RULES
from services.files.uploads import FileView, TooManyFiles, view_of
from services.runner import transactional

GONE = N_('Фото не прикрепилось. Добавьте его ещё раз.')


def read_ids(typed: object) -> tuple[str, ...]:
    """Return the ids a page says are attached, each once.

    Raises:
        InvalidField: something else than a list of texts.
        TooManyFiles: more than one message may carry.
    """
    if not isinstance(typed, list | tuple) or not all(isinstance(one, str) for one in typed):
        raise InvalidField('files', GONE)
    most = RULES.places[FilePurpose.CHAT].most_files
    if len(typed) > most:
        raise TooManyFiles(most=most)
    return tuple(dict.fromkeys(typed))


def attach(ids: Sequence[str], message: ChatMessage, contract: Contract, actor: Actor) -> None:
    """Tie pictures to a message, inside the transaction that writes it: his own, of this talk, not sent before.

    Raises:
        InvalidField: one of them is not there any more, or never was his.
    """
    for one in ids:
        mine = (
            (StoredFile.public_id == one)
            & (StoredFile.purpose == FilePurpose.CHAT)
            & (StoredFile.owner == actor.user_id)
            & (StoredFile.contract == contract)
            & StoredFile.message.is_null()
        )
        if StoredFile.update(message=message).where(mine).execute() != 1:
            raise InvalidField('files', GONE)


def files_of(messages: Iterable[ChatMessage]) -> dict[int, tuple[FileView, ...]]:
    """Return the pictures of these messages by the message's id. One query."""
    found: dict[int, tuple[FileView, ...]] = {}
    ids = [message.id for message in messages]
    rows = StoredFile.select().where(StoredFile.message.in_(ids)).order_by(StoredFile.id) if ids else ()
    for row in rows:
        message_id = row.message_id or 0
        found[message_id] = (*found.get(message_id, ()), view_of(row))
    return found


def sweep() -> int:
    """Delete pictures that were uploaded and not sent within a day, and what lies on the disk without a row.

    The row goes first: what is left on the disk when we stop in between is found the next time. Returns how many.
    """
    before = now() - timedelta(hours=RULES.unsent_hours)
    names = set(_forget_unsent(before))
    old = list(store.names_older_than(before.timestamp()))
    known = {row.disk_name for row in StoredFile.select(StoredFile.disk_name)} if old else set()
    names.update(name for name in old if name not in known)
    for name in names:
        store.remove(name)
    return len(names)


@transactional
def _forget_unsent(before: datetime) -> list[str]:
    unsent = (StoredFile.purpose == FilePurpose.CHAT) & StoredFile.message.is_null() & (StoredFile.created_at < before)
    rows = list(StoredFile.select(StoredFile.id, StoredFile.disk_name).where(unsent))
    # Asked once more when deleting: one of them may be sent at this very moment.
    return [row.disk_name for row in rows if StoredFile.delete().where((StoredFile.id == row.id) & unsent).execute()]
