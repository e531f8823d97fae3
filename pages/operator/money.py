"""/operator/subscribers/{number}/money: every operation of a wallet with its reasons, and putting it right."""

from urllib.parse import quote

from nicegui import context, ui
from starlette.responses import Response

from components.action import action, form_key, one_at_a_time, tell
from components.guards import requires
from components.i18n import _, error_text, money
from components.live import on_event
from components.money_words import correction_word
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.redirect import CONFIRM
from components.session import act
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.correction import CorrectionState
from models.user import Role
from pages.errors import error_page
from services.accounts import corrections, wallet_desk
from services.accounts.wallet_desk import Wallet, WalletLine
from services.errors import DomainError, NotFound
from services.events import ContractChanged, CorrectionChanged


@ui.page('/operator/subscribers/{number}/money')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def money_page(number: str, before: str = '', operation: str = '') -> Response | None:
    """Show one page of a wallet; an operation that is asked about stands open beside it."""
    asked = (number, whole_number(before) or None, whole_number(operation) or None)
    try:
        wallet = await act(wallet_desk.get_wallet, *asked)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Счёт договора {number}').format(number=number), area='operator', active='subscribers'):
        OpenWallet(wallet, asked).open()
    return None


class OpenWallet:
    """One wallet on one open page."""

    def __init__(self, wallet: Wallet, asked: tuple[str, int | None, int | None]) -> None:
        self._wallet, self._asked, self._key = wallet, asked, form_key()

    def open(self) -> None:
        """Draw the operation that is asked about, the form, and the list; follow what happens to the contract."""
        with ui.element('div').classes('console console--two dense'):
            with ui.element('div').classes('console__pane console__pane--tall stack'):
                self._facts = ui.html(sanitize=False)
                self._reverse = ui.element('div')
                self._draw_reversal()
                self._draw_form()
            self._list = ui.html(sanitize=False).classes('console__pane')
        self._dialogs = ui.element('div').classes('desk__place')
        self._draw()
        on_event(ContractChanged, self._hear, when=self._is_mine)
        on_event(CorrectionChanged, self._hear, when=self._is_mine)

    def _is_mine(self, event: ContractChanged | CorrectionChanged) -> bool:
        return event.contract_id == self._wallet.contract_id

    @property
    def _chosen(self) -> WalletLine | None:
        return next((line for line in self._wallet.lines if line.id == self._asked[2]), None)

    def _draw(self) -> None:
        facts = {'wallet': self._wallet, 'chosen': self._chosen, 'error_text': error_text, 'word': correction_word}
        self._facts.set_content(render('_wallet.html', **facts))
        self._list.set_content(render('_wallet_lines.html', **facts))
        chosen = self._chosen
        may = chosen is not None and chosen.refusal is None and not chosen.is_reversed and not self._wallet.is_own
        self._reverse.set_visibility(may and self._wallet.is_fresh)

    def _draw_reversal(self) -> None:
        with self._reverse, ui.button(_('Отменить операцию'), on_click=self._ask_reverse, color=None) as button:
            ui.html(str(icon('refresh-cw')), sanitize=False).classes('button__icon')
        button.props('no-caps unelevated')

    def _draw_form(self) -> None:
        if self._wallet.is_own:
            return
        if not self._wallet.is_fresh:
            ui.html(
                render('_wallet_confirm.html', title=_('Исправить счёт'), confirm=self._confirm_address()),
                sanitize=False,
            )
            return
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Исправить счёт")}"'):
            ui.html(_('Исправить счёт'), tag='h2', sanitize=False)
            self._fields = TypedFields.empty()
            ways = {corrections.CREDIT: _('Вернуть на счёт'), corrections.DEBIT: _('Списать со счёта')}
            self._fields.choice('direction', _('Что сделать'), ways)
            limit = _('Больше {sum} подтверждает второй сотрудник').format(sum=money(self._wallet.limit))
            self._fields.line('amount', _('Сумма, р.'), hint=limit, props='inputmode=decimal')
            self._fields.lines('reason', _('Причина'), hint=_('Её увидит абонент: в истории и в письме'))
            with ui.button(_('Исправить'), on_click=one_at_a_time(self._correct), color=None) as button:
                ui.html(str(icon('check')), sanitize=False).classes('button__icon')
            button.classes('button--green').props('no-caps unelevated')

    def _confirm_address(self) -> str:
        """Return where he shows that it is he; it leads back to this page and the operation that is asked about."""
        here = f'/operator/subscribers/{self._wallet.number}/money'
        if self._asked[2]:
            here += f'?operation={self._asked[2]}'
        return f'{CONFIRM}?next={quote(here, safe="")}'

    async def _hear(self, _event: ContractChanged | CorrectionChanged) -> None:
        self._wallet = await act(wallet_desk.get_wallet, *self._asked)
        self._draw()

    @action
    async def _correct(self) -> None:
        try:
            state = await act(corrections.correct, self._wallet.number, form_key=self._key, **self._fields.values())
        except DomainError as refusal:
            if not self._fields.show(refusal):
                raise
            return
        self._key = form_key()
        for name in ('amount', 'reason'):
            self._fields.fields[name].value = ''
        _tell(state)

    def _ask_reverse(self) -> None:
        chosen, key = self._chosen, form_key()
        if chosen is None:
            return
        hint = _('На счёт вернётся {sum} Причину увидит абонент.').format(sum=money(-chosen.sum, sign=True))
        title = _('Отменить «{title}»').format(title=chosen.title)

        async def reverse(reason: str) -> None:
            _tell(await act(corrections.reverse, chosen.id, reason, key))

        with self._dialogs:
            reason_dialog(title, hint, _('Отменить операцию'), reverse, 'refresh-cw')


def _tell(state: CorrectionState) -> None:
    waits = state == CorrectionState.WAITING
    tell(_('Отправлено второму сотруднику: он увидит это в «Исправлениях»') if waits else _('Счёт исправлен'))
