"""An operator finds a person by the paper in hand: exactly, without opening anybody's papers, and it is noted."""

import pytest

from models.contract import Subscriber
from models.user import AuditEvent
from services.contracts import identity_papers, paper_index, subscribers
from services.identity import vault
from tests import factories, person


def found(text, actor):
    return [row.number for row in subscribers.list_subscribers(text, actor=actor).rows]


def notes():
    return [(e.action, e.subject) for e in AuditEvent.select().where(AuditEvent.action.contains('found'))]


@pytest.mark.parametrize(
    'typed', ['MP7391846', 'mp 7391846', 'МР7391846', 'MP-739-18-46', '4150285A019PB4', ' 4150285а019рв4 ']
)
def test_the_whole_number_finds_its_owner(db, olga, typed):
    person.live('200777')
    factories.make_contract()

    assert found(typed, olga) == ['200777']
    assert notes() == [('subscriber.found_by_papers', 'contract:200777')]


@pytest.mark.parametrize('typed', ['MP739184', '7391846', 'MP73918467', '4150285A019PB', 'MP7391847'])
def test_a_part_of_it_or_another_number_finds_nobody(db, olga, typed):
    person.live()

    assert found(typed, olga) == []


def test_nobodys_papers_are_opened(db, olga, monkeypatch):
    person.live()
    monkeypatch.setattr(vault, 'unseal', lambda *_, **__: pytest.fail('papers were opened'))

    assert found(person.PASSPORT, olga) == ['200777']


def test_a_search_that_finds_nobody_is_noted_without_the_number(db, olga):
    found('MP1112223', olga)

    assert notes() == [('subscriber.not_found_by_papers', 'subscribers')]
    assert 'MP1112223' not in str([(e.subject, e.facts) for e in AuditEvent.select()])


@pytest.mark.parametrize('typed', ['Пробная', '200777', '+375291234567', ''])
def test_other_searches_are_not_noted(db, olga, typed):
    person.live()
    found(typed, olga)

    assert notes() == []


def test_the_hash_says_nothing_without_the_pepper_and_differs_by_kind_of_number(db):
    person.live()
    subscriber = Subscriber.get(Subscriber.last_name == person.NAME)

    assert len(subscriber.passport_index) == len(subscriber.personal_number_index) == 64
    assert vault.blind_index(person.PASSPORT, 'personal_number') != subscriber.passport_index


def test_papers_from_before_get_their_hashes(db, olga):
    person.live()
    Subscriber.update(passport_index=None, personal_number_index=None).execute()
    assert found(person.PASSPORT, olga) == []

    assert paper_index.fill_missing() == 1
    assert paper_index.fill_missing() == 0
    assert found(person.NUMBER, olga) == ['200777']


def test_erased_papers_are_found_by_nobody(db, olga):
    person.live()
    identity_papers.erase(Subscriber.get(Subscriber.last_name == person.NAME))

    assert found(person.PASSPORT, olga) == []
