"""The rules of the house in figures (DOMAIN §1.3, §6.4, §7). One place: later the administrator edits them."""

from datetime import timedelta
from decimal import Decimal

FIRST_DAYS_TO_PAY = 3
"""Days after activation without a debt block: the first charge comes with the technician, the money a little later."""

DOWN_FEE = Decimal('3.30')
"""F-DOWN: moving to a cheaper tariff, charged on the day of the change."""
DOWN_FEE_CODE = 'F-DOWN'
DOWN_PAUSE = timedelta(days=30)
"""One move to a cheaper tariff in this time."""

SUSPENSION_LEAST_DAYS = 7
SUSPENSION_MOST_DAYS = 90
SUSPENSIONS_A_YEAR = 2
SUSPENSION_AHEAD_DAYS = 90
"""A suspension may be ordered at most this long before its first day."""

PROMISE_AMOUNT = Decimal('20.00')
PROMISE_TIME = timedelta(days=5)
PROMISE_PAUSE = timedelta(days=30)
"""After a promise that was not kept no other one is given for this long."""
