"""A new key for sealed fields: old and new together, then the old one goes and everything still opens."""

import base64
import time
from datetime import date

import pytest
from peewee import BlobField
from pydantic import SecretStr

from models.application import Application
from models.contract import Subscriber
from models.second_factor import TotpSecret
from models.user import Role
from services.contracts import documents, identity_papers
from services.contracts.identity_papers import Papers
from services.identity import totp, vault
from services.privacy import sealed_cells
from services.settings import get_settings
from tests import factories

OLD, NEW = (f'{n}:{base64.b64encode(bytes([n]) * 32).decode()}' for n in (1, 2))
SECRET = 'A' * 32
PAPERS = Papers('MP1234567', 'Центральным РУВД', date(2015, 3, 4), '3150185A000PB7', date(1985, 1, 15))


@pytest.fixture
def keys(monkeypatch):
    """Run with these field keys from now on."""
    original = get_settings()

    def use(*pairs):
        changed = original.model_copy(update={'field_keys': SecretStr(','.join(pairs))})
        monkeypatch.setattr('services.settings.get_settings', lambda: changed)

    use(OLD)
    return use


def people(count):
    """Make subscribers with papers, each with a contract that has a document, and an application with a note."""
    made = []
    for number in range(count):
        contract = factories.make_contract()
        identity_papers.keep(contract.subscriber, PAPERS)
        documents.store(contract, 'contract', 'Договор', b'%PDF ' + bytes(3000), is_signed=True)
        application = factories.make_application()
        place = vault.aad_of('application', application.id, 'address_note')
        Application.update(address_note=vault.seal(f'код {number}', aad=place)).where(
            Application.id == application.id
        ).execute()
        made.append(contract.subscriber.id)
    return made


def papers_of(subscriber_id):
    return identity_papers.kept(Subscriber.get_by_id(subscriber_id))


def test_after_the_rotation_the_old_key_is_not_needed(db, keys):
    made = people(3)
    keys(NEW, OLD)

    outcome = sealed_cells.rotate()

    assert (outcome.resealed, outcome.broken, outcome.by_key) == (15, [], {2: 15})
    keys(NEW)
    assert [papers_of(one) for one in made] == [PAPERS] * 3


def test_the_secret_of_an_app_goes_over_to_the_new_key(db, keys):
    factories.make_user(Role.SUBSCRIBER)  # so that the person's number is not the number of the secret's row
    person = factories.make_user(Role.OPERATOR)
    totp.store(person, SECRET)
    assert TotpSecret.get().id != person.id
    keys(NEW, OLD)

    assert (sealed_cells.rotate().broken, sealed_cells.count_by_key()) == ([], {2: 1})

    keys(NEW)
    assert totp.is_secret_of(person.id, SECRET)


def test_without_a_rotation_the_old_key_is_needed(db, keys):
    made = people(1)
    keys(NEW)

    with pytest.raises(vault.SealBroken):
        papers_of(made[0])


def test_cells_are_counted_by_the_key_they_use(db, keys):
    people(1)
    keys(NEW, OLD)
    people(1)

    assert sealed_cells.count_by_key() == {1: 5, 2: 5}


def test_a_run_that_was_stopped_goes_on_where_it_stopped(db, keys, monkeypatch):
    people(3)
    keys(NEW, OLD)
    monkeypatch.setattr(sealed_cells, 'BATCH', 2)

    class Stopped(Exception):
        pass

    def stop(_place, done):
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        sealed_cells.rotate(stop)
    left = sealed_cells.count_by_key()[1]
    assert left == 13

    assert sealed_cells.rotate().resealed == left


def test_what_the_site_writes_meanwhile_is_not_lost(db, keys, monkeypatch):
    made = people(1)
    keys(NEW, OLD)
    newer = Papers('MP7654321', PAPERS.issued_by, PAPERS.issued_on, PAPERS.personal_number, PAPERS.birth_date)
    seal, written = vault.seal, []

    def seal_late(plain, *, aad):
        fresh = seal(plain, aad=aad)
        if aad.endswith(':passport') and not written:
            written.append(aad)
            identity_papers.keep(Subscriber.get_by_id(made[0]), newer)
        return fresh

    monkeypatch.setattr(vault, 'seal', seal_late)
    sealed_cells.rotate()

    assert written
    assert papers_of(made[0]) == newer


def test_a_cell_that_was_moved_to_another_row_is_refused_and_named(db, keys):
    one, other = people(2)
    Subscriber.update(passport=bytes(Subscriber.get_by_id(one).passport)).where(Subscriber.id == other).execute()
    keys(NEW, OLD)

    outcome = sealed_cells.rotate()

    assert outcome.broken == [f'subscriber:{other}:passport']
    assert outcome.by_key == {1: 1, 2: 9}
    with pytest.raises(vault.SealBroken):
        papers_of(other)


def test_every_sealed_column_holds_bytes():
    found = {column.place for column in sealed_cells.sealed_columns() if isinstance(column.field, BlobField)}

    assert found == {column.place for column in sealed_cells.sealed_columns()}
    assert {'subscriber.passport', 'subscriber.personal_number', 'subscriber.birth_date', 'document.pdf'} <= found
    assert 'application.address_note' in found


def test_a_hundred_people_are_resealed_in_a_moment(db, keys):
    people(100)
    keys(NEW, OLD)
    begun = time.perf_counter()

    outcome = sealed_cells.rotate()

    speed = outcome.resealed / (time.perf_counter() - begun)
    print(f'{db.name}: {speed:.0f} cells/s')
    assert outcome.resealed == 500
    assert speed > 100
