"""Identity papers and birth date: what may be typed, and what only deserves a second look."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.contract import Subscriber
from services import clock, field_rules
from services.errors import N_, InvalidField, InvalidForm
from services.identity import vault
from services.input_text import clean_text

WEIGHTS = (7, 3, 1)
ADULT, OLDEST = (field_rules.figure('owner_is_adult', name) for name in ('least', 'most'))
PAPER_YEARS = field_rules.figure('paper_is_issued_lately', 'years')
SEALED = (Subscriber.passport, Subscriber.personal_number, Subscriber.birth_date)
HASHED = (Subscriber.passport_index, Subscriber.personal_number_index)


class PaperKind(StrEnum):
    """What a client shows: only the passport of a citizen has one strict form (DOMAIN §4.2)."""

    PASSPORT = 'passport'
    ID_CARD = 'id_card'
    RESIDENCE_PERMIT = 'residence_permit'
    FOREIGN_PASSPORT = 'foreign_passport'


CITIZENS = frozenset({PaperKind.PASSPORT, PaperKind.ID_CARD})
"""Papers of citizens: an identification number always stands in them."""


@dataclass(frozen=True)
class Papers:
    """What stands in the client's papers; dates are calendar days. A foreigner may have no identification number."""

    passport: str
    issued_by: str
    issued_on: date
    personal_number: str
    birth_date: date
    kind: PaperKind = PaperKind.PASSPORT


@dataclass(frozen=True)
class PapersForm:
    """The same as typed: any text may stand in a field; dates as `2026-12-31` or `31.12.2026`."""

    passport: str = ''
    issued_by: str = ''
    issued_on: str = ''
    personal_number: str = ''
    birth_date: str = ''
    kind: str = PaperKind.PASSPORT


def validate(form: PapersForm) -> Papers:
    """Return the papers in their one form: capitals, Latin letters, no spaces (DOMAIN §4.2).

    Raises:
        InvalidForm: with an error for each wrong field.
    """
    kind = _kind(form.kind)
    errors: dict[str, InvalidField] = {}
    checks = {
        'passport': _passport if kind == PaperKind.PASSPORT else _other_number,
        'issued_by': _issuer if kind == PaperKind.PASSPORT else _other_issuer,
        'issued_on': _issued_on,
        'personal_number': _personal_number if kind in CITIZENS else _personal_number_if_any,
        'birth_date': _birth_date,
    }
    values: dict[str, object] = {'kind': kind}
    for name, check in checks.items():
        try:
            typed = getattr(form, name)
            values[name] = check(typed if isinstance(typed, str) else '')
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    papers = Papers(**values)  # type: ignore[arg-type]  # each check returns the type of its field
    if papers.issued_on <= papers.birth_date:
        raise InvalidForm({'issued_on': InvalidField('issued_on', N_('Документ не мог быть выдан до рождения.'))})
    return papers


def doubts(papers: Papers) -> tuple[str, ...]:
    """Return what staff should look at again: no reason to refuse, other sets of letters exist (DOMAIN §4.2)."""
    number = papers.personal_number
    if not number:
        return ()
    if not field_rules.rule('usual_personal_number').fits(number):
        return (N_('Идентификационный номер непривычного вида: сверьте с документом.'),)
    found = []
    if int(number[-1]) != check_digit(number):
        found.append(N_('Последняя цифра идентификационного номера не сходится: сверьте с документом.'))
    if number[1:7] != papers.birth_date.strftime('%d%m%y'):
        found.append(N_('Дата рождения не совпадает с идентификационным номером: сверьте с документом.'))
    return tuple(found)


def check_digit(number: str) -> int:
    """Return the check digit of the first 13 characters: weights 7, 3, 1, letters count from A=10 to Z=35."""
    return sum(int(sign, 36) * WEIGHTS[place % 3] for place, sign in enumerate(number[:13])) % 10


def keep(subscriber: Subscriber, papers: Papers) -> None:
    """Seal the papers into the subscriber's row, and make the hashes by which they are found."""
    from services.contracts import paper_index

    passport = {
        'kind': papers.kind,
        'number': papers.passport,
        'by': papers.issued_by,
        'on': papers.issued_on.isoformat(),
    }
    subscriber.passport = _sealed(subscriber, 'passport', json.dumps(passport, ensure_ascii=False))
    subscriber.personal_number = _sealed(subscriber, 'personal_number', papers.personal_number)
    subscriber.birth_date = _sealed(subscriber, 'birth_date', papers.birth_date.isoformat())
    paper_index.put(subscriber, papers)
    subscriber.save(only=SEALED + HASHED)


