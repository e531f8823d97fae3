"""The bank account money is returned to: an IBAN of Belarus, checked by its own digits and kept sealed."""

from models.termination import Termination
from services import field_rules
from services.errors import N_, InvalidField
from services.identity import vault


def checked(typed: object) -> str:
    """Return an IBAN in its one form.

    Raises:
        InvalidField: it is none of Belarus, or a digit is wrong.
    """
    wanted = field_rules.rule('iban')
    text = wanted.brought(typed)
    if not wanted.fits(text):
        raise InvalidField('iban', N_('Счёт — 28 знаков, начинается с BY. Он есть в приложении вашего банка.'))
    if _rest(text) != 1:
        raise InvalidField('iban', N_('В номере счёта ошибка: проверьте каждый знак.'))
    return text


def keep(row: Termination, iban: str) -> None:
    """Seal an account into the row of a termination."""
    row.iban = vault.seal(iban, aad=_place(row))
    row.save(only=[Termination.iban])


def kept(row: Termination) -> str:
    """Return the account of a termination in groups of four; '' without one."""
    if row.iban is None:
        return ''
    iban = vault.unseal(bytes(row.iban), aad=_place(row))
    return ' '.join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _place(row: Termination) -> str:
    return vault.aad_of('termination', row.id, 'iban')


def _rest(iban: str) -> int:
    """Count the check digits (ISO 13616): letters are numbers, the first four signs stand last, divided by 97."""
    digits = ''.join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return int(digits) % 97
