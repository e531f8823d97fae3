"""Autopay in words: when it pays and how much."""

from components.i18n import _, money, plural
from services.payments.autopays import AutopayView


def when_words(own: AutopayView) -> str:
    """Return when it pays."""
    if own.below is not None:
        return _('Когда на счёте меньше {sum}').format(sum=money(own.below))
    return _('За {days} до списания').format(days=plural(own.days_before or 0, 'день', 'дня', 'дней'))


def amount_words(own: AutopayView) -> str:
    """Return how much it pays."""
    if own.fixed is not None:
        return money(own.fixed)
    return _('Сколько не хватает до следующего списания')