def erase(subscriber: Subscriber) -> None:
    """Forget the papers of somebody with whom there will be no contract."""
    subscriber.passport = subscriber.personal_number = subscriber.birth_date = None
    subscriber.passport_index = subscriber.personal_number_index = None
    subscriber.save(only=SEALED + HASHED)


def kept(subscriber: Subscriber) -> Papers | None:
    """Open the sealed papers of a subscriber; None while they are not filled."""
    if subscriber.passport is None or subscriber.personal_number is None or subscriber.birth_date is None:
        return None
    passport = json.loads(_opened(subscriber, 'passport'))
    return Papers(
        passport=passport['number'],
        issued_by=passport['by'],
        issued_on=date.fromisoformat(passport['on']),
        personal_number=_opened(subscriber, 'personal_number'),
        birth_date=date.fromisoformat(_opened(subscriber, 'birth_date')),
        kind=PaperKind(passport['kind']),
    )


def _sealed(subscriber: Subscriber, column: str, plain: str) -> bytes:
    return vault.seal(plain, aad=vault.aad_of('subscriber', subscriber.id, column))


def _opened(subscriber: Subscriber, column: str) -> str:
    blob = getattr(subscriber, column)
    return vault.unseal(bytes(blob), aad=vault.aad_of('subscriber', subscriber.id, column))


def _kind(typed: object) -> PaperKind:
    try:
        return PaperKind(typed)  # type: ignore[arg-type]  # whatever a forged event brings
    except ValueError as error:
        raise InvalidForm({'kind': InvalidField('kind', N_('Выберите документ из списка.'))}) from error


def _passport(typed: str) -> str:
    wanted = field_rules.rule('passport')
    code = wanted.brought(typed)
    if not wanted.fits(code):
        raise InvalidField('passport', N_('Две буквы и семь цифр, как в паспорте: MP1234567.'))
    return code


def _other_number(typed: str) -> str:
    """Countries number their papers each in its own way."""
    wanted = field_rules.rule('other_paper')
    code = wanted.brought(typed)
    if not wanted.fits(code):
        raise InvalidField('passport', N_('От 4 до 20 латинских букв и цифр, как в документе.'))
    return code


def _personal_number(typed: str) -> str:
    wanted = field_rules.rule('personal_number')
    code = wanted.brought(typed)
    if not wanted.fits(code):
        raise InvalidField('personal_number', N_('14 знаков: цифры и латинские буквы, например 3150185A000PB7.'))
    return code


def _personal_number_if_any(typed: str) -> str:
    return _personal_number(typed) if typed.strip() else ''


def _other_issuer(typed: str) -> str:
    return clean_text('issued_by', typed, rule='issued_by', required=True)


def _issuer(typed: str) -> str:
    text = clean_text('issued_by', typed, rule='issued_by', required=True)
    if not re.search(r'[^\W\d_]{2}', text):
        raise InvalidField('issued_by', N_('Перепишите из документа, кем он выдан.'))
    return text


def _day(field: str, typed: str) -> date:
    text = field_rules.rule('day').brought(typed)
    match = re.fullmatch(r'(\d{1,2})\.(\d{1,2})\.(\d{4})', text, re.ASCII)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidField(field, N_('Напишите дату так: 31.12.1985.')) from error


def _issued_on(typed: str) -> date:
    day = _day('issued_on', typed)
    if not clock.today() - timedelta(days=366 * PAPER_YEARS) <= day <= clock.today():
        raise InvalidField('issued_on', N_('Проверьте дату: документ не выдают в будущем и так давно.'))
    return day


def _birth_date(typed: str) -> date:
    day = _day('birth_date', typed)
    age = age_on(clock.today(), day)
    if age < ADULT:
        raise InvalidField('birth_date', N_('Договор подписывают с 18 лет. Нужен документ взрослого члена семьи.'))
    if age > OLDEST:
        raise InvalidField('birth_date', N_('Проверьте год рождения.'))
    return day


def age_on(day: date, birth_date: date) -> int:
    """Return full years on a day; who was born on 29 February is a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
