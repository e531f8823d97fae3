"""Devices in words: their pictures, and the quotes of taking, keeping and bringing back."""

from typing import Any

from components.i18n import _, money, plural
from components.quote_words import QuoteCard, shortage, strip
from models.catalogue import EquipmentKind
from services.accounts.equipment_board import EquipmentBoard
from services.accounts.shown_quotes import ShownQuote
from services.money import ZERO
from services.quotes.quote import Quote

_ICONS = {
    EquipmentKind.ROUTER: 'router',
    EquipmentKind.ONT: 'globe',
    EquipmentKind.STB: 'tv',
    EquipmentKind.CAM: 'credit-card',
    EquipmentKind.SATELLITE: 'satellite-dish',
}


def device_icon(kind: EquipmentKind) -> str:
    """Return the picture of a kind of device."""
    return _ICONS[kind]


def order_card(shown: ShownQuote, name: str, board: EquipmentBoard, *, changed: bool) -> QuoteCard:
    """Return the quote of a further device in words: nothing is charged before it is handed over."""
    quote, is_rent = shown.quote, shown.request['way'] == 'rent'
    first = _('Если заберёте сегодня: аренда до конца месяца') if is_rent else _('Если заберёте сегодня: один раз')
    month = _('Месяц вместе с арендой') if is_rent else _('Месяц как обычно')
    days = plural(board.hold_days, 'день', 'дня', 'дней')
    warnings = []
    if quote.steps[0].after < ZERO:
        missing = money(-quote.steps[0].after)
        warnings.append(_('К выдаче на счёте не хватает {sum}: пополните, прежде чем идти.').format(sum=missing))
    return QuoteCard(
        shown=shown,
        heading=_('Взять в аренду «{name}»').format(name=name) if is_rent else _('Купить «{name}»').format(name=name),
        rows=strip(quote, first, {quote.next_step.on: month}),
        plain=_(
            'Сейчас ничего не спишем: спишем, когда заберёте. Цену держим {days}. Возьмите с собой документ.'
        ).format(days=days),
        warnings=warnings,
        button=_('Заказать'),
        action='/my/equipment',
        back='/my/equipment',
        changed=changed,
        fields=[('take', shown.request['code']), ('way', shown.request['way'])],
        choice=_offices(board, _('Где заберёте')),
    )


def buy_out_card(shown: ShownQuote, name: str, *, changed: bool) -> QuoteCard:
    """Return the quote of keeping the rented device in words."""
    quote = shown.quote
    return QuoteCard(
        shown=shown,
        heading=_('Выкупить «{name}»').format(name=name),
        rows=strip(quote, _('Выкуп минус аренда за оставшиеся дни'), {quote.next_step.on: _('Месяц без этой аренды')}),
        plain=_('Устройство станет вашим сразу, ничего приносить не нужно.'),
        warnings=shortage(quote),
        button=_('Выкупить и списать {sum}').format(sum=money(quote.due)) if quote.due > ZERO else _('Выкупить'),
        action='/my/equipment/buy-out',
        back='/my/equipment',
        changed=changed,
        fields=[('unit', str(shown.request['unit']))],
    )


def bring_back_card(shown: ShownQuote, name: str, board: EquipmentBoard, *, changed: bool) -> QuoteCard:
    """Return the quote of bringing the rented device back in words: the rent goes on until it is accepted."""
    quote = shown.quote
    first = _('Если принесёте сегодня: вернём аренду') if quote.due else _('Если принесёте сегодня: возвращать нечего')
    return QuoteCard(
        shown=shown,
        heading=_('Вернуть «{name}»').format(name=name),
        rows=strip(quote, first, {quote.next_step.on: _('Месяц без этой аренды')}),
        plain=_('Аренда идёт, пока устройство не приняли. Дни после приёма вернём на счёт. Принесите и блок питания.'),
        warnings=[],
        button=_('Получить номер возврата'),
        action='/my/equipment/return',
        back='/my/equipment',
        changed=changed,
        fields=[('unit', str(shown.request['unit']))],
        choice=_offices(board, _('Куда принесёте')),
    )


def _offices(board: EquipmentBoard, label: str) -> tuple[str, str, list[tuple[str, str]]]:
    return 'office', label, [(str(office.id), f'{office.address} ({_(office.hours)})') for office in board.offices]


def desk_rows(quote: Quote) -> list[dict[str, Any]]:
    """Return what a quote books today as it changes the account: plus comes in."""
    return [{'title': line.title, 'formula': line.formula, 'sum': -line.sum} for line in quote.charges]
