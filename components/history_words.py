"""The history in words: what each event is called, its picture, and who ordered a charge."""

from components.i18n import _, long_date, money, record
from models.account import OperationKind
from services.accounts.history import HistoryLine
from services.accounts.proofs import OrderedBy, Proof
from services.accounts.timeline_events import Kind, Part
from services.errors import N_

_PARTS = {
    Part.ALL: N_('Всё'),
    Part.CHARGES: N_('Списания'),
    Part.PAYMENTS: N_('Пополнения'),
    Part.CHANGES: N_('Изменения'),
    Part.LETTERS: N_('Письма'),
}
_EVENTS = {
    Kind.TARIFF: ('refresh-cw', N_('Тариф «{name}» с {starts_on}')),
    Kind.TARIFF_CALLED_OFF: ('refresh-cw', N_('Тариф «{name}» с {starts_on} — отменили')),
    Kind.ADD_ON: ('plus', N_('Подключили «{name}»')),
    Kind.ADD_ON_OFF: ('x', N_('Отключили «{name}»')),
    Kind.SUSPENDED: ('pause', N_('Приостановили интернет: с {starts_on}, снова с {ends_on}')),
    Kind.RESUMED: ('play', N_('Возобновили интернет раньше срока')),
    Kind.PROMISED: ('clock', N_('Обещанный платёж {sum}')),
    Kind.PROMISE_KEPT: ('circle-check', N_('Обещанный платёж погашен')),
    Kind.PROMISE_LAPSED: ('triangle-alert', N_('Обещанный платёж не погашен в срок')),
    Kind.BLOCKED: ('ban', N_('Остановили интернет: на счёте не хватает денег')),
    Kind.UNBLOCKED: ('circle-check', N_('Снова включили интернет')),
    Kind.END_ASKED: ('calendar', N_('Попросили расторгнуть договор, последний день — {starts_on}')),
    Kind.END_WITHDRAWN: ('refresh-cw', N_('Отозвали просьбу о расторжении')),
    Kind.ENDED: ('x', N_('Договор расторгнут, последний день — {starts_on}')),
    Kind.DEVICE_ORDERED: ('plus', N_('Заказали «{name}»')),
    Kind.DEVICE_ORDER_OFF: ('x', N_('Заказ «{name}» отменён')),
    Kind.DEVICE_ISSUED: ('check', N_('Получили «{name}»')),
    Kind.RETURN_ANNOUNCED: ('calendar', N_('Собрались вернуть «{name}»')),
    Kind.RETURN_OFF: ('refresh-cw', N_('Передумали возвращать «{name}»')),
    Kind.DEVICE_RETURNED: ('circle-check', N_('Вернули «{name}»')),
    Kind.DEVICE_BOUGHT: ('check', N_('Выкупили «{name}», теперь оно ваше')),
    Kind.LETTER: ('mail', N_('Письмо: {name}')),
}


def parts() -> dict[str, str]:
    """Return what one may look at, with its words."""
    return {str(part): _(words) for part, words in _PARTS.items()}


def event_icon(line: HistoryLine) -> str:
    """Return the picture of an event."""
    return _EVENTS[line.kind][0]


def event_words(line: HistoryLine) -> str:
    """Return what happened: «Тариф «Драйв» с 1 декабря»; of money, what stands in the books."""
    if line.kind not in _EVENTS:
        return line.name
    return _(_EVENTS[line.kind][1]).format(
        name=record(line.name) or _('без темы'),
        starts_on=long_date(line.starts_on) if line.starts_on else '',
        ends_on=long_date(line.ends_on) if line.ends_on else '',
        sum=money(line.sum) if line.sum is not None else '',
    )


def ordered_words(proof: Proof) -> str:
    """Return whose doing a line was."""
    if proof.ordered_by == OrderedBy.CLOCK:
        came = proof.kind in (OperationKind.PAYMENT, OperationKind.REFUND)
        return _('по сообщению банка') if came else _('само, по расписанию')
    words = {
        OrderedBy.OWNER: _('владелец договора'),
        OrderedBy.RELATIVE: proof.name,
        OrderedBy.EMPLOYEE: _('наш сотрудник'),
        OrderedBy.STRANGER: _('оплатил кто-то другой'),
    }
    return words[proof.ordered_by]
