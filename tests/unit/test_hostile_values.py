"""Whatever is handed to a service, the answer is a refusal in words or a plain answer (ASVS 1.3.3, 2.2.1).

Generated from docs/authz.yml: every text and number of every service, and every field of a form, takes each value of
`VALUES` in turn; the rest stays as its recipe has it. A refusal leaves nothing behind but what counts tries.
"""

import dataclasses
import functools
import types
import typing

import pytest

from models.base import database, is_postgres
from models.user import SecondStep
from services import rate_limits
from services.errors import DomainError, Unfit
from services.offers import catalogue, constructor
from services.runner import in_words
from tests.authz import rules, tables
from tests.authz import world as worlds
from tests.authz.given import Given
from tests.authz.recipes import RECIPES

VALUES = {
    'nothing': None,
    'empty': '',
    'a megabyte': 'ы' * 1_000_000,
    'nul': '1\x00',
    'half a sign': '\ud800',
    'from right to left': '\u202e100001\u200f',
    'control signs': 'a\x01\x08\x1b[31m\x7f\u2028b',
    'negative': -1,
    'zero': 0,
    'too large': 2**63,
    'too small': -(2**63) - 1,
    'not a number': float('nan'),
    'true': True,
    'a list': [None],
    'a dict': {'a': None},
}
"""What a form, an address or an event of a browser can carry; JSON knows no bytes."""
OF_THE_DATABASE = {'nothing', 'nul', 'half a sign', 'too large', 'not a number', 'a list'}
"""Values to which the two databases have answers of their own; the others are given on SQLite, which is quicker."""
FROM_THE_SERVER = {'address', 'agent', 'actor'}
"""What no person sends: the server takes them from the connection, always as text."""
MAY_STAY = {'attempt', 'audit_event', 'failed_sign_in', 'spent_token', 'passkey_challenge'}
"""What a refusal leaves: a count of tries, a line that tells of it, a captcha or a question that is used up."""
ENTRIES = [pytest.param(entry, id=entry.name) for entry in rules.entries().values()]


@pytest.fixture
def without_limits(monkeypatch):
    """Let nobody wait for his next try, and read the catalogue once: it is not what is typed."""
    monkeypatch.setattr(rate_limits, 'refuse_if_spent', lambda *args, **kwargs: None)
    monkeypatch.setattr(constructor, 'read_catalogue', functools.cache(catalogue.read_catalogue))


def is_typed(hint):
    """Tell whether a text or a number of somebody stands there: `str`, `int`, anything, or nothing instead."""
    is_choice = typing.get_origin(hint) in {typing.Union, types.UnionType}
    return bool({str, int, object} & set(typing.get_args(hint) if is_choice else (hint,)))


def spoilt(service, given):
    """Yield (argument, value, the arguments) for everything typed in a call."""
    hints = typing.get_type_hints(service)
    names = [name for name in hints if name != 'return']
    for place, arg in enumerate(given.args):
        for name, how, made in each_value(names[place], hints[names[place]], arg):
            yield name, how, Given((*given.args[:place], made, *given.args[place + 1 :]), given.kwargs)
    for key in sorted(given.kwargs.keys() - FROM_THE_SERVER):
        for name, how, made in each_value(key, hints[key], given.kwargs[key]):
            yield name, how, Given(given.args, {**given.kwargs, key: made})


def each_value(name, hint, arg):
    """Yield what may stand in the place of an argument: a value, or the form with a value in one of its fields."""
    values = {how: bad for how, bad in VALUES.items() if not is_postgres() or how in OF_THE_DATABASE}
    if is_typed(hint):
        yield from ((name, how, bad) for how, bad in values.items())
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        for field in [field for field, kind in typing.get_type_hints(hint).items() if is_typed(kind)]:
            yield from (
                (f'{name}.{field}', how, dataclasses.replace(arg, **{field: bad})) for how, bad in values.items()
            )


def caller(world, entry):
    """Return the arguments by which somebody who may calls this service."""
    if entry.is_open and not entry.actor:
        return lambda given: entry.service(*given.args, **given.kwargs)
    if entry.is_open:
        return lambda given: entry.service(*given.args, **{'actor': None, **given.kwargs})
    whose = {person: entry.whose(person) for person, actor in world.people.items() if actor and entry.whose(person)}
    actor = world.people[next(person for person, word in whose.items() if rules.HOLDER.get(word, person) == person)]
    if entry.must_change == 'only':
        actor = worlds.must_change(actor)
    if entry.second_step == 'only':
        actor = worlds.half_open(actor, SecondStep.ASK)
    return lambda given: given.call(entry.service, actor)


def fault_of(entry, call, given):
    """Call and return what is wrong with the answer, '' when nothing is; only a refusal leaves its traces."""
    with database.atomic() as savepoint:
        try:
            with in_words(entry.name):
                call(given)
        except Unfit:
            savepoint.rollback()
        except DomainError as error:
            return '' if str(error) else 'no words'
        except Exception as error:  # noqa: BLE001 - any other one is what is looked for
            savepoint.rollback()
            return f'{type(error).__name__}: {error}'[:150]
        else:
            savepoint.rollback()
    return ''


@pytest.mark.parametrize('entry', ENTRIES)
def test_every_value_is_answered_or_refused_in_words(world, entry, without_limits):
    given, call = RECIPES[entry.name](world), caller(world, entry)
    before, facts = tables.snapshot(), worlds.recorded()

    faults = {(name, how): fault_of(entry, call, bad) for name, how, bad in spoilt(entry.service, given)}

    assert {place: fault for place, fault in faults.items() if fault} == {}
    assert {name for name, _, _ in tables.changes(before, tables.snapshot())} <= MAY_STAY
    assert worlds.recorded() >= facts


def test_most_services_take_something_typed(world):
    takes = set()
    for entry in rules.entries().values():
        with database.atomic() as savepoint:
            takes |= {entry.name for _ in spoilt(entry.service, RECIPES[entry.name](world))}
            savepoint.rollback()

    assert len(takes) > 70
