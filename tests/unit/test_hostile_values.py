"""Whatever is handed to a service, the answer is a refusal in words or a plain answer (ASVS 1.3.3, 2.2.1).

Generated from docs/authz.yml: every argument of every service, and every field of a form, takes each value of `VALUES`
in turn, the others stay as the recipe has them. A refusal writes nothing but what counts tries and tells of them.
"""

import dataclasses
import types
import typing

import pytest

from models.base import database
from services import rate_limits
from services.errors import DomainError, Unfit
from services.runner import in_words
from tests.authz import rules, tables
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
    'an emoji': '🦊' * 20,
    'negative': -1,
    'zero': 0,
    'too large': 2**63,
    'too small': -(2**63) - 1,
    'not a number': float('nan'),
    'true': True,
    'a list': [None],
    'a dict': {'a': None},
}


@pytest.fixture
def free(monkeypatch):
    """Nobody has to wait for his next try."""
    monkeypatch.setattr(rate_limits, 'refuse_if_spent', lambda *args, **kwargs: None)


COUNTING = {'attempt', 'audit_event', 'failed_sign_in', 'spent_token', 'passkey_challenge'}
"""What a refusal may leave: a count of tries, a line that tells of it, a captcha or a question that is used up."""


FROM_THE_SERVER = {'address', 'agent', 'actor'}
"""What no person sends: the server takes them from the connection, always as text."""


def is_typed(hint):
    """Tell whether a text or a number of somebody stands there: `str`, `int`, or one of them and nothing."""
    kinds = set(typing.get_args(hint)) if typing.get_origin(hint) in {typing.Union, types.UnionType} else {hint}
    return bool({str, int, object} & kinds)


def spoilt(service, given):
    """Yield (what was spoilt and how, the arguments) for everything typed in a call."""
    hints = typing.get_type_hints(service)
    names = [name for name in hints if name != 'return']
    for place, arg in enumerate(given.args):
        for name, made in _spoilt(names[place], hints[names[place]], arg):
            yield name, Given((*given.args[:place], made, *given.args[place + 1 :]), given.kwargs)
    for key in given.kwargs.keys() - FROM_THE_SERVER:
        for name, made in _spoilt(key, hints[key], given.kwargs[key]):
            yield name, Given(given.args, {**given.kwargs, key: made})


def _spoilt(name, hint, arg):
    if is_typed(hint):
        return [((name, how), bad) for how, bad in VALUES.items()]
    if not (isinstance(hint, type) and dataclasses.is_dataclass(hint)):
        return []
    typed = [field for field, kind in typing.get_type_hints(hint).items() if is_typed(kind)]
    return [
        ((f'{name}.{field}', how), dataclasses.replace(arg, **{field: bad}))
        for field in typed
        for how, bad in VALUES.items()
    ]


def report(faults):
    grouped = {}
    for (name, how), error in faults:
        grouped.setdefault((name, error), []).append(how)
    return chr(10) + chr(10).join(f'FAULT {name}: {error} ← {hows}' for (name, error), hows in grouped.items())


@pytest.mark.parametrize('entry', [pytest.param(entry, id=entry.name) for entry in rules.entries().values()])
def test_every_value_is_answered_or_refused(world, entry, free):
    given = RECIPES[entry.name](world)
    if not given.args and not given.kwargs.keys() - {'actor'}:
        return
    people = [(p, a) for p, a in world.people.items() if a and not entry.refusal(p)] if not entry.is_open else []
    actor = people[0][1] if people else None
    before = tables.snapshot()
    faults = []
    for what, bad in spoilt(entry.service, given):
        with database.atomic() as savepoint:
            try:
                with in_words(entry.name):
                    if entry.is_open:
                        entry.service(*bad.args, **bad.kwargs)
                    else:
                        bad.call(entry.service, actor)
                savepoint.rollback()
            except Unfit:
                savepoint.rollback()
            except DomainError as error:
                str(error)
            except Exception as error:
                savepoint.rollback()
                faults.append((what, f'{type(error).__name__} {str(error)[:90]!r}'))
    changed = {name for name, _, _ in tables.changes(before, tables.snapshot())} - COUNTING
    assert not faults, report(faults)
    assert not changed
