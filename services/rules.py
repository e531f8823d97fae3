"""The rules of the house in figures (DOMAIN §1.3, §6.4, §7); limits come from docs/limits.yml."""

from decimal import Decimal

from services import limits

FIRST_DAYS_TO_PAY = limits.count('first_days_to_pay')
"""Days after activation without a debt block: the first charge comes with the technician, the money a little later."""

DOWN_FEE = Decimal('3.30')
"""F-DOWN: moving to a cheaper tariff, charged on the day of the change."""
DOWN_FEE_CODE = 'F-DOWN'
DOWN_PAUSE = limits.span('cheaper_tariff_pause')
"""One move to a cheaper tariff in this time."""

SUSPENSION_LEAST_DAYS = limits.count('suspension_least_days')
SUSPENSION_MOST_DAYS = limits.count('suspension_most_days')
SUSPENSIONS_A_YEAR = limits.count('suspensions_a_year')
SUSPENSION_AHEAD_DAYS = limits.count('suspension_ahead_days')
"""A suspension may be ordered at most this long before its first day."""

PROMISE_AMOUNT = limits.money('promised_amount')
PROMISE_TIME = limits.span('promised_time')
PROMISE_PAUSE = limits.span('promised_pause')
"""After a promise that was not kept no other one is given for this long."""
