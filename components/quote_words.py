"""A shown quote in words: the three rows of its strip, a plain sentence, what to beware of, the words of the button."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from components.i18n import NBSP, _, decimal, long_date, money, plural
from services.accounts.shown_quotes import ShownQuote
from services.accounts.tariff_board import TariffBoard, TariffOffer
from services.accounts.tariff_changes import NEXT, NOW
from services.money import ZERO
from services.quotes.quote import Quote
from services.quotes.subscription import next_month, total


@dataclass(frozen=True)
class QuoteCard:
    """Everything `_quote_card.html` draws. `action` is where the form goes, `back` where «Не сейчас» leads.

    `choice` is what is chosen before the button: name of the field, its label, values with their words.
    """

    shown: ShownQuote
    heading: str
    rows: list[dict[str, Any]]
    plain: str
    warnings: list[str]
    button: str
    action: str
    back: str
    changed: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    choice: tuple[str, str, list[tuple[str, str]]] | None = None


def beware_of(board: TariffBoard, offer: TariffOffer, when: str) -> list[str]:
    """Say what a change to this tariff takes away, and how traffic counts in its month; `when` as in the address."""
    said, today = [], board.earliest - timedelta(days=1)
    if board.ends_discount:
        said.append(_('Скидка по промокоду закончится: на новый тариф она не переходит.'))
    if offer.ends_credit:
        said.append(_('Кредит доверия закончится: на этом тарифе его нет.'))
    is_from_1st = when == NEXT or when.endswith('-01') or (when == NOW and today.day == 1)
    if not is_from_1st and (board.current.quota_gb is not None or offer.quota_gb is not None):
        said.append(_('Трафик в месяц перехода не обнуляется: посчитаем по тому из двух тарифов, где его больше.'))
    if board.traffic:
        used = decimal(board.traffic.used_gb)
        said.append(
            _('В этом месяце использовано {used} из {all} ГБ.').format(used=used, all=board.traffic.included_gb)
        )
    if board.traffic and board.traffic.cost and is_from_1st:
        day = long_date(board.traffic.charged_on)
        said.append(
            _('Трафик сверх тарифа на сегодня — {sum}, спишем {day}.').format(sum=money(board.traffic.cost), day=day)
        )
    return said


def tariff_card(shown: ShownQuote, tariff: str, *, is_now: bool, beware: list[str], changed: bool) -> QuoteCard:
    """Return the quote of a change of tariff in words; `tariff` is the name of the new one."""
    quote = shown.quote
    words = _('Месяц на «{tariff}» и остальные услуги') if len(quote.next_lines) > 1 else _('Месяц на «{tariff}»')
    month = words.format(tariff=tariff)
    if is_now:
        first = _change_words(quote.due) if quote.due else _('Тариф меняется, доплаты нет')
        names = {quote.next_step.on: month}
        plain = _('Скорость изменится сразу.')
        button = _('Перейти и списать {sum}').format(sum=money(quote.due)) if quote.due > ZERO else _('Перейти сейчас')
    else:
        on = _planned_day(shown)
        first, names = _('Сегодня ничего не спишем'), _planned_names(quote, on, month)
        plain = _('До {day} всё остаётся как сейчас, потом тариф сменится сам.').format(day=long_date(on))
        button = _('Перейти с {day}').format(day=long_date(on))
    return QuoteCard(
        shown=shown,
        heading=_('Переход на «{tariff}»').format(tariff=tariff),
        rows=strip(quote, first, names),
        plain=plain,
        warnings=[*beware, *shortage(quote)],
        button=button,
        action='/my/tariff',
        back='/my/tariff',
        changed=changed,
        fields=[('to', shown.request['to']), ('when', shown.request['when'])],
    )


def add_on_card(shown: ShownQuote, name: str, *, is_monthly: bool, limit: Decimal | None, changed: bool) -> QuoteCard:
    """Return the quote of an add-on in words; `limit` is that of a trust credit."""
    quote = shown.quote
    paid = _('До конца месяца уже оплачено')
    first = (_('С сегодняшнего дня до конца месяца') if quote.due else paid) if is_monthly else _('Один раз')
    plain = (
        _('Отключить можно в любой день: услуга проработает до конца оплаченного месяца.')
        if is_monthly
        else _('Включится сразу и выключится само. Следующие списания не меняются.')
    )
    if limit is not None:
        plain = _('Пока минус на счёте не больше {sum}, интернет не остановится. Отключить можно, когда долга нет.')
        plain = plain.format(sum=money(limit))
    month = _('Месяц вместе с этой услугой') if is_monthly else _('Месяц как обычно')
    return QuoteCard(
        shown=shown,
        heading=_('Подключить «{name}»').format(name=name),
        rows=strip(quote, first, {quote.next_step.on: month}),
        plain=plain,
        warnings=shortage(quote),
        button=_('Подключить за {sum}').format(sum=money(quote.due)) if quote.due else _('Подключить'),
        action='/my/services',
        back='/my/services',
        changed=changed,
        fields=[('code', shown.request['code'])],
    )


def suspension_card(shown: ShownQuote, first: str, back_on: str, days: int, *, changed: bool) -> QuoteCard:
    """Return the quote of a suspension in words; `first` is its first day, `back_on` the day of the return."""
    quote = shown.quote
    returned = total([line for line in quote.charges if line.sum < ZERO])
    fee = quote.due - returned
    button = _('Приостановить')
    if quote.due > ZERO:
        button = _('Приостановить и списать {sum}').format(sum=money(quote.due))
    plain = _('Интернет остановится {first} на {days} и включится сам {back_on}.').format(
        first=first, back_on=back_on, days=plural(days, 'день', 'дня', 'дней')
    )
    return QuoteCard(
        shown=shown,
        heading=_('Приостановка на {days}').format(days=plural(days, 'день', 'дня', 'дней')),
        rows=strip(quote, _suspension_words(returned, fee)),
        plain=plain,
        warnings=[*_fee_warning(fee), *shortage(quote)],
        button=button,
        action='/my/suspension',
        back='/my/suspension',
        changed=changed,
        fields=[('starts_on', shown.request['starts_on']), ('days', str(shown.request['days']))],
    )


def return_card(shown: ShownQuote, *, is_running: bool, changed: bool) -> QuoteCard:
    """Return the quote of coming back earlier in words."""
    quote = shown.quote
    fee_back = -total([line for line in quote.charges if line.sum < ZERO])
    button = _('Возобновить') if is_running else _('Отменить приостановку')
    if quote.due > ZERO:
        button = _('{verb} и списать {sum}').format(verb=button, sum=money(quote.due))
    return QuoteCard(
        shown=shown,
        heading=_('Вернуть интернет сегодня') if is_running else _('Отменить приостановку'),
        rows=strip(quote, _return_words(quote.due + fee_back, fee_back)),
        plain=_('Интернет заработает сразу.') if is_running else _('Интернет не остановится, всё будет как раньше.'),
        warnings=shortage(quote),
        button=button,
        action='/my/suspension/resume',
        back='/my/suspension',
        changed=changed,
    )


def _return_words(charged: Decimal, fee_back: Decimal) -> str:
    if charged and fee_back:
        return _('За дни, которые снова работают, минус возврат платы за приостановку')
    if fee_back:
        return _('Возврат платы за приостановку')
    return _('За дни, которые снова работают') if charged else _('Сегодня ничего не спишем')


def strip(quote: Quote, first: str, names: dict[date, str] | None = None) -> list[dict[str, Any]]:
    """Return the rows for the macro `quote_strip`: when, what, the change of the wallet, the balance after it.

    `first` is what happens today, `names` what happens on other days; the rest are charges of the 1st.
    """
    words = {
        **dict.fromkeys((step.on for step in quote.steps), _('Ещё через месяц')),
        quote.steps[-1].on: _('И дальше каждый месяц'),
        quote.next_step.on: _('Следующее списание'),
        quote.steps[0].on: first,
        **(names or {}),
    }
    return [
        {'when': long_date(step.on).replace(NBSP, ' '), 'what': words[step.on], 'sum': step.sum, 'after': step.after}
        for step in quote.steps
    ]


def shortage(quote: Quote) -> list[str]:
    """Say which day is the first without internet, when it comes with the charges that are shown."""
    if quote.stops_on is None or quote.stops_on <= quote.steps[0].on or quote.stops_on > quote.steps[-1].on:
        return []
    missing = max((-step.after for step in quote.steps if step.on <= quote.stops_on), default=ZERO)
    text = _('{day} на счёте не хватит {sum}: пополните до этого дня, чтобы интернет не остановился.')
    return [text.format(day=long_date(quote.stops_on).capitalize(), sum=money(missing))]


def _suspension_words(returned: Decimal, fee: Decimal) -> str:
    if returned and fee:
        return _('Вернём за оплаченные дни и спишем плату')
    if fee:
        return _('Плата за приостановку')
    return _('Вернём за оплаченные дни') if returned else _('Сегодня ничего не спишем и не вернём')


def _fee_warning(fee: Decimal) -> list[str]:
    text = _('Если вернётесь раньше, плата {fee} не возвращается.')
    return [text.format(fee=money(fee))] if fee else []


def _change_words(due: Decimal) -> str:
    return _('Доплата до конца месяца') if due > ZERO else _('Возврат до конца месяца')


def _planned_names(quote: Quote, on: date, month: str) -> dict[date, str]:
    """Name the day of the change and the first whole month after it."""
    if on.day == 1:
        return {on: month}
    due = sum((-step.sum for step in quote.steps if step.on == on), ZERO)
    return {on: _change_words(due), next_month(on): month}


def _planned_day(shown: ShownQuote) -> date:
    when = shown.request['when']
    return shown.quote.next_step.on if when == 'next' else date.fromisoformat(when)
