"""/operator/data-requests: who asked about his data, how many days are left, and the answer."""

from collections.abc import Callable
from functools import partial

from nicegui import ui
from starlette.responses import Response

from components.action import action, form_key, tell
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, error_text
from components.live import on_event
from components.privacy_words import kind_word, obstacle_words, state_word, term_word
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.privacy import RequestKind, RequestState
from models.user import Role
from services import field_rules
from services.errors import InvalidField
from services.events import PrivacyRequestsChanged
from services.privacy import requests
from services.privacy.requests import RequestRow


@ui.page('/operator/data-requests')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def requests_page() -> Response | None:
    """Show open requests, the most urgent first, and what was answered."""
    rows = await act(requests.list_requests)
    async with shell(_('Запросы о данных'), area='operator', active='requests'):
        RequestsDesk().open(rows)
    return None


class RequestsDesk:
    """The register on one open page."""

    def open(self, rows: tuple[RequestRow, ...]) -> None:
        """Draw the form for paper, the open requests and the table of answers, and follow what changes."""
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Запросы о персональных данных'), tag='h1', sanitize=False)
            self._open = ui.element('div').classes('stack')
            ui.html(_('Запрос на бумаге'), tag='h2', sanitize=False)
            ui.label(_('Принесли или прислали письмом — запишите, чтобы не пропустить срок ответа.')).classes('muted')
            self._draw_form()
            ui.html(_('Отвеченные'), tag='h2', sanitize=False)
            self._answered = ui.html(sanitize=False).classes('desk__list')
            self._dialogs = ui.element('div').classes('desk__place')
        self._show(rows)
        on_event(PrivacyRequestsChanged, self._reread)

    async def _reread(self, _event: PrivacyRequestsChanged | None = None) -> None:
        self._show(await act(requests.list_requests))

    def _show(self, rows: tuple[RequestRow, ...]) -> None:
        self._open.clear()
        waiting = [row for row in rows if row.state == RequestState.OPEN]
        with self._open:
            if not waiting:
                ui.html(render('_privacy_none.html'), sanitize=False).classes('desk__list')
            for row in waiting:
                self._draw_request(row)
        answered = [row for row in rows if row.state != RequestState.OPEN]
        self._answered.set_content(render('_privacy_answered.html', rows=answered, kind=kind_word, state=state_word))

    def _draw_request(self, row: RequestRow) -> None:
        with ui.element('section').classes('card stack stack--s').props(f'data-request={row.id}'):
            facts = {'kind': kind_word, 'left': term_word, 'obstacle': obstacle_words}
            ui.html(render('_privacy_request.html', row=row, **facts), sanitize=False)
            with ui.element('div').classes('cluster'):
                if row.kind == RequestKind.INFORMATION:
                    _button(_('Записать ответ'), partial(self._ask_answer, row), 'check')
                    return
                if not row.obstacles and not row.is_for_colleague:
                    _button(_('Удалить данные'), partial(self._ask_erase, row), 'trash-2', danger=True)
                _button(_('Отказать'), partial(self._ask_refusal, row), 'ban')

    def _ask_erase(self, row: RequestRow) -> None:
        words = _(
            'Имя, контакты, адрес, паспорт и переписка будут стёрты, вход в кабинет закроется. '
            'Договор, платежи и журнал останутся. Вернуть стёртое нельзя. Абоненту уйдёт письмо.'
        )
        title = _('Удалить данные: договор {number}').format(number=row.contract_number)
        with self._dialogs:
            confirm_dialog(title, words, _('Удалить данные'), lambda: self._answer(requests.confirm, row.id))

    def _ask_refusal(self, row: RequestRow) -> None:
        title = _('Отказать: договор {number}').format(number=row.contract_number)
        hint = _('Абонент прочитает причину в письме и в кабинете. Назовите закон или то, что ещё не закрыто.')
        with self._dialogs:
            reason_dialog(title, hint, _('Отказать'), lambda text: self._answer(requests.refuse, row.id, text))

    def _ask_answer(self, row: RequestRow) -> None:
        title = _('Ответ: договор {number}').format(number=row.contract_number)
        hint = _('Запишите, что и как ответили: письмом, лично, когда.')
        with self._dialogs:
            reason_dialog(
                title, hint, _('Записать ответ'), lambda text: self._answer(requests.answer, row.id, text), 'check'
            )

    async def _answer(self, service: Callable[..., None], *args: object) -> None:
        await act(service, *args)
        tell(_('Готово.'))
        await self._reread()

    def _draw_form(self) -> None:
        words = {RequestKind.ERASURE: kind_word('erasure'), RequestKind.INFORMATION: kind_word('information')}
        with ui.element('div').classes('cluster desk__form').props(f'role=group aria-label="{_("Запрос на бумаге")}"'):
            number = (
                ui.input(label=_('Номер договора'))
                .classes('desk__search')
                .props(f'outlined dense maxlength={field_rules.most("contract_number")} inputmode=numeric')
            )
            kind = (
                ui.select(words, value=RequestKind.ERASURE, label=_('О чём просит'))
                .classes('desk__search')
                .props('outlined dense')
            )
            key = [form_key()]

            @action
            async def record() -> None:
                number.error = None
                try:
                    await act(requests.record_paper, str(number.value or ''), str(kind.value), key[0])
                except InvalidField as error:
                    number.error = error_text(error)
                    return
                key[0], number.value = form_key(), ''
                await self._reread()

            _button(_('Записать запрос'), record, 'plus')


def _button(words: str, on_click: Callable[[], object], picture: str, *, danger: bool = False) -> None:
    with ui.button(words, on_click=on_click, color=None).props('no-caps unelevated') as button:
        ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
    if danger:
        button.classes('button--danger')
