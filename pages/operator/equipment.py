"""/operator/equipment: devices that are waited for, devices that come back; handed over and accepted here."""

from abc import ABC, abstractmethod
from functools import partial

from nicegui import ui

from components.action import action, one_at_a_time
from components.contract_words import ownership
from components.equipment_words import desk_rows
from components.following_list import Drawn, FollowingList
from components.guards import requires
from components.i18n import _, error_text, money
from components.icon_button import icon_button
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import render
from components.typed_fields import TypedFields
from models.user import Role
from services.accounts import equipment_desk, equipment_list
from services.accounts.equipment_list import ORDERS, RETURNS, DeskOrder, DeskUnit
from services.accounts.shown_quotes import QuoteChanged, ShownQuote
from services.errors import DomainError
from services.events import EquipmentChanged


@ui.page('/operator/equipment')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def equipment_page(part: str = ORDERS, contract: str = '', page: str = '') -> None:
    """Show what waits to be handed over, or to come back; with a contract, all that it rents."""
    async with shell(_('Оборудование'), area='operator', active='equipment'):
        wanted = RETURNS if part == RETURNS else ORDERS
        await EquipmentCounter(wanted, contract.strip()[:16], whole_number(page) or 1).open()


class EquipmentCounter(FollowingList):
    """The list on one open page."""

    follows = (EquipmentChanged,)

    def __init__(self, part: str, contract: str, page: int) -> None:
        self._asked = (part, contract, page)

    async def _read(self) -> Drawn:
        desk = await act(equipment_list.list_desk, *self._asked)
        part, contract, _page = self._asked
        facts = {'desk': desk, 'part': part, 'contract': contract}
        orders = (partial(self._draw_order, order) for order in desk.orders)
        units = (partial(self._draw_unit, unit) for unit in desk.units)
        return Drawn(
            head=render('_equipment_head.html', **facts),
            rows=[*orders, *units],
            foot=render('_equipment_foot.html', **facts),
        )

    def _draw_order(self, order: DeskOrder) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_equipment_order.html', order=order, ownership=ownership), sanitize=False)
            if not order.may_handle:
                return
            with ui.element('div').classes('cluster'):
                if not order.is_over:
                    icon_button(_('Выдать'), partial(self._ask_hand_over, order), 'check', look='button--green')
                ui.button(_('Отменить'), on_click=partial(self._ask_cancel, order), color=None).props('no-caps')

    def _draw_unit(self, unit: DeskUnit) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_equipment_unit.html', unit=unit), sanitize=False)
            if unit.may_handle:
                with ui.element('div').classes('cluster'):
                    icon_button(_('Принять'), partial(self._ask_accept, unit), 'check', look='button--green')

    @action
    async def _ask_hand_over(self, order: DeskOrder) -> None:
        shown = await act(equipment_desk.quote_hand_over, order.id)
        with self.dialogs:
            HandOver(self, order, shown).open()

    @action
    async def _ask_accept(self, unit: DeskUnit) -> None:
        shown = await act(equipment_desk.quote_return, unit.id)
        with self.dialogs:
            Acceptance(self, unit, shown).open()

    def _ask_cancel(self, order: DeskOrder) -> None:
        hint = _('Денег за заказ ещё не брали, возвращать нечего. Заказ исчезнет и у абонента.')
        with self.dialogs:
            reason_dialog(_('Отменить заказ'), hint, _('Отменить заказ'), partial(self._cancel, order.id))

    async def _cancel(self, order_id: int, reason: str) -> None:
        await act(equipment_desk.cancel, order_id, reason)
        await self.done(_('Заказ отменён'))


class _Counted(ABC):
    """A dialog with the sums of a quote; a quote that went stale is drawn anew and asked about again."""

    def __init__(self, counter: EquipmentCounter, shown: ShownQuote) -> None:
        self._counter, self._shown, self._fields = counter, shown, TypedFields.empty()

    def _open(self, title: str, verb: str) -> None:
        self._dialog = ui.dialog(value=True)
        self._dialog.on('hide', self._dialog.delete)
        with self._dialog, ui.card().classes('dense'):
            ui.html(title, tag='h2', sanitize=True)
            self._sums = ui.html(sanitize=False)
            self._draw()
            self._draw_fields()
            with ui.element('div').classes('cluster'):
                icon_button(verb, one_at_a_time(action(self._confirm)), 'check', look='button--green')
                ui.button(_('Не сейчас'), on_click=self._dialog.close, color=None).props('flat no-caps')

    def _draw(self, note: str = '') -> None:
        facts = {'shown': self._shown, 'rows': desk_rows(self._shown.quote), 'note': note}
        self._sums.set_content(render('_equipment_sums.html', **facts))

    async def _confirm(self) -> None:
        try:
            words = await self._do()
        except QuoteChanged as refusal:
            self._shown = await self._ask_again()
            self._draw(error_text(refusal))
            return
        except DomainError as refusal:
            if not self._fields.show(refusal):
                raise
            return
        self._dialog.close()
        await self._counter.done(words)

    @abstractmethod
    def _draw_fields(self) -> None:
        """Draw what is typed."""

    @abstractmethod
    async def _do(self) -> str:
        """Do it as the sums say; returns what to tell."""

    @abstractmethod
    async def _ask_again(self) -> ShownQuote:
        """Return the sums anew: the facts have changed."""


class HandOver(_Counted):
    """Serial number and MAC from the label, the sum, and the device is his."""

    def __init__(self, counter: EquipmentCounter, order: DeskOrder, shown: ShownQuote) -> None:
        super().__init__(counter, shown)
        self._order = order

    def open(self) -> None:
        """Draw the dialog."""
        self._open(_('Выдать «{name}»').format(name=self._order.name), _('Выдать'))

    def _draw_fields(self) -> None:
        typed = 'autocomplete=off autocapitalize=characters'
        self._fields.line('serial', _('Серийный номер'), hint=_('С наклейки на устройстве'), props=typed)
        if self._order.needs_mac:
            self._fields.line('mac', _('MAC'), hint=_('12 знаков, двоеточия не нужны'), props=typed)

    async def _do(self) -> str:
        mac = self._fields.value('mac') if self._order.needs_mac else ''
        asked = (self._order.id, self._shown.id, self._fields.value('serial'), mac)
        serial = await act(equipment_desk.hand_over, *asked)
        return _('Устройство № {serial} выдано').format(serial=serial)

    async def _ask_again(self) -> ShownQuote:
        return await act(equipment_desk.quote_hand_over, self._order.id)


class Acceptance(_Counted):
    """How the device looks, the rent that comes back, and it is ours again."""

    def __init__(self, counter: EquipmentCounter, unit: DeskUnit, shown: ShownQuote) -> None:
        super().__init__(counter, shown)
        self._unit = unit

    def open(self) -> None:
        """Draw the dialog."""
        name, serial = self._unit.name, self._unit.serial
        self._open(_('Принять «{name}», № {serial}').format(name=name, serial=serial or _('без номера')), _('Принять'))

    def _draw_fields(self) -> None:
        hint = _('Например: цело, без блока питания. Можно не писать')
        self._fields.lines('condition', _('Состояние'), hint=hint)

    async def _do(self) -> str:
        condition = self._fields.value('condition')
        back = await act(equipment_desk.accept, self._unit.id, self._shown.id, condition)
        return _('Принято, на счёт вернулось {sum}').format(sum=money(back)) if back else _('Принято')

    async def _ask_again(self) -> ShownQuote:
        return await act(equipment_desk.quote_return, self._unit.id)
