"""The chat panel: messages, who is typing, what was read, and the field to write in. The same for both sides."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from nicegui import ui

from components.action import action, form_key, tell
from components.file_picker import FilePicker
from components.i18n import _, long_date
from components.templating import render
from components.typed_fields import text_of
from models.file import FilePurpose
from services import clock
from services.messages.chat import LONGEST, Conversation, MessageView

if TYPE_CHECKING:
    from datetime import date

Send = Callable[[str, str, Sequence[str]], Awaitable[None]]
TYPING_SHOWN = 4.0
"""Seconds for which «печатает…» stands after the last sign of it."""
TYPING_STEP = 2.0
"""Seconds between two signs."""
FAR_DOWN = 10_000_000
"""Pixels: the browser stops at the last line."""


class ChatPanel:
    """A drawn conversation. The page calls `show` with what it re-read; the panel calls back to send.

    Args:
        conversation: what to draw first.
        on_send: (text, client message id, ids of pictures) → sends; what it raises leaves all in the field.
        on_typing: called at most every two seconds while somebody types.
        on_older: (id of the oldest message drawn) → the page of history before it.
        other_side: who writes on the other side, for «Оператор печатает…».
        draft: the name under which the browser keeps what is not sent yet: of this talk and this writer.
        empty: words for a talk that has not begun.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        on_send: Send,
        on_typing: Callable[[], Awaitable[None]],
        on_older: Callable[[int], Awaitable[Conversation]],
        other_side: str,
        empty: str,
        draft: str,
    ) -> None:
        self._last_id = 0
        self._last_day: date | None = None
        self._mine: list[int] = []
        self._on_send, self._on_typing, self._on_older, self._other_side = on_send, on_typing, on_older, other_side
        self._empty, self._number = empty, conversation.contract_number
        self._oldest_id = conversation.messages[0].id if conversation.messages else 0
        self._key = form_key()
        self._told_at = -TYPING_STEP
        with ui.element('section').classes('chat').props(f'aria-label="{_("Чат")}"'):
            self._box = ui.element('div').classes('chat__lines').props('role=log aria-live=polite tabindex=0')
            with self._box:
                self._older = ui.button(_('Показать раньше'), on_click=self._show_older).props('flat no-caps')
                self._history = ui.element('div').classes('chat__history')
                self._lines = ui.element('div').classes('chat__history')
            self._older.set_visibility(conversation.has_older)
            self._status = ui.label().classes('muted small').props('role=status')
            self._draw_form(conversation.contract_number, draft)
        self._typing_timer: ui.timer | None = None
        self.show(conversation)

    @property
    def last_id(self) -> int:
        """Return the newest message drawn: what is asked for next comes after it."""
        return self._last_id

    def show(self, conversation: Conversation) -> None:
        """Add the messages that are not drawn yet and say what the other side has read."""
        if conversation.messages and self._last_id == 0:
            self._lines.clear()
        fresh = [message for message in conversation.messages if message.id > self._last_id]
        with self._lines:
            if not fresh and self._last_id == 0:
                self._draw_empty()
            for message in fresh:
                self._draw(message)
        self._tell_read(conversation.seen_id)
        if fresh:
            self._scroll_down()

    def begin(self, text: str) -> None:
        """Put the beginning of a message into the field."""
        self._field.value = text

    def show_typing(self) -> None:
        """Say for some seconds that the other side is typing."""
        self._status.set_text(_('{who} печатает…').format(who=self._other_side))
        if self._typing_timer is not None:
            self._typing_timer.cancel()
        with self._lines:
            self._typing_timer = ui.timer(TYPING_SHOWN, lambda: self._status.set_text(''), once=True)

    def _draw_form(self, contract_number: str, draft: str) -> None:
        ui.add_head_html(render('_kept.html'))
        with ui.element('div').classes('chat__form'):
            self._picker = FilePicker(FilePurpose.CHAT, contract_number)
            self._field = (
                ui.textarea(label=_('Сообщение'), on_change=self._tell_typing)
                .props(f'autogrow outlined dense maxlength={LONGEST} rows=1 data-kept={draft}')
                .classes('chat__field')
                .on('keydown.enter.exact.prevent', self._submit)
            )
            ui.button(_('Отправить'), on_click=self._submit).classes('button button--green').props('no-caps unelevated')

    @action
    async def _submit(self) -> None:
        text = text_of(self._field.value).strip()
        if self._picker.is_busy:
            tell(_('Фото ещё загружается. Подождите и отправьте.'), good=False)
            return
        if not text and not self._picker.ids:
            return
        await self._on_send(text, self._key, self._picker.ids)
        self._key = form_key()
        self._field.value = ''
        self._picker.clear_files()

    @action
    async def _show_older(self) -> None:
        page = await self._on_older(self._oldest_id)
        if page.messages:
            self._oldest_id = page.messages[0].id
            with self._history:
                block = ui.html(''.join(self._bubble(m) for m in page.messages), sanitize=False)
            block.classes('chat__history').move(self._history, target_index=0)
        self._older.set_visibility(page.has_older)

    @action
    async def _tell_typing(self) -> None:
        moment = time.monotonic()
        if self._field.value and moment - self._told_at >= TYPING_STEP:
            self._told_at = moment
            await self._on_typing()

    def _draw(self, message: MessageView) -> None:
        day = clock.local(message.sent_at).date()
        if day != self._last_day:
            ui.label(long_date(day)).classes('chat__day')
            self._last_day = day
        ui.html(self._bubble(message), sanitize=False).classes('chat__line')
        self._last_id = message.id
        if message.is_mine:
            self._mine.append(message.id)

    def _bubble(self, message: MessageView) -> str:
        at_console = not message.is_mine and not message.by_operator
        return render('_bubble.html', message=message, contract=self._number if at_console else '')

    def _draw_empty(self) -> None:
        ui.label(self._empty).classes('chat__day')

    def _tell_read(self, seen_id: int) -> None:
        if self._mine and self._mine[-1] == self._last_id:
            self._status.set_text(_('Прочитано') if seen_id >= self._last_id else _('Доставлено'))
        else:
            self._status.set_text('')

    def _scroll_down(self) -> None:
        self._box.run_method('scrollTo', 0, FAR_DOWN)
