"""Words of the desk of payments: ways, what was put aside, what differs from the bank. Only employees see them."""

from components.i18n import _
from models.correction import CorrectionState
from models.reconciliation import DifferenceKind
from models.refund import RefundState
from services.errors import N_
from services.payments.payment_outcomes import Fault

FAULTS = {
    Fault.AMOUNT: N_('Пришла другая сумма'),
    Fault.CURRENCY: N_('Другая валюта'),
    Fault.TEST: N_('Тестовая оплата вместо настоящей или наоборот'),
    Fault.TRACKING: N_('Оплата другого заказа'),
    Fault.ACCOUNT: N_('ЕРИП: другой номер счёта или услуги'),
    Fault.REGISTRY: N_('ЕРИП: деньги уже зачислены по реестру'),
}
"""Why money is not credited by itself."""

WAYS = {
    'bepaid': N_('Карта'),
    'webpay': N_('Карта'),
    'cash': N_('Наличные'),
    'bank': N_('Банковский перевод'),
    'erip': N_('ЕРИП'),
}
REFUNDS = {
    RefundState.WAITING: (N_('Ждёт второго сотрудника'), 'attention'),
    RefundState.ASKED: (N_('В банке, ответа ещё нет'), 'attention'),
    RefundState.DONE: (N_('Возвращено'), 'good'),
    RefundState.REFUSED: (N_('Отклонён сотрудником'), 'neutral'),
    RefundState.FAILED: (N_('Банк не вернул'), 'bad'),
}
VERDICTS = {
    CorrectionState.WAITING: (N_('Ждёт второго сотрудника'), 'attention'),
    CorrectionState.BOOKED: (N_('Зачислено'), 'good'),
    CorrectionState.REFUSED: (N_('Отклонено'), 'neutral'),
}
BELLS = {
    'transaction': N_('сообщил о деньгах'),
    'checkout_expired': N_('сообщил, что время вышло'),
    'unknown_payment': N_('платежа с таким номером нет'),
    'wrong_credentials': N_('чужой пароль'),
    'no_signature': N_('без подписи'),
    'wrong_signature': N_('подпись не сходится'),
    'unreadable': N_('не читается'),
    'other_shop': N_('чужой магазин'),
}
"""What a webhook said or why it was not believed."""
DIFFERENCES = {
    DifferenceKind.NOT_BOOKED: (
        N_('Банк деньги получил, у нас их нет'),
        N_('Откройте платёж и нажмите «Спросить банк»: деньги зачислятся.'),
    ),
    DifferenceKind.NOT_AT_GATEWAY: (
        N_('У нас зачислено, банк о деньгах не знает'),
        N_('Позвоните в банк с номером операции. Если денег не было, исправьте счёт абонента.'),
    ),
    DifferenceKind.OTHER_SUM: (
        N_('Суммы у банка и у нас разные'),
        N_('Сверьте сумму в кабинете банка и исправьте счёт абонента на разницу.'),
    ),
    DifferenceKind.REFUND_NOT_BOOKED: (
        N_('Банк вернул деньги, у нас возврата нет'),
        N_('Откройте платёж и нажмите «Спросить банк»: возврат запишется.'),
    ),
    DifferenceKind.REFUND_NOT_AT_GATEWAY: (
        N_('У нас возврат есть, банк о нём не знает'),
        N_('Позвоните в банк с номером операции. Если деньги не ушли, верните их на счёт исправлением.'),
    ),
    DifferenceKind.OTHER_REFUND: (
        N_('Суммы возврата у банка и у нас разные'),
        N_('Сверьте сумму в кабинете банка и исправьте счёт абонента на разницу.'),
    ),
}
"""What does not agree, and what to do about it."""


def way_words(way: str) -> str:
    """Return how somebody paid; a way we have no words for, as it is called."""
    return _(WAYS[way]) if way in WAYS else way
