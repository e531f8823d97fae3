"""Words of readings of traffic: why a line is not taken, gigabytes."""

from components.i18n import NBSP, _, decimal
from services.accounts.usage import Refused
from services.errors import N_
from services.quotes.traffic import gigabytes

_WHY = {
    Refused.UNREADABLE: N_('нужны три столбца: договор;месяц;байты'),
    Refused.MONTH: N_('месяц пишется так: 2026-11'),
    Refused.BYTES: N_('байты — целое число, и больше 4 000 ТБ линия за месяц не передаст'),
    Refused.NO_CONTRACT: N_('такого договора нет'),
    Refused.NOT_ACTIVE: N_('договор не действует'),
    Refused.BEFORE: N_('в этом месяце договор ещё не действовал'),
    Refused.TO_COME: N_('месяц ещё не начался'),
    Refused.TOO_OLD: N_('месяц закончился больше года назад'),
    Refused.BACKWARDS: N_('меньше, чем было: счётчик пошёл назад'),
    Refused.SETTLED: N_('за этот месяц уже списано по другому показанию; сумму меняют исправлением'),
}


def why_words(why: Refused) -> str:
    """Return why a line is not taken."""
    return _(_WHY[why])


def gigabytes_words(used_bytes: int) -> str:
    """Return bytes as `12,34 ГБ`."""
    return f'{decimal(gigabytes(used_bytes))}{NBSP}{_("ГБ")}'
