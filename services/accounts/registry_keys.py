"""The key of a line of a register: the business fact by which the same money is the same in every file."""

from datetime import date

from models.registry import RegistrySource


def key_of(source: RegistrySource, *, document: str, paid_on: date | None = None, account_number: str = '') -> str:
    """Return the key of the operation a line becomes.

    ERIP numbers its operations; numbers of payment orders repeat, so day and account belong to those of a bank.
    """
    if source == RegistrySource.ERIP:
        return f'registry:erip:{document}'
    return f'registry:bank:{paid_on:%Y-%m-%d}:{document}:{account_number}'
