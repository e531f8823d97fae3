"""The fields of the application form: what may stand in each, and what is said when it may not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from services import field_rules
from services.contact_fields import clean_email, clean_name, clean_phone
from services.errors import N_, InvalidField, InvalidForm
from services.input_text import clean_text
from services.offers.houses import HouseView
from services.offers.packages import Query

CALL_TIMES = field_rules.rule('call_time').choices


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
    captcha: str = ''
    captcha_token: str = ''


def with_address(form: ApplicationForm, house: HouseView | None) -> ApplicationForm:
    """Return a form with the address of the house that was chosen before, if one was."""
    if house is None:
        return form
    return replace(form, locality=house.locality, street=house.street, house=house.house)


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
    return CleanedFields(clean_each({name: getattr(form, name) for name in _CHECKS}))


def clean_each(typed: Mapping[str, object]) -> dict[str, str]:
    """Check some of the fields, by their names.

    Raises:
        InvalidForm: the wrong fields by their names.
    """
    values, errors = {}, {}
    for name, value in typed.items():
        try:
            values[name] = _CHECKS[name](name, value)
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    return values


def _required_name(name: str, value: object) -> str:
    return clean_name(name, value, required=True)


def _optional_name(name: str, value: object) -> str:
    return clean_name(name, value, required=False)


def _place(name: str, value: object) -> str:
    text = clean_text(name, value, rule=name, required=True)
    if not field_rules.rule(name).fits(text):
        raise InvalidField(name, N_('Напишите название буквами, например «ул. Учебная».'))
    return text


def _house(name: str, value: object) -> str:
    text = clean_text(name, value, rule='house', required=True)
    if not field_rules.rule('house').fits(text):
        raise InvalidField(name, N_('Номер дома, например 12, 12А или 12/2.'))
    return text


def _short(name: str, value: object) -> str:
    text = clean_text(name, value, rule='flat')
    if text and not field_rules.rule('flat').fits(text):
        raise InvalidField(name, N_('Только цифры и буквы, не больше 10 знаков.'))
    return text


def _intercom(name: str, value: object) -> str:
    text = clean_text(name, value, rule='intercom')
    if text and not field_rules.rule('intercom').fits(text):
        raise InvalidField(name, N_('Только цифры, буквы и знаки * и #.'))
    return text


def _call_time(name: str, value: object) -> str:
    if value not in CALL_TIMES:
        raise InvalidField(name, N_('Выберите время из списка.'))
    return str(value)


def _email(name: str, value: object) -> str:
    return clean_email(name, value)


def _comment(name: str, value: object) -> str:
    return clean_text(name, value, rule='comment')


_CHECKS: dict[str, Callable[[str, object], str]] = {
    'last_name': _required_name,
    'first_name': _required_name,
    'patronymic': _optional_name,
    'phone': clean_phone,
    'email': _email,
    'locality': _place,
    'street': _place,
    'house': _house,
    'entrance': _short,
    'floor': _short,
    'flat': _short,
    'intercom': _intercom,
    'call_time': _call_time,
    'comment': _comment,
}
