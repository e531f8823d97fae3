"""The paperclip: pictures go to our own address (pages/api/uploads.py), this element tells what has arrived."""

from collections.abc import Awaitable, Callable

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components.action import action
from components.i18n import _
from components.templating import asset
from models.file import FilePurpose
from services.files.rules import RULES

MEGABYTE = 1_000_000


class FilePicker(Element, component='file_picker.js'):
    """A button that opens the camera, the gallery or a file, and a list of what was chosen with its progress.

    Args:
        purpose: chat | visit: the rules of the place and the address.
        target: what the pictures belong to: the number of a contract, the id of a visit.
        stays: keep what has arrived in the list until `clear()`, for a message that is sent later.
        words: on the button; only a paperclip when empty.
        on_arrived: called after every change of what has arrived.
    """

    def __init__(
        self,
        purpose: FilePurpose,
        target: str,
        *,
        stays: bool = True,
        words: str = '',
        on_arrived: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__()
        place = RULES.places[purpose]
        self._most_files = place.most_files
        self._on_arrived = on_arrived
        self.ids: tuple[str, ...] = ()
        self.is_busy = False
        self._props.update(
            address=f'/files/{purpose}',
            target=target,
            accept=','.join(f'image/{kind}' for kind in place.types),
            most_bytes=place.most_bytes,
            most_files=place.most_files,
            stays=stays,
            sprite=asset('icons/sprite.svg'),
            words=_words(words, megabytes=place.most_bytes // MEGABYTE, most=place.most_files),
        )
        self.on('files', action(self._changed))

    def clear_files(self) -> None:
        """Forget what was chosen: the message is sent."""
        self.ids = ()
        self.run_method('clear')

    async def _changed(self, event: GenericEventArguments) -> None:
        """Take the browser's word for what has arrived: the service asks whether it is his."""
        ids, is_busy = event.args if isinstance(event.args, list) and len(event.args) == 2 else ([], False)
        known = ids if isinstance(ids, list) and all(isinstance(one, str) for one in ids) else []
        self.ids, self.is_busy = tuple(known[: self._most_files]), bool(is_busy)
        if self._on_arrived is not None and not self.is_busy:
            await self._on_arrived()


def _words(shown: str, *, megabytes: int, most: int) -> dict[str, str]:
    return {
        'shown': shown,
        'add': shown or _('Прикрепить фото'),
        'list': _('Прикреплённые фото'),
        'remove': _('Убрать {name}'),
        'sending': _('Загружаем'),
        'checking': _('Проверяем'),
        'ready': _('Готово'),
        'lost': _('Фото не дошло. Проверьте связь и попробуйте ещё раз.'),
        'too_large': _('Файл больше {megabytes} МБ. Отправьте снимок экрана или снимите в обычном качестве.').format(
            megabytes=megabytes
        ),
        'too_many': _('Больше {most} фото сюда не добавить.').format(most=most),
    }
