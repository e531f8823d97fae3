"""Subscribers as the operator finds and reads them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playhouse.test_utils import assert_query_count

from models.chat import ChatMessage, ChatThread
from models.contract import ContractStatus, Suspension
from models.user import AuditEvent
from services.clock import now, today
from services.contracts import subscribers
from services.contracts.access_board import GrantState
from services.contracts.contract_states import ContractState
from services.errors import NotAllowed, NotFound, SignInRequired
from tests import factories
from tests.cast import contract_of


def numbers(search='', page=1, *, actor):
    return [row.number for row in subscribers.list_subscribers(search, page, actor=actor).rows]


@pytest.mark.parametrize(
    'command',
    [
        lambda actor: subscribers.list_subscribers(actor=actor),
        lambda actor: subscribers.get_card('100001', actor=actor),
    ],
)
def test_only_operators_look_subscribers_up(db, command, anna, boris, taras, olga, ada):
    for actor in (anna, boris, taras):
        with pytest.raises(NotAllowed):
            command(actor)
    with pytest.raises(SignInRequired):
        command(None)

    command(olga)
    command(ada)


@pytest.mark.parametrize(
    'search', ['200500', 'ЁЛКИНА', 'елкина ир', '029 777-66-55', 'irina@', 'береговая 3', 'Кв. 99'], ids=str
)
def test_the_search_finds_by_everything_a_caller_says(db, search, anna, olga):
    owner = factories.make_subscriber(last_name='Ёлкина', first_name='Ирина', phone='+375297776655', user=None)
    owner.email = 'irina@example.by'
    owner.save()
    factories.make_contract('200500', subscriber=owner, address='д. Речная, ул. Береговая, 3, кв. 99')

    assert numbers(search, actor=olga) == ['200500']


@pytest.mark.parametrize('search', ['%', '_', '\\', "' OR 1=1 --", 'никого'])
def test_signs_of_patterns_find_nothing_by_themselves(db, search, anna, olga):
    assert numbers(search, actor=olga) == []


@pytest.mark.parametrize('search', [None, {'a': 1}, 'я' * 10_000, '\x00'])
@pytest.mark.parametrize('page', [None, 0, -1, 10**9, 'x', True, {'p': 1}])
def test_a_hostile_search_harms_nothing(db, search, page, anna, olga):
    assert subscribers.list_subscribers(search, page, actor=olga).page == 1


def test_long_lists_come_in_pages(db, olga):
    for number in range(300001, 300001 + subscribers.PAGE + 3):
        factories.make_contract(str(number))

    first = subscribers.list_subscribers('3000', 1, actor=olga)
    last = subscribers.list_subscribers('3000', 99, actor=olga)

    assert (len(first.rows), first.pages, first.total) == (subscribers.PAGE, 2, subscribers.PAGE + 3)
    assert [row.number for row in last.rows] == ['300026', '300027', '300028']
    assert last.page == 2


def test_each_row_tells_state_and_balance(db, anna, boris, vera, olga):
    factories.make_contract('100009', status=ContractStatus.DRAFT)

    rows = {row.number: row for row in subscribers.list_subscribers('', actor=olga).rows}

    assert {number: row.state for number, row in rows.items()} == {
        '100001': ContractState.ACTIVE,
        '100002': ContractState.BLOCKED,
        '100003': ContractState.PAUSED,
        '100004': ContractState.ACTIVE,
        '100009': ContractState.DRAFT,
    }
    assert rows['100002'].balance == Decimal('-12.40')
    assert rows['100004'].balance == Decimal(0)


def test_a_suspension_counts_from_its_first_day_to_the_day_of_return(db, anna, olga):
    contract = contract_of(anna)

    def state(starts, ends, resumed=None):
        Suspension.delete().execute()
        Suspension.create(
            contract=contract,
            starts_on=today() + timedelta(days=starts),
            ends_on=today() + timedelta(days=ends),
            resumed_on=None if resumed is None else today() + timedelta(days=resumed),
            form_key=factories.key(),
            created_at=now(),
        )
        return subscribers.get_card('100001', actor=olga).state

    assert state(0, 1) == ContractState.PAUSED
    assert state(1, 9) == ContractState.ACTIVE
    assert state(-9, 0) == ContractState.ACTIVE
    assert state(-9, 9, resumed=0) == ContractState.ACTIVE
    assert state(-9, 9, resumed=1) == ContractState.PAUSED


def test_a_page_takes_five_queries_however_long_it_is(db, anna, boris, vera, olga):
    subscribers.list_subscribers('', actor=olga)  # the first look is noted, later ones only ask whether it is

    with assert_query_count(5):
        subscribers.list_subscribers('', actor=olga)


def test_the_card_tells_what_the_caller_has(db, vera, olga):
    contract = contract_of(vera)
    factories.make_unit(contract, 'R-AX', mac='AA:BB:CC:DD:EE:FF')
    factories.connect_add_on(contract, 'A-IP')
    factories.connect_add_on(contract, 'A-AV', ends_at=now() - timedelta(days=1))
    thread = ChatThread.create(contract=contract, last_message_at=now())
    ChatMessage.create(
        thread=thread, author=vera.user_id, by_operator=False, text='?', client_message_id='1', sent_at=now()
    )

    card = subscribers.get_card('100003', actor=olga)

    assert (card.name, card.tariff, card.speed) == ('Пробная Вера', 'Драйв', 200_000)
    assert (card.state, card.balance) == (ContractState.PAUSED, Decimal('20.00'))
    assert [a.name for a in card.add_ons] == ['Статический IP-адрес']
    assert [(u.mac, u.monthly_fee) for u in card.equipment] == [('AA:BB:CC:DD:EE:FF', Decimal('7.50'))]
    assert [(o.sum, o.balance) for o in card.operations] == [(Decimal('20.00'), Decimal('20.00'))]
    assert card.chat_messages == 1
    assert card.other_contracts == ('100004',)


def test_reading_a_card_is_noted_in_the_audit_log(db, anna, olga):
    for _ in range(2):
        subscribers.get_card('100001', actor=olga)

    notes = list(AuditEvent.select().where(AuditEvent.subject == 'contract:100001'))
    assert [(note.action, note.actor_id) for note in notes] == [('read', olga.user_id)]


@pytest.mark.parametrize('number', ['', '999999', None, {'n': 1}, '1' * 10_000])
def test_an_unknown_contract_is_not_found(db, number, olga):
    with pytest.raises(NotFound):
        subscribers.get_card(number, actor=olga)


def test_the_card_tells_to_whom_the_contract_is_open(db, anna, boris, vera, olga):
    contract = contract_of(anna)
    is_open = factories.open_access(contract, boris, valid_until=today() + timedelta(days=30))
    factories.open_access(contract, boris, ended_at=now())
    factories.open_access(contract, vera, valid_until=today() - timedelta(days=1))
    factories.open_access(contract, vera, accepted_at=None, user=None, name='Мама')

    grants = subscribers.get_card('100001', actor=olga).grants

    assert [(grant.name, grant.state) for grant in grants] == [
        ('Мама', GrantState.INVITED),
        (is_open.name, GrantState.OPEN),
    ]
    assert subscribers.get_card('100002', actor=olga).grants == ()
