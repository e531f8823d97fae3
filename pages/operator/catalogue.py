"""/operator/catalogue and /operator/catalogue/{code}: tariffs, TV, add-ons and rented devices with their prices."""

from functools import partial

from nicegui import context, ui
from starlette.responses import Response

from components.action import action, tell
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, error_text, long_date, money, plural, typed_sum
from components.session import act
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.user import Role
from pages.errors import error_page
from services.errors import DomainError, InvalidField, NotFound
from services.offers import price_changes, shelf
from services.offers.shelf import Kind, PriceChange, ShelfLine, ShelfPage


@ui.page('/operator/catalogue')
@requires(Role.ADMINISTRATOR)
async def catalogue_page() -> None:
    """Show everything paid by the month: what it costs, who has it, what is announced."""
    lines = await act(shelf.list_shelf)
    async with shell(_('Тарифы и цены'), area='operator', active='catalogue'):
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Тарифы и цены'), tag='h1', sanitize=False)
            ui.html(render('_shelf.html', groups=_grouped(lines)), sanitize=False).classes('desk__list')


@ui.page('/operator/catalogue/{code}')
@requires(Role.ADMINISTRATOR)
async def priced_page(code: str) -> Response | None:
    """Show one tariff, TV package, add-on or rented device with the history of its price, and change it."""
    try:
        view = await act(shelf.get_page, code)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(view.line.name, area='operator', active='catalogue'):
        OpenPriced(view).open()
    return None


def _grouped(lines: tuple[ShelfLine, ...]) -> list[tuple[str, list[ShelfLine]]]:
    """Return the lines under the headings of their kinds."""
    titles = {Kind.TARIFF: _('Тарифы'), Kind.TV: _('Телевидение'), Kind.ADD_ON: _('Услуги'), Kind.RENT: _('Аренда')}
    return [(title, [line for line in lines if line.kind == kind]) for kind, title in titles.items()]


