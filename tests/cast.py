"""The cast (DESIGN §5), light: the people and their contracts, without a year of history.

Each fixture is the `Actor` that a session of this person gives. `contract_of(anna)` is her contract.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.contract import Contract, DebtBlock, Suspension
from models.user import Role
from services.clock import now, today
from services.runner import with_connection
from tests import factories


@with_connection
def contract_of(actor):
    """Return the contract chosen in a subscriber's session."""
    return Contract.get_by_id(actor.contract_id)


@pytest.fixture
def anna(storage):
    """Анна: I-100 in a GPON flat in Minsk, rented router, balance 45,10."""
    return _anna()


@with_connection
def _anna():
    user = factories.make_user(name='Анна Примерова', first_name='Анна', email='anna@example.by')
    contract = factories.make_contract('100001', user=user, tariff='I-100', balance=Decimal('45.10'))
    factories.make_unit(contract, 'R-AC')
    return factories.actor(user, Role.SUBSCRIBER, contract)


@pytest.fixture
def boris(storage):
    """Борис: I-50, balance −12,40, blocked for debt. He must never see what is Anna's."""
    return _boris()


@with_connection
def _boris():
    user = factories.make_user(name='Борис Образцов', first_name='Борис', email='boris@example.by')
    contract = factories.make_contract('100002', user=user, tariff='I-50', balance=Decimal('-12.40'))
    DebtBlock.create(contract=contract, started_at=now())
    return factories.actor(user, Role.SUBSCRIBER, contract)


@pytest.fixture
def vera(storage):
    """Вера: I-200, suspended; the contract 100004 with I-HOME stands under the same login."""
    return _vera()


@with_connection
def _vera():
    user = factories.make_user(name='Вера Демонова', first_name='Вера', email='vera@example.by')
    contract = factories.make_contract('100003', user=user, tariff='I-200', balance=Decimal('20.00'))
    day = today()
    Suspension.create(
        contract=contract,
        starts_on=day,
        ends_on=day + timedelta(days=30),
        form_key=factories.key(),
        created_at=now(),
    )
    factories.make_contract('100004', subscriber=contract.subscriber, tariff='I-HOME', house_kind='private')
    return factories.actor(user, Role.SUBSCRIBER, contract)


@pytest.fixture
def olga(storage):
    """Ольга, operator."""
    return _employee('olga', 'Ольга', Role.OPERATOR)


@pytest.fixture
def taras(storage):
    """Тарас, technician."""
    return _employee('taras', 'Тарас', Role.TECHNICIAN)


@pytest.fixture
def ada(storage):
    """Ада, administrator; holds the other roles too and wears the administrator's."""
    return _employee('ada', 'Ада', Role.ADMINISTRATOR, Role.OPERATOR, Role.TECHNICIAN, Role.SUBSCRIBER)


@with_connection
def _employee(login, name, *roles):
    user = factories.make_user(*roles, login=login, name=name, first_name=name, email=f'{login}@example.by')
    return factories.actor(user, roles[0])


@pytest.fixture
def stranger():
    """Nobody is signed in."""
