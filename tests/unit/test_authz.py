"""docs/authz.yml is true: every service is called as every role, the owner, a stranger and nobody (ASVS 8.2.1, 8.2.2).

Deny by default: a line without a recipe of arguments fails.
"""

import pytest

from models.base import database
from models.user import SecondStep
from services.authority import Actor
from services.errors import DomainError, NotAllowed, NotFound, SignInRequired
from tests.authz import rules, tables
from tests.authz import world as worlds
from tests.authz.recipes import RECIPES
from tests.authz.recipes_open import NOTHING, WRONG_SECRETS

LOG = {'audit_event'}
PASSED_WITH = {'': set(), 'only': {SecondStep.ASK}, 'setting up too': {SecondStep.ENROL}}
"""With which debt a session passes, by the word of the file."""
OWN_COPY = 'privacy.exports.open_file'
"""The one answer in which a person's papers stand in full: his own data, to himself."""
ASIDE = {worlds.STRANGER, worlds.OTHER_TECHNICIAN}


def by_name(entries):
    return pytest.mark.parametrize('entry', [pytest.param(entry, id=entry.name) for entry in entries])


def attempt(given, entry, actor):
    """Call a service and return (answer, error)."""
    try:
        return given.call(entry.service, actor), None
    except DomainError as error:
        return None, error


def refused(world, entry):
    """Return everybody who is refused, and how: by his role, by whose it is, or as his session is not opened in full."""
    people = [(person, actor, entry.refusal(person)) for person, actor in world.people.items() if entry.refusal(person)]
    signed_in = [(person, actor) for person, actor in world.people.items() if actor and entry.whose(person)]
    if not entry.must_change:
        people += [
            (f'{person} with a new password', worlds.must_change(actor), NotAllowed) for person, actor in signed_in
        ]
    for step in set(SecondStep) - PASSED_WITH[entry.second_step]:
        people += [(f'{person} at {step}', worlds.half_open(actor, step), NotAllowed) for person, actor in signed_in]
    return people


def allowed(world, entry):
    """Return everybody who is answered."""
    people = [(person, actor) for person, actor in world.people.items() if not entry.refusal(person)]
    signed_in = [(person, actor) for person, actor in world.people.items() if actor and entry.whose(person)]
    if entry.must_change:
        people += [(person, worlds.must_change(actor)) for person, actor in signed_in]
    for step in PASSED_WITH[entry.second_step]:
        people += [(person, worlds.half_open(actor, step)) for person, actor in signed_in]
    return people


@by_name(rules.closed())
def test_who_may_not_is_refused_and_changes_nothing(world, entry):
    given = RECIPES[entry.name](world)
    before, facts = tables.snapshot(), worlds.recorded()

    for person, actor, expected in refused(world, entry):
        assert type(attempt(given, entry, actor)[1]) is expected, person
        assert type(attempt(given.about_nothing(), entry, actor)[1]) is expected, f'{person} can tell what exists'

    assert tables.changes(before, tables.snapshot()) == []
    assert worlds.recorded() == facts


@by_name(rules.closed())
def test_nothing_typed_is_looked_at_before_the_person(world, entry):
    empty = RECIPES[entry.name](world).empty()
    for person, actor, expected in refused(world, entry):
        if expected is not NotFound:
            assert type(attempt(empty, entry, actor)[1]) in {SignInRequired, NotAllowed}, person


@by_name(rules.closed())
def test_who_may_is_answered(world, entry):
    given = RECIPES[entry.name](world)
    people, before = allowed(world, entry), tables.snapshot()
    assert people
    for person, actor in people:
        with database.atomic() as savepoint:
            answer, error = attempt(given, entry, actor)
            is_watched = stands_aside(entry, person) or entry.does == 'reads'
            changed = tables.changes(before, tables.snapshot()) if is_watched else []
            savepoint.rollback()
        check_answer(world, entry, person, answer, error)
        if stands_aside(entry, person):
            assert not [change for change in changed if tables.is_of(change, world)], person
        if entry.does == 'reads':
            assert {name for name, _, _ in changed} <= LOG, person


def stands_aside(entry, person):
    """Tell whether a person has to do with the owner's things by no line of the file."""
    return person in ASIDE and entry.whose(person) != 'any'


def check_answer(world, entry, person, answer, error):
    """The owner and staff are answered; who stands aside asks about his own, where the answer may be a no."""
    assert not isinstance(error, rules.REFUSALS), person
    assert error is None or stands_aside(entry, person), f'{person}: {error!r}'
    secrets = () if (entry.name, person) == (OWN_COPY, worlds.OWNER) else worlds.SECRETS
    hidden = (*world.hashes, *(worlds.MARKS if stands_aside(entry, person) else secrets))
    text = '' if isinstance(answer, Actor) else worlds.text_of(answer)
    assert not [mark for mark in hidden if mark in text], person


@by_name(rules.opened())
def test_an_open_service_answers_whoever_knows_the_secret(world, entry):
    given = RECIPES[entry.name](world)
    before = tables.snapshot()
    with database.atomic() as savepoint:
        entry.service(*given.args, **given.kwargs)
        changed = tables.changes(before, tables.snapshot())
        savepoint.rollback()

    assert entry.does == 'changes' or {name for name, _, _ in changed} <= LOG


@pytest.mark.parametrize('name', sorted(WRONG_SECRETS))
def test_a_wrong_secret_opens_nothing(world, name):
    service = rules.entries()[name].service
    given, refusal = WRONG_SECRETS[name]
    before = tables.snapshot()

    if refusal is NOTHING:
        assert service(*given.args, **given.kwargs) is None
    else:
        with pytest.raises(refusal):
            service(*given.args, **given.kwargs)
    assert not [change for change in tables.changes(before, tables.snapshot()) if tables.is_of(change, world)]
