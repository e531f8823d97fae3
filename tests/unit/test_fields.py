"""docs/fields.yml is complete and true: each rule is used, each holds at its bounds, no second copy of one (ASVS 2.1.1, 2.1.2)."""

import ast
import importlib
import inspect
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from models.region import Technology
from services import field_rules
from services.clock import today
from services.contracts import access_grants
from services.contracts.identity_papers import PapersForm, check_digit, doubts, validate
from services.errors import InvalidField, InvalidForm
from services.identity import employees, own_password
from services.input_text import clean_text
from services.visits import line_quality
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
FIELDS = field_rules.RULES.fields
OURS = ('services', 'components', 'pages')
NOT_TYPED = {
    'services/gateways/': 'what other machines send',
    'services/identity/passkeys.py': 'an id inside of what a passkey signed',
    'services/visits/signatures.py': 'the form of our own SVG',
    'services/demo/': 'the demo',
    'services/spans.py': 'our own documents',
    'services/limits.py': 'our own documents',
    'services/identity/captcha.py': 'a setting',
    'services/audit/journal.py': 'subjects of our own log',
    'services/contracts/identity_papers.py': 'a day as people write it',
    'components/guard/': 'names of NiceGUI',
    'components/languages.py': 'addresses, and what browsers send',
    'components/redirect.py': 'addresses',
    'components/public_page.py': 'addresses',
    'components/headers.py': 'headers',
    'services/identity/passwords.py': 'words that repeat themselves',
    'components/typography.py': 'how lines break',
    'pages/operator/audit.py': 'words of an address',
    'pages/public/regions.py': 'addresses',
}
"""Where patterns with lengths have nothing to do with what people type, and why."""
NUMBER = '4130771C083PB'
GOOD = PapersForm(
    'MP1234567', 'Первомайским РУВД г. Минска', '17.03.2015', f'{NUMBER}{check_digit(NUMBER)}', '13.07.1971'
)


def files():
    return [path for folder in OURS for path in (ROOT / folder).rglob('*.py')]


@pytest.mark.parametrize('name', FIELDS)
def test_every_rule_is_used_where_it_says(name):
    for place in FIELDS[name].used:
        source = _source(place)
        assert f"'{name}'" in source or 'rule(name)' in source, place


def _source(place):
    if place.endswith('.py'):
        return (ROOT / place).read_text(encoding='utf-8')
    module, _, function = place.rpartition('.')
    known = importlib.import_module(f'services.{module}')
    assert callable(getattr(known, function)), place
    return inspect.getsource(known)


@pytest.mark.parametrize('name', [name for name, rule in FIELDS.items() if rule.type in {'text', 'lines'}])
def test_a_text_is_taken_to_its_length_and_no_further(name):
    most = FIELDS[name].most

    assert clean_text('field', ' ' + 'я' * most + ' ', rule=name) == FIELDS[name].normalised('я' * most)
    with pytest.raises(InvalidField, match=str(most)):
        clean_text('field', 'я' * (most + 1), rule=name)
    with pytest.raises(InvalidField):
        clean_text('field', '', rule=name, required=True)


@pytest.mark.parametrize(
    ('typed', 'kept'),
    [
        ('Позвоните\u202eешзоп', 'Позвонитеешзоп'),
        ('\u2066+375 29\u2069 123', '+375 29 123'),
        ('за\u00adяв\u200bка\ufeff', 'заявка'),
        ('семья 👨\u200d👩\u200d👧', 'семья 👨\u200d👩\u200d👧'),
        ('שלום, до\u200f завтра', 'שלום, до завтра'),
    ],
)
def test_signs_that_are_not_seen_do_not_come_along_with_a_text(typed, kept):
    assert clean_text('field', typed, rule='comment') == kept


@pytest.mark.parametrize('typed', ['\u200b', ' \u200b \ufeff ', '\u200d\u200d', '\u202e'])
def test_a_text_of_unseen_signs_is_an_empty_field(typed):
    with pytest.raises(InvalidField, match='Заполните'):
        clean_text('field', typed, rule='note', required=True)


@pytest.mark.parametrize('name', [name for name, rule in FIELDS.items() if rule.type in {'code', 'key'} and rule.signs])
def test_a_code_has_its_length_and_its_signs(name):
    rule = FIELDS[name]
    good = next(t for t in EXAMPLES if rule.fits(t) or rule.fits(t[: rule.most]))[: rule.most]

    assert rule.fits(good)
    assert not rule.fits(good + 'A' * (rule.most + 1 - len(good)))
    assert not rule.fits(good[: max(0, rule.least - 1)])
    assert not rule.fits(good[:-1] + '\ud800')
    assert rule.brought(good + ' ' * ((rule.typed or rule.most) + 1)) == ''


EXAMPLES = (
    'MP1234567',
    '4130771C083PB1',
    'HWTC1A2B3C4D',
    'AABBCCDDEEFF',
    '1234',
    '123456',
    'abc1',
    'OSEN3',
    'BY13NBRB3600900000002Z00AB00',
    'AB12' * 64,
)


def test_no_second_copy_of_a_rule():
    copies = []
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if _is_copy(node) and not name.startswith(tuple(NOT_TYPED)):
                copies.append(f'{name}:{node.lineno}')

    assert copies == [], copies


