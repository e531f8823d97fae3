"""The card form of the hosted page: reading what was typed, saying in Russian what is wrong."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.gateways.sandbox.cards import TestCard, find_test_card

_LONGEST = 100
_EXPIRY = re.compile(r'(0[1-9]|1[0-2]) ?[/.-]? ?(?:20)?([0-9]{2})')


@dataclass(slots=True)
class CardForm:
    """What was typed, to be shown again beside its errors; `card` is set when all is right. The CVC is not kept."""

    form_key: str
    number: str = ''
    expiry: str = ''
    holder: str = ''
    is_kept: bool = False
    card: TestCard | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def term(self) -> tuple[int, int]:
        """The last month and its year; of a form without errors."""
        found = _EXPIRY.fullmatch(self.expiry)
        return (int(found[1]), 2000 + int(found[2])) if found else (0, 0)


def read_form(typed: Mapping[str, object], now: datetime) -> CardForm:
    """Read the posted fields; anything that is not text counts as empty."""
    fields = {name: _line(typed.get(name)) for name in ('form_key', 'number', 'expiry', 'cvc', 'holder')}
    form = CardForm(fields['form_key'], fields['number'], fields['expiry'], fields['holder'])
    form.is_kept = 'save_card' in typed
    form.card = find_test_card(re.sub(r'[ \u00a0-]', '', form.number))
    errors = {
        'number': _number_error(form),
        'expiry': _expiry_error(form.expiry, now),
        'cvc': '' if re.fullmatch(r'[0-9]{3}', fields['cvc']) else 'CVC — три цифры на обороте карты',
        'holder': _holder_error(form.holder),
    }
    form.errors = {name: text for name, text in errors.items() if text}
    return form


def _line(value: object) -> str:
    if not isinstance(value, str):
        return ''
    return ''.join(letter for letter in value[:_LONGEST] if letter.isprintable()).strip()


def _number_error(form: CardForm) -> str:
    if form.card is not None:
        return ''
    if not re.fullmatch(r'[0-9]{16}', re.sub(r'[ \u00a0-]', '', form.number)):
        return 'Номер карты — 16 цифр'
    return 'Здесь подходят только тестовые карты из списка'


def _expiry_error(text: str, now: datetime) -> str:
    found = _EXPIRY.fullmatch(text)
    if not found:
        return 'Месяц и год, например 12/30'
    month, year = int(found[1]), 2000 + int(found[2])
    last_day = calendar.monthrange(year, month)[1]
    if datetime(year, month, last_day, 23, 59, 59, tzinfo=UTC) < now:
        return 'Срок действия этой карты прошёл'
    return ''


def _holder_error(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z .'-]{1,59}", text):
        return ''
    return 'Имя латинскими буквами, как на карте'
