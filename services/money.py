"""Rubles and kopecks: the one rounding of the house."""

from decimal import ROUND_HALF_UP, Decimal

KOPECK = Decimal('0.01')
ZERO = Decimal('0.00')


def round_money(amount: Decimal) -> Decimal:
    """Round rubles to a kopeck, half up (DOMAIN §7.1). Nothing else in the house rounds money."""
    return amount.quantize(KOPECK, rounding=ROUND_HALF_UP)


def kopecks(amount: Decimal) -> int:
    """Return rubles as an integer number of kopecks.

    Raises:
        ValueError: the amount has a fraction of a kopeck, so somebody forgot to round it.
    """
    scaled = amount * 100
    if scaled != scaled.to_integral_value():
        raise ValueError(f'{amount} has a fraction of a kopeck')
    return int(scaled)


def vat_inside(gross: Decimal, rate: int) -> Decimal:
    """Return the VAT contained in a price with VAT; rate in percent (DOMAIN §3.4: 29.90 at 25 % gives 5.98)."""
    return round_money(gross * rate / (100 + rate))
