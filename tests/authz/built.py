"""The world of tests/authz/world.py in a database: built once for each of the two, every test in a savepoint of its own.

A test module asks for `world`; tests/unit/conftest.py brings it.
"""

import itertools

import pytest
import time_machine

from models.base import database, open_database
from services import events
from services.files import store as pictures
from services.offers import regions
from services.payments import payment_gateways
from services.runner import THREADS
from tests.authz import world as worlds

NOON = '2026-11-25T12:00:00+03:00'
_numbers = itertools.count(1)


@pytest.fixture(scope='module', params=['sqlite', 'postgres'])
def built(request, tmp_path_factory):
    """The world of one database, built once; each test works in a savepoint of its own."""
    store = request.getfixturevalue(f'{request.param}_store')
    name = f'authz_{next(_numbers)}'
    before, database.obj = database.obj, None
    gateway, folder = payment_gateways.card_gateway, pictures.folder
    kept = tmp_path_factory.mktemp('pictures')
    token = events.begin()
    with time_machine.travel(NOON, tick=False):
        open_database(store.copy('filled', name), connections=THREADS + 2)
        opened = database.obj
        regions.forget()
        payment_gateways.card_gateway, pictures.folder = worlds.gateway, lambda: kept
        try:
            with database.connection_context(), database.atomic() as transaction:
                yield worlds.build()
                transaction.rollback()
        finally:
            payment_gateways.card_gateway, pictures.folder = gateway, folder
            events.collect(token)
            regions.forget()
            opened.close_all()
            database.initialize(before)
            store.drop(name)


@pytest.fixture
def world(built):
    with database.atomic() as savepoint:
        yield built
        savepoint.rollback()
    regions.forget()
