"""Access of relatives in words: levels, terms, and what a relative did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from components.i18n import _
from models.access import Access
from services.contracts.access_board import Deed


@dataclass(frozen=True)
class DeedLine:
    """One thing a relative did, in words."""

    at: datetime
    name: str
    what: str


def level_options() -> list[tuple[str, str, str]]:
    """Return what may be opened: value, name, what it holds."""
    return [
        (
            str(Access.SEE),
            _('Просмотр'),
            _('Счёт, услуги, история, документы — кроме договора с паспортом'),
        ),
        (str(Access.PAY), _('Оплата'), _('Просмотр, пополнение счёта, обещанный платёж')),
        (str(Access.MANAGE), _('Управление'), _('Всё это, а ещё тариф, услуги, приостановка и чат')),
    ]


def level_words() -> dict[str, str]:
    """Return the names of the levels."""
    return {value: name for value, name, _note in level_options()}


def term_options() -> list[tuple[str, str]]:
    """Return for how long an access may be given."""
    return [('month', _('На месяц')), ('year', _('На год')), ('forever', _('Без срока'))]


def deed_lines(deeds: Sequence[Deed]) -> list[DeedLine]:
    """Return what relatives did, those things that have words for people."""
    words = {
        'access.accept': _('принято приглашение'),
        'access.give_up': _('отказ от доступа'),
        'payment.start': _('начата оплата картой'),
        'payment.promise': _('взят обещанный платёж'),
        'tariff.change': _('сменён тариф'),
        'tariff.cancel': _('отменена смена тарифа'),
        'addon.connect': _('подключена услуга'),
        'addon.disconnect': _('отключена услуга'),
        'contract.suspend': _('назначена приостановка'),
        'contract.resume': _('интернет возобновлён'),
    }
    return [DeedLine(deed.at, deed.name, words[deed.action]) for deed in deeds if deed.action in words]
