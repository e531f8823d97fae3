"""/operator/subscribers/{number}: what a caller has, owes and was told; a new password for who lost his."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import context, ui
from starlette.responses import Response

from components.access_words import level_words
from components.action import action, form_key, tell
from components.application_words import state_word
from components.contract_words import contract_word, ownership
from components.guards import requires
from components.i18n import _, money, plural
from components.live import on_event
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from pages.errors import error_page
from services.contracts import credentials, subscriber_sessions, subscribers
from services.contracts.contract_states import ContractState
from services.contracts.credentials import Issued
from services.contracts.subscriber_cards import SubscriberCard
from services.errors import NotFound
from services.events import ContractChanged

WITHOUT_ACCESS = frozenset({ContractState.DRAFT, ContractState.VOID, ContractState.TERMINATED})
PANES = ('_subscriber.html', '_subscriber_services.html', '_subscriber_operations.html')


@ui.page('/operator/subscribers/{number}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def subscriber_page(number: str) -> Response | None:
    """Show one contract and keep its money true."""
    try:
        card = await act(subscribers.get_card, number)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Договор {number}').format(number=number), area='operator', active='subscribers'):
        OpenSubscriber(card).open()
    return None


class OpenSubscriber:
    """One contract on one open page."""

    def __init__(self, card: SubscriberCard) -> None:
        self._number = card.number
        self._card = card

    def open(self) -> None:
        """Draw the three panes and follow what happens to the contract."""
        with ui.element('div').classes('console dense'):
            with ui.element('div').classes('console__pane console__pane--tall stack'):
                person = ui.html(sanitize=False)
                self._access = ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Доступ")}"')
            others = (ui.html(sanitize=False).classes('console__pane') for _pane in PANES[1:])
            self._panes = (person, *others)
        self._dialogs = ui.element('div').classes('desk__place')
        with self._access:
            ui.html(_('Доступ в кабинет'), tag='h2', sanitize=False)
            with ui.element('div').classes('cluster'):
                ui.button(_('Выдать новый пароль'), on_click=self._ask, color=None).props('no-caps unelevated')
                self._end = ui.button(_('Завершить сеансы'), on_click=self._ask_end, color=None)
                self._end.props('no-caps unelevated')
            self._signed_in = ui.label().classes('muted')
        self._draw()
        on_event(ContractChanged, self._reread, when=lambda event: event.contract_id == self._card.contract_id)

    def _draw(self) -> None:
        for pane, template in zip(self._panes, PANES, strict=True):
            pane.set_content(
                render(
                    template,
                    card=self._card,
                    contract_word=contract_word,
                    ownership=ownership,
                    level_words=level_words(),
                    state_word=state_word,
                    signed=partial(money, sign=True),
                )
            )
        self._access.set_visibility(self._card.state not in WITHOUT_ACCESS)
        places = plural(self._card.open_sessions, 'устройстве', 'устройствах', 'устройствах')
        is_in = self._card.open_sessions > 0
        self._signed_in.set_text(
            _('В кабинете на {places}').format(places=places) if is_in else _('Сейчас не в кабинете')
        )
        self._end.set_visibility(is_in)

    async def _reread(self, _event: ContractChanged) -> None:
        self._card = await act(subscribers.get_card, self._number)
        self._draw()

    def _ask(self) -> None:
        key = form_key()
        hint = _(
            'Сначала убедитесь, что перед вами сам абонент: сверьте документ. '
            'Прежний пароль перестанет подходить, на всех устройствах нужно будет войти заново.'
        )
        title = _('Новый пароль к договору {number}').format(number=self._number)
        with self._dialogs:
            reason_dialog(title, hint, _('Выдать новый пароль'), lambda reason: self._reissue(reason, key), 'key-round')

    def _ask_end(self) -> None:
        hint = _('Абонент выйдет из кабинета на всех устройствах. Пароль останется прежним. Причину он увидит.')
        title = _('Завершить сеансы договора {number}').format(number=self._number)
        with self._dialogs:
            reason_dialog(title, hint, _('Завершить сеансы'), self._end_sessions, 'log-out')

    async def _end_sessions(self, reason: str) -> None:
        await act(subscriber_sessions.end_all, self._number, reason)
        self._card = await act(subscribers.get_card, self._number)
        self._draw()
        tell(_('Сеансы завершены'))

    async def _reissue(self, reason: str, key: str) -> None:
        issued = await act(credentials.reissue, self._number, reason, key)
        with self._dialogs:
            _show_once(issued, partial(act, credentials.seal, self._number))


def _show_once(issued: Issued, on_seen: Callable[[], Awaitable[None]]) -> None:
    """Show the password until somebody says that the subscriber has it: nothing else closes the dialog."""
    dialog = ui.dialog(value=True).props('persistent')
    dialog.on('hide', dialog.delete)
    dialog.props['aria-label'] = _('Новый пароль')

    @action
    async def close() -> None:
        await on_seen()
        dialog.close()

    with dialog, ui.card().classes('dense'):
        ui.html(_('Новый пароль'), tag='h2', sanitize=False)
        ui.html(render('_field_access.html', issued=issued), sanitize=False)
        with ui.button(_('Абонент переписал, закрыть'), on_click=close, color=None) as button:
            ui.html(str(icon('check')), sanitize=False).classes('button__icon')
        button.classes('button--green').props('no-caps unelevated')
