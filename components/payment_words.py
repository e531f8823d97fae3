"""Words about card payments: why a bank refused (codes of DOMAIN §2.2.5), states."""

from components.i18n import _
from models.payment import PaymentState
from services.errors import N_

DECLINES = {
    'F.0111': N_('Срок действия карты истёк.'),
    'F.0112': N_('Неверный код с обратной стороны карты.'),
    'F.0114': N_('На карте не хватает денег.'),
    'F.0129': N_('Банк не подтвердил, что карта ваша.'),
    'F.0130': N_('Банк не подтвердил, что карта ваша.'),
    'F.0998': N_('Оплата не была подтверждена кодом из банка.'),
}


def decline_words(code: str) -> str:
    """Return the reason of a refusal; for a code we do not know, where to ask."""
    return _(DECLINES.get(code, N_('Почему — скажет банк, который выдал карту.')))


STATES = {
    PaymentState.QUARANTINED: (N_('Проверить'), 'bad'),
    PaymentState.SUCCEEDED: (N_('Оплачен'), 'good'),
    PaymentState.PARTIALLY_REFUNDED: (N_('Возвращён частично'), 'neutral'),
    PaymentState.REFUNDED: (N_('Возвращён'), 'neutral'),
    PaymentState.PROCESSING: (N_('В банке'), 'attention'),
    PaymentState.REDIRECTED: (N_('На странице банка'), 'attention'),
    PaymentState.CREATED: (N_('Открывается'), 'attention'),
    PaymentState.FAILED: (N_('Отклонён'), 'neutral'),
    PaymentState.CANCELLED: (N_('Отменён'), 'neutral'),
    PaymentState.EXPIRED: (N_('Время вышло'), 'neutral'),
}
"""The operator's words for a state, and how it looks; in the order of what needs a person."""
