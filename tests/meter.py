"""A meter of traffic in tests: a reading as a table brings it, its refusal in the words of the page."""

from components.usage_words import why_words
from services.accounts import usage, usage_table
from services.errors import DomainError
from services.quotes.overage import BYTES_IN_MB


class NotTaken(DomainError):
    """The reading is refused."""

    message = '{why}'


def read(number, megabytes, month):
    """Take in what a contract used since the 1st of a month, in megabytes."""
    (judged,) = usage.take(usage_table.read(f'{number};{month};{int(megabytes) * BYTES_IN_MB}').readings)
    if isinstance(judged.outcome, usage.Refused):
        raise NotTaken(why=why_words(judged.outcome))
