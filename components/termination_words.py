"""The end of a contract in words: reasons, the strip of its money, what the money does and where it goes."""

from decimal import Decimal
from typing import Any

from components.application_words import StateWord
from components.i18n import NBSP, _, long_date, money
from models.termination import MoneyGoes, TerminationReason, TerminationState
from services.accounts.shown_quotes import ShownQuote
from services.accounts.termination_list import EndRow, Part
from services.accounts.terminations import TerminationView
from services.errors import N_
from services.money import ZERO
from services.quotes.quote import Quote

_REASONS = {
    TerminationReason.NOT_SAID: N_('Не хочу отвечать'),
    TerminationReason.MOVING: N_('Переезжаю'),
    TerminationReason.PRICE: N_('Дорого'),
    TerminationReason.QUALITY: N_('Плохо работает'),
    TerminationReason.OTHER_PROVIDER: N_('Выбрал другого провайдера'),
    TerminationReason.NOT_NEEDED: N_('Интернет больше не нужен'),
}
_PARTS = {
    Part.REQUESTED: N_('Попросили'),
    Part.EQUIPMENT: N_('Ждём оборудование'),
    Part.MONEY: N_('Вернуть деньги'),
    Part.ENDED: N_('Расторгнуты'),
}
_STATES = {
    TerminationState.REQUESTED: ('info', N_('Ждёт последнего дня'), 'calendar'),
    TerminationState.CANCELLED: ('neutral', N_('Отозвано'), 'x'),
    TerminationState.EXECUTED: ('neutral', N_('Расторгнут'), 'x'),
}
_GOES = {
    MoneyGoes.LATER: N_('не указано'),
    MoneyGoes.ACCOUNT: N_('на счёт в банке'),
    MoneyGoes.CONTRACT: N_('на другой договор'),
}


def reasons() -> list[tuple[str, str]]:
    """Return the reasons one may choose, the silent one first."""
    return [(str(reason), _(words)) for reason, words in _REASONS.items()]


def reason_words(reason: TerminationReason) -> str:
    """Return why somebody leaves; nothing when he did not say."""
    return '' if reason == TerminationReason.NOT_SAID else _(_REASONS[reason])


def parts() -> list[tuple[str, str]]:
    """Return the parts of the list, with their words."""
    return [(str(part), _(words)) for part, words in _PARTS.items()]


def end_word(row: EndRow) -> StateWord:
    """Return how the state of a row of the list is shown."""
    if row.is_due:
        return StateWord('attention', _('Ждёт закрытия'), 'clock')
    kind, word, icon = _STATES[row.state]
    return StateWord(kind, _(word), icon)


def goes_words(view: TerminationView) -> str:
    """Return where the rest of the money goes: «на счёт в банке BY13 … AB00»."""
    where = view.account or view.target
    return f'{_(_GOES[view.money])} {where}'.strip()


def where_words(view: TerminationView | None) -> str:
    """Return the same inside a sentence; where nothing was said, whom to tell."""
    if view is None or view.money == MoneyGoes.LATER:
        return _('туда, куда скажете: напишите в чат')
    return goes_words(view)


def strip_rows(quote: Quote) -> list[dict[str, Any]]:
    """Return the rows for the macro `quote_strip`: today, the charges that still come, the day after the last one."""
    first, *between, last = quote.steps
    words = {step.on: _('Списание за месяц') if step.on.day == 1 else _('Переход на другой тариф') for step in between}
    words |= {first.on: _('Сегодня ничего не спишем'), last.on: _end_words(last.sum)}
    return [
        {'when': long_date(step.on).replace(NBSP, ' '), 'what': words[step.on], 'sum': step.sum, 'after': step.after}
        for step in quote.steps
    ]


def plain_words(shown: ShownQuote) -> str:
    """Return in one sentence what is left in the end."""
    rest = shown.quote.steps[-1].after
    if rest > ZERO:
        return _('На счёте останется {sum}: вернём их туда, куда скажете.').format(sum=money(rest))
    if rest < ZERO:
        return _('Останется долг {sum}: его можно оплатить в кабинете и после расторжения.').format(sum=money(-rest))
    return _('На счёте не останется ни долга, ни денег.')


def warnings(shown: ShownQuote) -> list[str]:
    """Say on which day before the end the money will not do."""
    quote = shown.quote
    if quote.stops_on is None:
        return []
    missing = -min(step.after for step in quote.steps[:-1])
    if missing <= ZERO:
        return []
    day = long_date(quote.stops_on).capitalize()
    return [
        _('{day} на счёте не хватит {sum}: без пополнения интернет остановится раньше последнего дня.').format(
            day=day, sum=money(missing)
        )
    ]


def _end_words(amount: Decimal) -> str:
    return _('Договор закончился, вернём за оплаченные дни') if amount else _('Договор закончился, больше не спишем')


def money_words(row: EndRow) -> str:
    """Return where the rest of a contract goes, in the list; of one without money, nothing to return."""
    if row.state == TerminationState.EXECUTED and row.balance <= ZERO:
        return _('возвращать нечего')
    return _(_GOES[row.money])
