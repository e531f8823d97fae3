"""docs/authz.yml as the tests read it: for each service, what each person gets."""

import functools
import importlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from services.errors import NotAllowed, NotFound, SignInRequired
from tests.authz import world

FILE = Path(__file__).resolve().parent.parent.parent / 'docs' / 'authz.yml'
REFUSALS = (SignInRequired, NotAllowed, NotFound)
OWNERSHIPS = {'own contract', 'own thing', 'own visit', 'himself', 'link', 'any'}
ROLES = {
    world.OWNER: 'subscriber',
    world.STRANGER: 'subscriber',
    world.OPERATOR: 'operator',
    world.ADMINISTRATOR: 'operator',
    world.TECHNICIAN: 'technician',
    world.OTHER_TECHNICIAN: 'technician',
}
"""What the file calls the role of each person; an administrator may what an operator may, and more."""
HOLDER = {'own thing': world.OWNER, 'own visit': world.TECHNICIAN}
"""Whose the named things are."""


@dataclass(frozen=True)
class Entry:
    """One line of the file."""

    name: str
    grants: dict[str, str]
    does: str
    must_change: str
    second_step: str = ''
    is_public: bool = False
    knows: str = ''
    actor: str = ''

    @property
    def is_open(self):
        """Tell whether nobody is asked who he is."""
        return self.is_public or bool(self.knows)

    @property
    def service(self):
        """The function itself."""
        module, _, function = self.name.rpartition('.')
        return getattr(importlib.import_module(f'services.{module}'), function)

    def whose(self, person):
        """Return the ownership word for a person, '' where his role has no business."""
        if person == world.ADMINISTRATOR and 'administrator' in self.grants:
            return self.grants['administrator']
        return self.grants.get('everyone') or self.grants.get(ROLES.get(person, ''), '')

    def refusal(self, person):
        """Return how a person must be refused, None when he may."""
        if person == world.NOBODY:
            return SignInRequired
        whose = self.whose(person)
        if not whose or 'only' in (self.must_change, self.second_step):
            return NotAllowed
        return NotFound if HOLDER.get(whose, person) != person else None


@functools.cache
def load():
    """Return the whole file."""
    return yaml.safe_load(FILE.read_text(encoding='utf-8'))


@functools.cache
def entries():
    """Return the lines of services by name."""
    found = {}
    for module, lines in load()['services'].items():
        for function, line in lines.items():
            found[f'{module}.{function}'] = _entry(f'{module}.{function}', dict(line))
    return found


def _entry(name, line):
    does, *rest = (line.pop(key, '') for key in ('does', 'must_change', 'second_step', 'anyone', 'knows', 'actor'))
    must_change, second_step, anyone, knows, actor = rest
    return Entry(name, line, does, must_change, second_step, bool(anyone), knows, actor)


def closed():
    """Return the lines whose services ask who is acting."""
    return [entry for entry in entries().values() if not entry.is_open]


def opened():
    """Return the lines of services that ask nobody who he is."""
    return [entry for entry in entries().values() if entry.is_open]
