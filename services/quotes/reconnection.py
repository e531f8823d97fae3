"""The fee of coming back after a long block for debt."""

from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO
from services.quotes.monthly import Line, LineKind
from services.quotes.subscription import rubles

FEE_CODE = 'F-REC'
TITLE = 'Восстановление после блокировки'


def last_free_day(blocked_on: date, free_days: int) -> date:
    """Return the last day on which coming back costs nothing."""
    return blocked_on + timedelta(days=free_days)


def fee_lines(blocked_on: date, *, today: date, fee: Decimal, free_days: int) -> list[Line]:
    """Return the line that is charged when a block ends today; none while it is free (DOMAIN §1.3).

    Args:
        blocked_on: the day the internet stopped; it is not counted.
        fee: rubles; zero where the house takes nothing.
        free_days: a block that lasted no longer ends without a fee.
    """
    if today <= last_free_day(blocked_on, free_days) or fee == ZERO:
        return []
    days = (today - blocked_on).days
    basis = (
        f'Интернет был остановлен за долг {blocked_on:%d.%m.%Y}, прошло {days} дн. Первые {free_days} дн. — бесплатно.'
    )
    return [Line(today, LineKind.FEE, FEE_CODE, TITLE, fee, rubles(fee), basis)]