def _is_copy(node):
    """Tell whether a pattern states a length, or a field its own one."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in {'re.compile', 're.fullmatch'} and node.args:
        return bool(re.search(r'\{\d+(,\d*)?\}', ast.unparse(node.args[0])))
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r'maxlength=\d', node.value))
    )


def test_no_template_has_a_copy_of_a_length():
    copied = set()
    for path in (ROOT / 'components' / 'templates').glob('*.html'):
        for line in path.read_text(encoding='utf-8').splitlines():
            if re.search(r'maxlength[\'": =]+\d', line):
                copied |= set(re.findall(r'(?:field\(\'|name=")([a-z_]+)', line))

    assert copied <= SECRETS_AND_SUMS


SECRETS_AND_SUMS = {
    'password',
    'old',
    'new',
    'again',
    'code',
    'captcha',
    'amount',
    'days',
    'who',
    'search',
    'captcha_token',
}
"""Where the browser stops only at floods: more is taken than is right, spaces among it, and the service says why not."""


@pytest.mark.parametrize('name', field_rules.RULES.between)
def test_every_rule_between_fields_has_its_function_and_its_tests(name):
    between = field_rules.RULES.between[name]
    module, _, function = between.where.rpartition('.')

    assert callable(getattr(importlib.import_module(f'services.{module}'), function))
    for test in between.tests:
        path, _, wanted = test.partition('::')
        tree = ast.parse((ROOT / path).read_text(encoding='utf-8'))
        assert wanted in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test


@pytest.mark.parametrize(('key', 'value'), [('most', 0), ('type', 'shoe'), ('signs', '('), ('used', []), ('more', 1)])
def test_what_the_program_does_not_understand_stops_it(tmp_path, key, value):
    document = yaml.safe_load(field_rules.DOCUMENT.read_text(encoding='utf-8'))
    document['fields']['phone'][key] = value
    copy = tmp_path / 'fields.yml'
    copy.write_text(yaml.safe_dump(document, allow_unicode=True), encoding='utf-8')

    with pytest.raises(ValueError):
        field_rules.load(copy)


# --- between fields ---------------------------------------------------------------------------------------------


def wrong(form):
    with pytest.raises(InvalidForm) as refusal:
        validate(form)
    return set(refusal.value.errors)


def in_years(years, days=0):
    day = today()
    return (day.replace(year=day.year + years, day=min(day.day, 28)) + timedelta(days=days)).strftime('%d.%m.%Y')


def test_a_paper_is_not_older_than_its_owner():
    assert wrong(replace(GOOD, issued_on='13.07.1985', birth_date='13.07.1985')) == {'issued_on'}
    assert validate(replace(GOOD, issued_on='14.07.1985', birth_date='13.07.1985'))


def test_a_paper_is_issued_within_fifty_years():
    years = field_rules.figure('paper_is_issued_lately', 'years')
    old = replace(GOOD, birth_date='13.07.1940')

    assert validate(replace(old, issued_on=(today() - timedelta(days=366 * years)).strftime('%d.%m.%Y')))
    assert wrong(replace(old, issued_on=(today() - timedelta(days=366 * years + 1)).strftime('%d.%m.%Y'))) == {
        'issued_on'
    }
    assert validate(replace(old, issued_on=today().strftime('%d.%m.%Y')))
    assert wrong(replace(old, issued_on=(today() + timedelta(days=1)).strftime('%d.%m.%Y'))) == {'issued_on'}


@pytest.mark.at('2026-11-25 12:00')
def test_who_signs_is_an_adult_today():
    assert validate(replace(GOOD, birth_date='25.11.2008', issued_on='01.10.2026'))
    assert wrong(replace(GOOD, birth_date='26.11.2008', issued_on='01.10.2026')) == {'birth_date'}
    assert validate(replace(GOOD, birth_date='26.11.1905'))
    assert wrong(replace(GOOD, birth_date='25.11.1905')) == {'birth_date'}


def test_the_kind_of_paper_says_how_its_number_looks():
    assert wrong(replace(GOOD, passport='12345')) == {'passport'}
    assert wrong(replace(GOOD, personal_number='')) == {'personal_number'}
    assert validate(replace(GOOD, passport='12345', personal_number='', kind='foreign_passport')).passport == '12345'


def test_a_number_that_does_not_fit_is_looked_at_again():
    assert not doubts(validate(GOOD))
    assert doubts(validate(replace(GOOD, birth_date='14.07.1971')))
    assert doubts(validate(replace(GOOD, personal_number=f'{NUMBER}{(check_digit(NUMBER) + 1) % 10}')))


@pytest.mark.parametrize(
    ('level', 'needs'), [('-9,9', True), ('-10', False), ('-27', False), ('-27,1', True), ('-25,1', False)]
)
def test_a_level_out_of_bounds_needs_a_note(level, needs):
    form = line_quality.LineForm(level=level, down='94', up='90')

    if needs:
        with pytest.raises(InvalidForm) as refusal:
            line_quality.read(form, Technology.GPON)
        assert set(refusal.value.errors) == {'note'}
    assert line_quality.read(replace(form, note='' if not needs else 'Муфта'), Technology.GPON)


def test_a_new_password_is_typed_twice():
    own_password.check_pair('кони едят овёс', 'кони едят овёс')
    with pytest.raises(InvalidField):
        own_password.check_pair('кони едят овёс', 'кони едят овес')


def test_one_does_not_invite_oneself(db, anna):
    with pytest.raises(InvalidForm) as refusal:
        access_grants.give('Анна', 'ANNA@example.by', 'see', 'month', factories.key(), actor=anna)
    assert set(refusal.value.errors) == {'email'}


@pytest.mark.parametrize(('roles', 'is_taken'), [((), False), (('subscriber',), False), (('operator',), True)])
def test_an_employee_has_a_role(roles, is_taken):
    if is_taken:
        assert employees.checked_roles(roles)
    else:
        with pytest.raises(InvalidField):
            employees.checked_roles(roles)
