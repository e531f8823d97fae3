"""The red strip of the billing page while nothing is charged: since when, why, and the buttons of administrators."""

from nicegui import ui

from components import books_words
from components.action import action, one_at_a_time, tell
from components.i18n import _, plural
from components.live import on_event
from components.reason_dialog import reason_dialog
from components.session import act
from components.templating import icon, render
from services.accounts import books, books_desk
from services.accounts.books_desk import BooksDesk
from services.events import BooksChanged, BooksChecked


class BooksStrip:
    """The state of the books on one open page; nothing is drawn while everything is charged."""

    def __init__(self, desk: BooksDesk) -> None:
        self._desk = desk

    def open(self) -> None:
        """Draw the strip and follow what happens to the books."""
        with ui.element('div').classes('stack stack--s measure') as self._place:
            self._words = ui.html(sanitize=False)
            self._progress = ui.html(sanitize=False)
            if self._desk.may_resume:
                with ui.element('div').classes('cluster'):
                    self._button(_('Проверить снова'), self._check, 'refresh-cw')
                    self._button(_('Возобновить начисления'), self._ask, 'play')
            self._dialogs = ui.element('div').classes('desk__place')
        self._draw()
        on_event(BooksChanged, self._reread)
        on_event(BooksChecked, self._hear)

    def _button(self, words: str, on_click: object, picture: str) -> None:
        with ui.button(words, on_click=one_at_a_time(on_click), color=None) as button:  # type: ignore[arg-type]  # a handler
            ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
        button.props('no-caps unelevated')

    def _draw(self) -> None:
        self._place.set_visibility(self._desk.stopped_at is not None)
        self._words.set_content(render('_books_stopped.html', desk=self._desk, words=books_words))

    async def _reread(self, _event: BooksChanged | None = None) -> None:
        self._desk = await act(books_desk.show)
        self._draw()

    async def _hear(self, event: BooksChecked) -> None:
        self._show_progress(event.done, event.parts)

    def _show_progress(self, done: int, parts: int) -> None:
        is_over = done == parts
        self._progress.set_content('' if is_over else render('_books_check.html', done=done, parts=parts))

    @action
    async def _check(self) -> None:
        self._show_progress(0, 1)
        try:
            findings = await act(books_desk.check)
        finally:
            self._show_progress(1, 1)
        await self._reread()
        if findings:
            count = plural(len(findings), 'правило', 'правила', 'правил')
            tell(_('Книги всё ещё не сходятся: нарушено {count}.').format(count=count), good=False)
        else:
            tell(_('Проверка ничего не нашла. Начисления можно возобновить.'))

    @action
    async def _ask(self) -> None:
        await act(books_desk.may_resume)
        hint = _('Сначала книги проверятся ещё раз. Причина останется в журнале.')
        with self._dialogs:
            reason_dialog(_('Возобновить начисления'), hint, _('Возобновить'), self._resume, 'play')

    async def _resume(self, reason: str) -> None:
        await act(books.resume, reason)
        await self._reread()
        tell(_('Начисления возобновлены'))
