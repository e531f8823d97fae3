"""A shown quote in words: the three rows of its strip, a plain sentence, what to beware of, the words of the button."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from components.i18n import _, long_date, money, plural
from services.accounts.shown_quotes import ShownQuote
from services.quotes.quote import Quote


@dataclass(frozen=True)
class QuoteCard:
    """Everything `_quote_card.html` draws. `action` is where the form goes, `back` where «Не сейчас» leads."""

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


def tariff_card(shown: ShownQuote, tariff: str, *, is_now: bool, ends_discount: bool, changed: bool) -> QuoteCard:
    """Return the quote of a change of tariff in words; `tariff` is the name of the new one."""
    quote = shown.quote
    if is_now:
        first = _('Доплата до конца месяца') if quote.due else _('Тариф меняется, доплаты нет')
        plain = _('Скорость изменится сразу.')
        button = _('Перейти и списать {sum}').format(sum=money(quote.due)) if quote.due else _('Перейти сейчас')
    else:
        first = _('Сегодня ничего не спишем')
        plain = _('До {day} всё остаётся как сейчас, потом тариф сменится сам.').format(day=_day(quote, 1))
        button = _('Перейти с {day}').format(day=_day(quote, 1))
    month = _('Месяц на «{tariff}» и остальные услуги') if len(quote.next_lines) > 1 else _('Месяц на «{tariff}»')
    names = (first, month.format(tariff=tariff), _('И дальше каждый месяц'))
    warnings = [_('Скидка по промокоду закончится: на новый тариф она не переходит.')] if ends_discount else []
    return QuoteCard(
        shown=shown,
        heading=_('Переход на «{tariff}»').format(tariff=tariff),
        rows=strip(quote, names),
        plain=plain,
        warnings=[*warnings, *_shortage(quote)],
        button=button,
        action='/my/tariff',
        back='/my/tariff',
        changed=changed,
        fields=[('to', shown.request['to']), ('when', shown.request['when'])],
    )


def add_on_card(shown: ShownQuote, name: str, *, is_monthly: bool, changed: bool) -> QuoteCard:
    """Return the quote of an add-on in words."""
    quote = shown.quote
    paid = _('До конца месяца уже оплачено')
    first = (_('С сегодняшнего дня до конца месяца') if quote.due else paid) if is_monthly else _('Один раз')
    plain = (
        _('Отключить можно в любой день: услуга проработает до конца оплаченного месяца.')
        if is_monthly
        else _('Включится сразу и выключится само. Следующие списания не меняются.')
    )
    names = (first, _('Месяц вместе с этой услугой') if is_monthly else _('Месяц как обычно'), _('И дальше'))
    return QuoteCard(
        shown=shown,
        heading=_('Подключить «{name}»').format(name=name),
        rows=strip(quote, names),
        plain=plain,
        warnings=_shortage(quote),
        button=_('Подключить за {sum}').format(sum=money(quote.due)) if quote.due else _('Подключить'),
        action='/my/services',
        back='/my/services',
        changed=changed,
        fields=[('code', shown.request['code'])],
    )


def suspension_card(shown: ShownQuote, first: str, back_on: str, days: int, *, changed: bool) -> QuoteCard:
    """Return the quote of a suspension in words; `first` is its first day, `back_on` the day of the return."""
    quote = shown.quote
    names = (
        _('Вернём за оплаченные дни') if quote.due else _('Сегодня ничего не спишем и не вернём'),
        _('Следующее списание'),
        _('И потом'),
    )
    plain = _('Интернет остановится {first} на {days} и включится сам {back_on}.').format(
        first=first, back_on=back_on, days=plural(days, _('день'), _('дня'), _('дней'))
    )
    return QuoteCard(
        shown=shown,
        heading=_('Приостановка на {days}').format(days=plural(days, _('день'), _('дня'), _('дней'))),
        rows=strip(quote, names),
        plain=plain,
        warnings=_shortage(quote),
        button=_('Приостановить'),
        action='/my/suspension',
        back='/my/suspension',
        changed=changed,
        fields=[('starts_on', shown.request['starts_on']), ('days', str(shown.request['days']))],
    )


def return_card(shown: ShownQuote, *, is_running: bool, changed: bool) -> QuoteCard:
    """Return the quote of coming back earlier in words."""
    quote = shown.quote
    names = (
        _('За дни, которые снова работают') if quote.due else _('Сегодня ничего не спишем'),
        _('Следующее списание'),
        _('И дальше каждый месяц'),
    )
    button = _('Возобновить') if is_running else _('Отменить приостановку')
    if quote.due:
        button = _('{verb} и списать {sum}').format(verb=button, sum=money(quote.due))
    return QuoteCard(
        shown=shown,
        heading=_('Вернуть интернет сегодня') if is_running else _('Отменить приостановку'),
        rows=strip(quote, names),
        plain=_('Интернет заработает сразу.') if is_running else _('Интернет не остановится, всё будет как раньше.'),
        warnings=_shortage(quote),
        button=button,
        action='/my/suspension/resume',
        back='/my/suspension',
        changed=changed,
    )


def strip(quote: Quote, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows for the macro `quote_strip`: when, what, the change of the wallet, the balance after it."""
    return [
        {'when': long_date(step.on), 'what': name, 'sum': step.sum, 'after': step.after}
        for step, name in zip(quote.steps, names, strict=True)
    ]


def _day(quote: Quote, step: int) -> str:
    return long_date(quote.steps[step].on)


def _shortage(quote: Quote) -> list[str]:
    """Say when the balance does not do for the next charge; for today there is a notice of its own."""
    step = quote.next_step
    if step.after >= Decimal(0) or not step.sum:
        return []
    text = _('{day} на счёте не хватит {sum}: пополните до этого дня, чтобы интернет не остановился.')
    return [text.format(day=long_date(step.on).capitalize(), sum=money(-step.after))]