class OpenPriced:
    """One thing with a price on one open page."""

    def __init__(self, view: ShelfPage) -> None:
        self._view, self._code = view, view.line.code

    def open(self) -> None:
        """Draw what it is and what can be done with it."""
        with ui.element('div').classes('console console--two dense'):
            self._facts = ui.html(sanitize=False).classes('console__pane console__pane--tall')
            pane = ui.element('section').classes('console__pane').props(f'aria-label="{_("Изменить")}"')
            with pane, ui.element('div').classes('stack measure'):
                self._price = ui.element('div').classes('stack')
                self._sale = ui.element('div').classes('stack stack--s')
                if self._view.line.kind == Kind.TARIFF:
                    with ui.element('div').classes('stack stack--s'):
                        self._draw_targets()
            self._dialogs = ui.element('div').classes('desk__place')
        self._draw()

    def _draw(self) -> None:
        self._facts.set_content(render('_priced.html', view=self._view))
        self._price.clear()
        with self._price:
            waiting = self._view.waiting
            if waiting:
                self._draw_waiting(waiting)
            else:
                self._draw_form()
        self._sale.clear()
        if self._view.line.kind != Kind.RENT:
            with self._sale:
                self._draw_sale()

    def _draw_waiting(self, price: PriceChange) -> None:
        ui.html(_('Объявлена новая цена'), tag='h2', sanitize=False)
        ui.label(_('{fee} с {day}').format(fee=money(price.fee), day=long_date(price.starts_on)))
        ui.label(_('До этого дня её можно отозвать: тем, кому писали о цене, придёт ещё одно письмо.')).classes('muted')
        with ui.element('div').classes('cluster'):
            ui.button(_('Отозвать цену'), on_click=self._ask_withdraw, color=None).props('no-caps unelevated')

    def _draw_form(self) -> None:
        view = self._view
        ui.html(_('Новая цена'), tag='h2', sanitize=False)
        self._fields = TypedFields.empty()
        self._fields.line('fee', _('Цена в месяц, с НДС'), value=typed_sum(view.line.fee), props='inputmode=decimal')
        self._fields.line('vat_rate', _('НДС в цене, %'), value=str(view.vat_then), props='inputmode=numeric')
        hint = _('1-е число, не раньше {day}').format(day=long_date(view.earliest))
        self._fields.line('starts_on', _('С какого дня'), value=view.earliest.isoformat(), hint=hint, props='type=date')
        self._fields.lines('reason', _('Причина'), hint=_('Останется в журнале, абоненты её не увидят'))
        with ui.element('div').classes('cluster'):
            with ui.button(_('Объявить'), on_click=self._ask_announce, color=None) as button:
                ui.html(str(icon('check')), sanitize=False).classes('button__icon')
            button.classes('button--green').props('no-caps unelevated')

    def _draw_sale(self) -> None:
        ui.html(_('Продажа'), tag='h2', sanitize=False)
        if self._view.line.is_on_sale:
            ui.label(_('В архиве остаётся у тех, у кого уже есть. Новых не подключают.')).classes('muted')
            words, deed = _('Убрать в архив'), shelf.archive
        else:
            ui.label(_('В архиве: только у тех, кто подключил раньше.')).classes('muted')
            words, deed = _('Вернуть в продажу'), shelf.put_on_sale
        with ui.element('div').classes('cluster'):
            ui.button(words, on_click=partial(self._put, deed), color=None).props('no-caps unelevated')

    def _draw_targets(self) -> None:
        ui.html(_('На какие тарифы можно перейти'), tag='h2', sanitize=False)
        ui.label(_('Ничего не отмечено — на любой, который есть в доме.')).classes('muted')
        with ui.element('div').props(f'role=group aria-label="{_("Тарифы для перехода")}"').classes('stack stack--s'):
            self._ticks = {
                code: ui.checkbox(name, value=code in self._view.targets) for code, name in self._view.others
            }
        self._error = ui.label().classes('field__error').props('role=alert')
        with ui.element('div').classes('cluster'):
            ui.button(_('Сохранить'), on_click=self._save_targets, color=None).props('no-caps unelevated')

    async def _reread(self) -> None:
        self._view = await act(shelf.get_page, self._code)
        self._draw()

    @action
    async def _ask_announce(self) -> None:
        line = self._view.line
        told = plural(line.subscribers, 'абонента', 'абонентов', 'абонентов')
        words = _('Подключено у {people}. Каждому уйдёт письмо, а кто без почты, получит СМС.').format(people=told)
        title = _('Объявить цену «{name}»').format(name=line.name)
        with self._dialogs:
            confirm_dialog(title, words, _('Объявить и написать'), self._announce, 'mail')

    async def _announce(self) -> None:
        try:
            await act(price_changes.announce, self._code, **self._fields.values())
        except DomainError as refusal:
            if not self._fields.show(refusal):
                raise
            return
        await self._reread()
        tell(_('Цена объявлена'))

    @action
    async def _ask_withdraw(self) -> None:
        price = self._view.waiting
        if price is None:
            return await self._reread()
        fee = money(self._view.line.fee)
        words = _('Цена останется {fee} Абонентам уйдёт письмо, что изменения не будет.').format(fee=fee)
        with self._dialogs:
            confirm_dialog(
                _('Отозвать новую цену'), words, _('Отозвать и написать'), partial(self._withdraw, price.id), 'x'
            )
        return None

    async def _withdraw(self, price_id: int) -> None:
        await act(price_changes.withdraw, price_id)
        await self._reread()
        tell(_('Цена отозвана'))

    @action
    async def _put(self, deed: object) -> None:
        assert callable(deed)
        await act(deed, self._code)
        await self._reread()

    @action
    async def _save_targets(self) -> None:
        self._error.text = ''
        try:
            await act(shelf.set_targets, self._code, [code for code, tick in self._ticks.items() if tick.value])
        except InvalidField as error:
            self._error.text = error_text(error)
            return
        await self._reread()
        tell(_('Сохранено'))
