"""Name, phone and e-mail as people type them: one clear answer beside the field, one form in the database."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from services import field_rules
from services.errors import N_, InvalidField
from services.input_text import clean_text

_NBSP = '\u00a0'


def clean_name(field: str, value: object, *, required: bool = False) -> str:
    """Return a person's name of letters, with hyphens, dots and apostrophes between them.

    Raises:
        InvalidField: something else, or empty though required.
    """
    text = clean_text(field, value, rule='person_name', required=required)
    if text and not field_rules.rule('person_name').fits(text):
        raise InvalidField(field, N_('Только буквы, дефис и пробел, как в паспорте.'))
    return text


def clean_phone(field: str, value: object) -> str:
    """Return a Belarusian number in E.164; `8 029 …`, `+375 (29) …` and `29 …` are all understood.

    Raises:
        InvalidField: empty, not text, or not a number that exists in Belarus.
    """
    typed = clean_text(field, value, rule='phone', required=True)
    if not field_rules.rule('phone').fits(typed):  # the library reads letters as the keys of an old telephone
        raise _wrong_phone(field)
    try:
        number = phonenumbers.parse(typed, 'BY')
    except phonenumbers.NumberParseException as error:
        raise _wrong_phone(field) from error
    if number.country_code != 375 or not phonenumbers.is_valid_number(number) or number.extension:
        raise _wrong_phone(field)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def clean_email(field: str, value: object, *, required: bool = False) -> str:
    """Return an e-mail address in its normal form; an empty one is empty. Nobody is asked over the network.

    Raises:
        InvalidField: not an address, too long, or empty though required.
    """
    typed = clean_text(field, value, rule='email', required=required)
    if not typed:
        return ''
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise InvalidField(field, N_('Проверьте адрес: он выглядит как имя@почта.by.')) from error


def phone(number: str) -> str:
    """Return an E.164 number as people write it, on the screen as in a letter: `+375 29 123-45-67`."""
    digits = number.removeprefix('+375')
    if len(digits) != 9 or not digits.isdigit():
        return number
    return f'+375{_NBSP}{digits[:2]}{_NBSP}{digits[2:5]}-{digits[5:7]}-{digits[7:]}'


def _wrong_phone(field: str) -> InvalidField:
    return InvalidField(field, N_('Проверьте номер: код и семь цифр, например +375 29 123-45-67.'))
