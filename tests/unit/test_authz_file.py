"""docs/authz.yml names every service that touches people's things, and every field that is shown (ASVS 8.1.1, 8.1.2)."""

import dataclasses
import typing

import pytest

from models.base import BaseModel
from models.user import Role
from tests import service_graph
from tests.authz import rules
from tests.authz.recipes import RECIPES


def by_name(entries):
    return pytest.mark.parametrize('entry', [pytest.param(entry, id=entry.name) for entry in entries])


def test_every_service_that_pages_run_stands_in_the_file():
    missing = {name: place for name, place in service_graph.handed_over().items() if name not in rules.entries()}

    assert not missing


def test_every_service_with_an_actor_stands_in_the_file():
    assert set(service_graph.with_actor()) - set(rules.entries()) == set(rules.load()['inside'])


def test_nothing_stands_in_the_file_that_is_not_there_any_more():
    known = {*service_graph.handed_over(), *service_graph.with_actor()}

    assert set(rules.entries()) | set(rules.load()['inside']) <= known
    assert set(RECIPES) == set(rules.entries())


def test_services_inside_are_not_handed_over_by_a_page():
    assert not set(rules.load()['inside']) & set(service_graph.handed_over())


@by_name(rules.entries().values())
def test_a_line_says_who_whose_and_what(entry):
    roles = {*Role, 'everyone'}

    assert entry.does in {'reads', 'changes'}
    assert entry.must_change in {'', 'only', 'may too'}
    assert entry.second_step in {'', 'only', 'setting up too'}
    assert entry.is_open or entry.grants
    assert set(entry.grants) <= roles
    assert set(entry.grants.values()) <= rules.OWNERSHIPS
    assert entry.actor in ({'', 'may be nobody'} if entry.knows else {''})
    assert (entry.is_open and not entry.actor) == (entry.name not in service_graph.with_actor())


def test_the_file_is_in_order():
    services = rules.load()['services']

    assert list(services) == sorted(services)
    assert all(list(lines) == sorted(lines) for lines in services.values())
    assert list(rules.load()['views']) == sorted(rules.load()['views'])


# --- fields -----------------------------------------------------------------------------------------------------


def views_of(kind, seen):
    """Collect the dataclasses an answer of this type is made of."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        for hint in typing.get_type_hints(kind).values():
            views_of(hint, seen)
    for part in typing.get_args(kind):
        views_of(part, seen)
    return seen


def answer_of(entry):
    return typing.get_type_hints(entry.service)['return']


def test_every_field_of_every_answer_stands_in_the_file():
    kinds = set()
    for entry in rules.entries().values():
        if not entry.is_public:
            views_of(answer_of(entry), kinds)
    fields = {
        f'{kind.__module__}.{kind.__name__}'.removeprefix('services.'): [f.name for f in dataclasses.fields(kind)]
        for kind in kinds
    }

    assert fields == rules.load()['views']


@by_name(e for e in rules.entries().values() if not e.name.endswith(('.own', '.own_visit')))
def test_no_service_gives_a_page_a_row_of_a_table(entry):
    answer = answer_of(entry)

    assert not [k for k in (answer, *typing.get_args(answer)) if isinstance(k, type) and issubclass(k, BaseModel)]
