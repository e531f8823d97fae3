"""What an operator can do with an application: the next steps, the call, the note, the visit, the contract."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from nicegui import ui

from components.action import action, form_key
from components.application_words import verb
from components.contacts_dialog import contacts_dialog
from components.i18n import _
from components.reason_dialog import reason_dialog
from components.templating import icon
from components.typed_fields import text_of
from components.visit_picker import VisitPicker
from models.application import NEEDS_REASON, ApplicationStatus
from services import field_rules
from services.applications.application_cards import ApplicationCard
from services.applications.application_contacts import Contacts
from services.applications.applications import OPERATOR_STEPS, CallOutcome
from services.errors import N_
from services.visits.visit_slots import BEFORE_VISIT, SlotDay

_S = ApplicationStatus
BY_CALL = frozenset({_S.NO_ANSWER})
"""Reached by recording a call, not by a button of its own."""
BY_VISIT = frozenset({_S.RESCHEDULED})
"""Reached by calling a visit off or choosing another time."""
LONGEST_NOTE = field_rules.most('note')
CALLS = (
    (CallOutcome.REACHED, N_('Дозвонились')),
    (CallOutcome.NO_ANSWER, N_('Не дозвонились')),
    (CallOutcome.LATER, N_('Просят перезвонить')),
)

TITLES = {
    _S.REJECTED: N_('Отклонить заявку {number}'),
    _S.CANCELLED: N_('Отменить заявку {number}'),
    _S.NOT_FEASIBLE: N_('Заявка {number}: подключить нельзя'),
}


@dataclass(frozen=True)
class Deeds:
    """What the page does when a button is pressed; a form key comes last where a thing may not happen twice."""

    step: Callable[[ApplicationStatus, str, str], Awaitable[None]]
    call: Callable[[CallOutcome, str, str], Awaitable[None]]
    note: Callable[[str, str], Awaitable[None]]
    contacts: Callable[[Contacts, str], Awaitable[None]]
    schedule: Callable[[int, date, int, str], Awaitable[None]]
    call_off: Callable[[str, str], Awaitable[None]]
    prepare: Callable[[], Awaitable[None]]
    slots: Callable[[], Awaitable[tuple[SlotDay, ...]]]


class ApplicationDesk:
    """The middle of a card. The page calls `show` with the card it re-read; what is being typed stays."""

    def __init__(self, card: ApplicationCard, deeds: Deeds) -> None:
        self._card, self._deeds = card, deeds
        self._picker: VisitPicker | None = None
        with ui.element('div').classes('stack'):
            self._steps = ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Следующий шаг")}"')
            self._place = ui.element('div').classes('desk__place')
            self._draw_call()
        self._dialogs = ui.element('div').classes('desk__place')
        self._draw_steps()

    def show(self, card: ApplicationCard) -> None:
        """Draw the steps that are possible now."""
        is_moved = card.row.status != self._card.row.status
        self._card = card
        if is_moved:
            self._close_picker()
        self._draw_steps()

    async def reread_slots(self) -> None:
        """Draw the free slots anew, if they are open."""
        if self._picker is not None:
            self._picker.show(await self._deeds.slots())

    def _draw_steps(self) -> None:
        self._steps.clear()
        self._calls.set_visibility(not self._card.is_closed)
        self._hint.set_text(
            _('Заявка закрыта. Заметки по ней можно оставлять и дальше.') if self._card.is_closed else ''
        )
        self._hint.set_visibility(self._card.is_closed)
        with self._steps, ui.element('div').classes('cluster'):
            status = self._card.row.status
            steps = self._card.steps
            if status in BEFORE_VISIT:
                words = _('Перенести выезд') if status == _S.SCHEDULED else _('Назначить выезд')
                is_main = status != _S.SCHEDULED and self._picker is None
                self._button(words, self._open_picker, 'button--green' if is_main else '')
            for step in (s for s in _order(steps) if s in OPERATOR_STEPS - BY_CALL - BY_VISIT):
                self._draw_step(step)
            if status == _S.SCHEDULED:
                self._button(_('Снять выезд'), self._ask_call_off, 'button--danger', 'x')
            if status in BEFORE_VISIT and not self._card.contract_number:
                self._button(_('Подготовить договор'), self._deeds.prepare, '')
            if not self._card.is_closed:
                self._button(_('Исправить контакты'), self._open_contacts, 'button--quiet')

    def _draw_step(self, step: ApplicationStatus) -> None:
        words = _('Вернуть в работу') if (self._card.row.status, step) == (_S.NO_ANSWER, _S.IN_REVIEW) else verb(step)
        if step in NEEDS_REASON:
            picture = 'ban' if step == _S.REJECTED else 'x'
            self._button(words, partial(self._ask_reason, step, form_key()), 'button--danger', picture)
            return
        main = step == _S.CONFIRMED or self._card.row.status == _S.NEW
        self._button(words, partial(self._deeds.step, step, '', form_key()), 'button--green' if main else '')

    def _button(self, words: str, deed: Callable[[], Awaitable[None]], look: str, picture: str = '') -> None:
        button = ui.button(words, on_click=action(_as_function(deed)), color=None).classes(look)
        with button.props('no-caps unelevated'):
            if picture:
                ui.html(str(icon(picture)), sanitize=False).classes('button__icon')

    def _draw_call(self) -> None:
        """Field and buttons that stay in place whatever happens around, so that nothing typed is lost."""
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Звонок и заметка")}"'):
            ui.html(_('Звонок и заметка'), tag='h2')
            self._hint = ui.label(_('Заявка закрыта. Заметки по ней можно оставлять и дальше.')).classes('muted')
            self._note = ui.textarea(label=_('Что сказал клиент, о чём договорились'))
            self._note.props(f'outlined autogrow maxlength={LONGEST_NOTE}')
            with ui.element('div').classes('cluster'):
                self._calls = ui.element('div').classes('cluster')
                with self._calls:
                    for outcome, words in CALLS:
                        self._button(_(words), partial(self._record_call, outcome), '')
                self._button(_('Только заметка'), self._save_note, 'button--quiet')
        self._key = form_key()

    async def _record_call(self, outcome: CallOutcome) -> None:
        await self._deeds.call(outcome, text_of(self._note.value), self._key)
        self._note.value, self._key = '', form_key()

    async def _save_note(self) -> None:
        await self._deeds.note(text_of(self._note.value), self._key)
        self._note.value, self._key = '', form_key()

    async def _ask_reason(self, step: ApplicationStatus, key: str) -> None:
        hint = (
            _('Причину увидит клиент: в письме и на странице заявки.')
            if step == _S.REJECTED
            else _('Причину увидят коллеги и клиент на странице заявки.')
        )
        title = _(TITLES[step]).format(number=self._card.row.number)
        with self._dialogs:
            reason_dialog(title, hint, verb(step), lambda reason: self._deeds.step(step, reason, key))

    async def _ask_call_off(self) -> None:
        key = form_key()
        hint = _('Время освободится, заявка будет ждать нового. Клиенту позвоните сами.')
        with self._dialogs:
            reason_dialog(_('Снять выезд'), hint, _('Снять выезд'), lambda reason: self._deeds.call_off(reason, key))

    async def _open_contacts(self) -> None:
        key = form_key()
        with self._dialogs:
            contacts_dialog(self._card, lambda contacts: self._deeds.contacts(contacts, key))

    async def _open_picker(self) -> None:
        if self._picker is not None:
            self._close_picker()
            self._draw_steps()
            return
        slots = await self._deeds.slots()
        words = _('Перенести') if self._card.row.status == _S.SCHEDULED else _('Назначить')
        with self._place:
            self._picker = VisitPicker(slots, verb=words, on_schedule=self._deeds.schedule)
        self._draw_steps()

    def _close_picker(self) -> None:
        if self._picker is not None:
            self._picker = None
            self._place.clear()


def _order(steps: frozenset[ApplicationStatus]) -> list[ApplicationStatus]:
    """The likely step first, refusals last."""
    return sorted(steps, key=lambda s: (s in NEEDS_REASON, s == _S.CANCELLED, s != _S.CONFIRMED, s))


def _as_function(deed: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Give a partial the name that the log of failures shows."""

    async def run() -> None:
        await deed()

    run.__qualname__ = getattr(getattr(deed, 'func', deed), '__qualname__', 'deed')
    return run
