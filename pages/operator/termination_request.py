"""The request to end a contract by a paper: the day, what it does to the wallet, where the rest goes."""

from nicegui import ui

from components import termination_words as words
from components.action import action, form_key, one_at_a_time, tell
from components.i18n import _, long_date
from components.icon_button import icon_button
from components.session import act
from components.templating import render
from components.typed_fields import TypedFields
from models.termination import MoneyGoes
from services.accounts import termination_desk
from services.accounts.shown_quotes import QuoteChanged, ShownQuote
from services.accounts.termination_desk import TerminationDesk
from services.accounts.termination_requests import Wish
from services.errors import DomainError


class PaperRequest:
    """The form on one open page; `draw` begins it anew."""

    def __init__(self) -> None:
        self._key = form_key()
        self._shown: ShownQuote | None = None

    def draw(self, desk: TerminationDesk) -> None:
        """Draw it empty, for the contract as it is now."""
        self._desk = desk
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Заявление")}"'):
            ui.html(_('Расторгнуть по заявлению'), tag='h2', sanitize=False)
            self._day = TypedFields.empty()
            limits = f'type=date min={self._desk.earliest} max={self._desk.latest}'
            self._day.line('last_day', _('Последний день'), value=self._desk.earliest.isoformat(), props=limits)
            with ui.element('div').classes('cluster'):
                icon_button(_('Посчитать'), one_at_a_time(self._count), 'calendar')
            self._strip = ui.html(sanitize=False)
            self._rest = ui.element('div').classes('stack stack--s')

    @action
    async def _count(self) -> None:
        try:
            self._shown = await act(termination_desk.quote_for, self._desk.number, self._day.value('last_day'))
        except DomainError as refusal:
            if not self._day.show(refusal):
                raise
            return
        self._day.fields['last_day'].error = None
        self._strip.set_content(render('_termination_strip.html', shown=self._shown, words=words))
        self._rest.clear()
        with self._rest:
            self._draw_wish()

    def _draw_wish(self) -> None:
        self._wish = TypedFields.empty()
        self._wish.line('paper', _('Номер заявления'))
        goes = {str(MoneyGoes.LATER): _('Абонент скажет позже'), str(MoneyGoes.ACCOUNT): _('На счёт в банке')}
        if self._desk.others:
            goes[str(MoneyGoes.CONTRACT)] = _('На другой договор абонента')
        self._wish.choice('money', _('Остаток вернуть'), goes)
        self._wish.line('iban', _('Номер счёта, если в банк'), hint=_('28 знаков, начинается с BY'))
        if self._desk.others:
            self._wish.choice('target', _('Другой договор'), {number: number for number in self._desk.others})
        self._wish.choice('reason', _('Причина'), dict(words.reasons()))
        icon_button(_('Записать заявление'), one_at_a_time(self._request), 'check', look='button--danger')

    @action
    async def _request(self) -> None:
        if self._shown is None:
            return
        try:
            wish = Wish(**self._wish.values())
            last_day = await act(termination_desk.request_for, self._desk.number, self._shown.id, self._key, wish)
        except QuoteChanged:
            await self._count()
            raise
        except DomainError as refusal:
            if not self._wish.show(refusal):
                raise
            return
        self._key = form_key()
        tell(_('Записано: последний день — {day}').format(day=long_date(last_day)))
