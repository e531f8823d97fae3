"""Words of the monthly run: kinds of lines, why a debt does not block."""

from components.i18n import _
from services.accounts.debt_blocks import Spared
from services.errors import N_
from services.quotes.monthly import LineKind

_KINDS = {
    LineKind.TARIFF: N_('Интернет'),
    LineKind.TV: N_('Телевидение'),
    LineKind.BUNDLE: N_('Скидка пакета'),
    LineKind.RENT: N_('Аренда оборудования'),
    LineKind.ADD_ON: N_('Услуги'),
    LineKind.FEE: N_('Разовые платы'),
}
_SPARED = {
    Spared.FIRST_DAYS: N_('первые дни после подключения'),
    Spared.PAUSED: N_('приостановка'),
    Spared.PAYMENT: N_('платёж в пути'),
    Spared.NOT_ACTIVE: N_('договор не действует'),
}


def kind_words(kind: LineKind) -> str:
    """Return what a kind of line is called."""
    return _(_KINDS.get(kind, str(kind)))


def debt_words(spared: Spared | None) -> str:
    """Return what follows from a debt: the block, or why there is none yet."""
    return _('не отключим: {why}').format(why=_(_SPARED[spared])) if spared else _('отключим интернет')
