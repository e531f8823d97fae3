"""The fields of the application form: what may stand in each, and what is said when it may not."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from services.contact_fields import clean_email, clean_name, clean_phone
from services.errors import N_, InvalidField, InvalidForm
from services.input_text import clean_text
from services.offers.packages import Query

CALL_TIMES = ('', 'с 9 до 12', 'с 12 до 17', 'с 17 до 20')
_PLACE = re.compile(r"[\w .,'’ʼ«»\"()/№-]+")
_SHORT = re.compile(r'[\w /.-]+')
_CODE = re.compile(r'[\w *#/+.,-]+')


@dataclass(frozen=True)
class ApplicationForm:
    """What the form brought, exactly as typed: any text may stand in any field.

    `query` is the package as the address keeps it, `promo` the code typed in this form; `token` comes from
    `form_tokens.draw`, `price_seen` from `applying.price_mark`; `trap` is the field people do not see.
    """

    region: str
    query: Query
    token: str
    price_seen: str = ''
    last_name: str = ''
    first_name: str = ''
    patronymic: str = ''
    phone: str = ''
    email: str = ''
    locality: str = ''
    street: str = ''
    house: str = ''
    entrance: str = ''
    floor: str = ''
    flat: str = ''
    intercom: str = ''
    call_time: str = ''
    comment: str = ''
    promo: str = ''
    marketing: str = ''
    trap: str = ''


@dataclass
class CleanedFields:
    """The same after the check: trimmed, E.164, in one line; every field fits its column."""

    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def clean_fields(form: ApplicationForm) -> CleanedFields:
    """Check every field.

    Raises:
        InvalidForm: the wrong fields by their names.
    """
    cleaned, errors = CleanedFields(), {}
    for name, check in _CHECKS.items():
        try:
            cleaned.values[name] = check(name, getattr(form, name))
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    return cleaned


def _required_name(name: str, value: object) -> str:
    return clean_name(name, value, required=True)


def _optional_name(name: str, value: object) -> str:
    return clean_name(name, value, required=False)


def _place(most: int, *, required: bool) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        text = clean_text(name, value, most=most, required=required)
        if text and (not _PLACE.fullmatch(text) or not any(c.isalpha() for c in text)):
            raise InvalidField(name, N_('Напишите название буквами, например «ул. Учебная».'))
        return text

    return check


def _house(name: str, value: object) -> str:
    text = clean_text(name, value, most=20, required=True)
    if not _SHORT.fullmatch(text) or not any(c.isdigit() for c in text):
        raise InvalidField(name, N_('Номер дома, например 12, 12А или 12/2.'))
    return text


def _short(name: str, value: object) -> str:
    text = clean_text(name, value, most=10)
    if text and not _SHORT.fullmatch(text):
        raise InvalidField(name, N_('Только цифры и буквы, не больше 10 знаков.'))
    return text


def _intercom(name: str, value: object) -> str:
    text = clean_text(name, value, most=40)
    if text and not _CODE.fullmatch(text):
        raise InvalidField(name, N_('Только цифры, буквы и знаки * и #.'))
    return text


def _call_time(name: str, value: object) -> str:
    if value not in CALL_TIMES:
        raise InvalidField(name, N_('Выберите время из списка.'))
    return str(value)


def _email(name: str, value: object) -> str:
    return clean_email(name, value)


def _comment(name: str, value: object) -> str:
    return clean_text(name, value, most=1000, lines=True)


_CHECKS: dict[str, Callable[[str, object], str]] = {
    'last_name': _required_name,
    'first_name': _required_name,
    'patronymic': _optional_name,
    'phone': clean_phone,
    'email': _email,
    'locality': _place(80, required=True),
    'street': _place(120, required=True),
    'house': _house,
    'entrance': _short,
    'floor': _short,
    'flat': _short,
    'intercom': _intercom,
    'call_time': _call_time,
    'comment': _comment,
}
