"""What each level opens: every service that works with the chosen contract, for every relative, at every boundary."""

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from models.access import Access, AccessGrant
from models.account import Operation
from models.contract import Document, Subscriber, Suspension, TariffChange
from models.file import FilePurpose, StoredFile
from models.user import AuditEvent, Session, User
from services.accounts import (
    add_ons,
    equipment_board,
    equipment_buy_outs,
    equipment_orders,
    history,
    overview,
    promised_payments,
    return_announcements,
    suspensions,
    tariff_board,
    tariff_changes,
    terminations,
)
from services.accounts.termination_requests import Wish
from services.audit import who_looked
from services.authority import OwnerOnly, own_contract
from services.clock import midnight
from services.contracts import access_board, access_grants, documents, own_documents, profile, statements
from services.errors import DomainError, NotFound
from services.files import file_access, uploads
from services.identity import chosen_contract, sessions
from services.identity.chosen_contract import PageTie
from services.messages import chat, disputes
from services.payments import autopays, card_charges, erip_desk, payees, payment_desk, payments, receipts, saved_cards
from tests import factories
from tests.cast import contract_of

SERVICES = Path(__file__).resolve().parents[2] / 'services'


def see_picture(*, actor):
    """Look at a picture of the talk. Everybody who may not is told that there is none; the reason stands behind that."""
    of_talk = StoredFile(purpose=FilePurpose.CHAT, owner=actor.user_id, contract=actor.contract_id)
    try:
        file_access.require_sight(of_talk, actor)
    except NotFound as refusal:
        raise refusal.__cause__ from refusal


WORK = {
    'accounts/add_ons.py:board': [add_ons.board],
    'accounts/add_ons.py:quote': [lambda actor: add_ons.quote('A-IP', actor=actor)],
    'accounts/add_ons.py:connect': [lambda actor: add_ons.connect(0, 'key', actor=actor)],
    'accounts/add_ons.py:disconnect': [lambda actor: add_ons.disconnect('A-IP', actor=actor)],
    'accounts/equipment_board.py:board': [equipment_board.board],
    'accounts/equipment_buy_outs.py:quote': [lambda actor: equipment_buy_outs.quote(0, actor=actor)],
    'accounts/equipment_buy_outs.py:buy_out': [lambda actor: equipment_buy_outs.buy_out(0, 'key', actor=actor)],
    'accounts/equipment_orders.py:quote': [lambda actor: equipment_orders.quote('R-AX', 'rent', actor=actor)],
    'accounts/equipment_orders.py:order': [lambda actor: equipment_orders.order(0, 0, 'key', actor=actor)],
    'accounts/equipment_orders.py:cancel': [lambda actor: equipment_orders.cancel(0, actor=actor)],
    'accounts/return_announcements.py:quote': [lambda actor: return_announcements.quote(0, actor=actor)],
    'accounts/return_announcements.py:announce': [
        lambda actor: return_announcements.announce(0, 0, 'key', actor=actor)
    ],
    'accounts/return_announcements.py:call_off': [lambda actor: return_announcements.call_off(0, actor=actor)],
    'accounts/history.py:list_events': [history.list_events],
    'accounts/history.py:export_piece': [history.export_piece],
    'messages/disputes.py:get_line': [lambda actor: disputes.get_line(0, actor=actor)],
    'contracts/statements.py:_read': [statements.make_statement],
    'accounts/overview.py:get_overview': [overview.get_overview],
    'accounts/promised_payments.py:view': [promised_payments.view],
    'accounts/promised_payments.py:promise': [lambda actor: promised_payments.promise('key', actor=actor)],
    'accounts/suspensions.py:board': [suspensions.board],
    'accounts/suspensions.py:quote': [lambda actor: suspensions.quote('', '', actor=actor)],
    'accounts/suspensions.py:suspend': [lambda actor: suspensions.suspend(0, 'key', actor=actor)],
    'accounts/suspensions.py:quote_resume': [suspensions.quote_resume],
    'accounts/suspensions.py:resume': [lambda actor: suspensions.resume(0, 'key', actor=actor)],
    'accounts/tariff_board.py:read_board': [tariff_board.read_board],
    'accounts/tariff_changes.py:quote': [lambda actor: tariff_changes.quote('I-200', actor=actor)],
    'accounts/tariff_changes.py:execute': [lambda actor: tariff_changes.execute(0, 'key', actor=actor)],
    'accounts/tariff_changes.py:cancel_planned': [lambda actor: tariff_changes.cancel_planned(0, actor=actor)],
    'accounts/terminations.py:board': [terminations.board],
    'accounts/terminations.py:quote': [lambda actor: terminations.quote('', actor=actor)],
    'accounts/terminations.py:redirect_rest': [lambda actor: terminations.redirect_rest(0, Wish(), actor=actor)],
    'accounts/terminations.py:request': [lambda actor: terminations.request(0, 'key', Wish(), actor=actor)],
    'accounts/terminations.py:withdraw': [lambda actor: terminations.withdraw(0, actor=actor)],
    'audit/who_looked.py:list_accesses': [who_looked.list_accesses],
    'contracts/access_board.py:board': [access_board.board],
    'contracts/access_grants.py:give': [
        lambda actor: access_grants.give('Борис', 'b@example.by', 'see', 'year', 'key', actor=actor)
    ],
    'contracts/access_grants.py:_own_grant': [
        lambda actor: access_grants.invite_again(0, actor=actor),
        lambda actor: access_grants.change(0, 'manage', 'forever', actor=actor),
        lambda actor: access_grants.end(0, actor=actor),
    ],
    'contracts/own_documents.py:list_own': [own_documents.list_own],
    'contracts/profile.py:get_profile': [profile.get_profile],
    'contracts/profile.py:change_phone': [lambda actor: profile.change_phone('+375297654321', actor=actor)],
    'contracts/profile.py:change_email': [
        lambda actor: profile.change_email('e@example.by', factories.PASSWORD, 'key', actor=actor)
    ],
    'contracts/profile.py:_store_email': [
        lambda actor: profile._store_email('e@example.by', 'key', actor=actor),
    ],
    'files/file_access.py:require_sight': [see_picture],
    'messages/chat.py:count_unread': [chat.count_unread],
    'messages/chat_access.py:contract_of_talk': [
        chat.get_conversation,
        lambda actor: chat.send('Здравствуйте', 'key', actor=actor),
        lambda actor: chat.mark_read(1, actor=actor),
        chat.tell_typing,
        lambda actor: uploads.begin('chat', '', actor=actor),
    ],
    'payments/autopays.py:board': [autopays.board],
    'payments/autopays.py:save': [lambda actor: autopays.save(autopays.Wish(), actor=actor)],
    'payments/autopays.py:switch_off': [autopays.switch_off],
    'payments/card_charges.py:offer': [lambda actor: card_charges.offer(0, '20', actor=actor)],
    'payments/card_charges.py:_open_intent': [lambda actor: card_charges.pay(0, '20', 'key', actor=actor)],
    'payments/erip_desk.py:_own': [erip_desk.show, erip_desk.prepare],
    'payments/payees.py:list_paid': [payees.list_paid],
    'payments/payees.py:payee_of': [lambda actor: payees.find('100002', actor=actor)],
    'payments/payment_desk.py:desk': [payment_desk.desk],
    'payments/payment_desk.py:own': [lambda actor: payment_desk.show('pay_unknown', actor=actor)],
    'payments/payments.py:_open_intent': [lambda actor: payments.start('20', 'key', actor=actor)],
    'payments/saved_cards.py:list_cards': [saved_cards.list_cards],
    'payments/saved_cards.py:remove': [lambda actor: saved_cards.remove(0, actor=actor)],
    'payments/receipts.py:_read': [lambda actor: receipts.make_receipt('1', actor=actor)],
}
"""Every function that asks for the chosen contract, and services that come to it."""

NEEDS = {
    Access.SEE: {
        'accounts/add_ons.py:board',
        'accounts/equipment_board.py:board',
        'accounts/history.py:list_events',
        'accounts/history.py:export_piece',
        'contracts/statements.py:_read',
        'accounts/overview.py:get_overview',
        'accounts/promised_payments.py:view',
        'contracts/own_documents.py:list_own',
    },
    Access.PAY: {
        'accounts/promised_payments.py:promise',
        'payments/erip_desk.py:_own',
        'payments/payees.py:list_paid',
        'payments/payees.py:payee_of',
        'payments/payment_desk.py:desk',
        'payments/payment_desk.py:own',
        'payments/payments.py:_open_intent',
        'payments/receipts.py:_read',
    },
    Access.OWNER: {
        name
        for name in WORK
        if name.startswith(
            (
                'audit/',
                'accounts/terminations',
                'contracts/access_',
                'contracts/profile',
                'payments/autopays',
                'payments/card_charges',
                'payments/saved_cards',
            )
        )
    },
}
NEEDS[Access.MANAGE] = set(WORK) - set().union(*NEEDS.values())
NEED_OF = {name: need for need, names in NEEDS.items() for name in names}
CASES = [(name, number, level) for name in WORK for number in range(len(WORK[name])) for level in Access]


def callers():
    """Return every function of the services in which `own_contract` is called, as file:function."""
    found = set()
    for path in SERVICES.rglob('*.py'):
        for function in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(function, ast.FunctionDef) and function.name != 'own_contract':
                calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
                if any(getattr(call.func, 'id', '') == 'own_contract' for call in calls):
                    found.add(f'{path.relative_to(SERVICES).as_posix()}:{function.name}')
    return found


def test_every_service_of_the_chosen_contract_is_in_the_matrix():
    assert callers() == set(WORK)


@pytest.fixture
def relative(anna, vera):
    """Return Вера in a session with Анна's contract, opened to her at a level; the owner herself for OWNER."""

    def at(level, **fields):
        if level == Access.OWNER:
            return anna
        factories.open_access(contract_of(anna), vera, level, **fields)
        return factories.working_with(vera, contract_of(anna))

    return at


@pytest.mark.parametrize(('name', 'number', 'level'), CASES)
def test_a_level_opens_what_it_says_and_nothing_more(db, relative, name, number, level):
    actor = relative(level)
    work = WORK[name][number]

    assert actor.contract_number == '100001'
    if level.allows(NEED_OF[name]):
        try:
            work(actor=actor)
        except OwnerOnly:
            pytest.fail('refused what is open')
        except DomainError:
            pass  # it has its own reasons: no such quote, no debt
    else:
        with pytest.raises(OwnerOnly):
            work(actor=actor)


@pytest.mark.parametrize(('name', 'number'), [(name, n) for name in WORK for n in range(len(WORK[name]))])
def test_a_stranger_to_the_contract_finds_nothing(db, anna, boris, name, number):
    Session.update(contract_id=anna.contract_id).where(Session.token_hash == boris.session_hash).execute()
    forged = type(boris)(**{**vars(boris), 'contract_id': anna.contract_id})

    with pytest.raises(NotFound):
        WORK[name][number](actor=forged)


def test_who_forgets_to_say_leaves_it_to_the_owner(db, relative):
    with pytest.raises(OwnerOnly) as refusal:
        own_contract(relative(Access.MANAGE))
    assert str(refusal.value) == 'Это может только владелец договора.'


@pytest.mark.parametrize(
    ('moment', 'is_open'),
    [
        (midnight(date(2026, 12, 10)), True),
        (midnight(date(2026, 12, 11)) - timedelta(seconds=1), True),
        (midnight(date(2026, 12, 11)), False),
    ],
)
def test_an_access_lasts_through_its_last_day_in_minsk(db, anna, relative, moment, is_open):
    actor = relative(Access.SEE, valid_until=date(2026, 12, 10))

    with time_machine.travel(moment, tick=False):
        if is_open:
            assert overview.get_overview(actor=actor).number == '100001'
        else:
            with pytest.raises(NotFound):
                overview.get_overview(actor=actor)


def test_the_end_is_known_to_the_next_call_and_the_session_falls_back(db, anna, relative, vera):
    actor = relative(Access.MANAGE)
    grant = AccessGrant.get()

    access_grants.end(grant.id, actor=anna)

    with pytest.raises(NotFound):
        promised_payments.promise('key', actor=actor)
    assert sessions.resolve_hash(actor.session_hash).contract_number == '100003'
    assert Session.get(Session.token_hash == actor.session_hash).contract_id == vera.contract_id


def test_what_is_opened_again_does_not_come_back_under_ones_hands(db, anna, relative):
    actor = relative(Access.SEE, valid_until=date(2026, 12, 10))
    with time_machine.travel(midnight(date(2026, 12, 11)), tick=False):
        Session.update(seen_at=midnight(date(2026, 12, 11))).execute()
        assert sessions.resolve_hash(actor.session_hash).contract_number == '100003'
    AccessGrant.update(valid_until=None).execute()

    assert sessions.resolve_hash(actor.session_hash).contract_number == '100003'


@pytest.mark.parametrize('change', ['blocked', 'sold'])
def test_what_the_owner_lost_he_cannot_have_opened(db, anna, boris, relative, change):
    actor = relative(Access.PAY)
    if change == 'blocked':
        User.update(is_blocked=True).where(User.id == anna.user_id).execute()
    else:
        Subscriber.update(user=boris.user_id).where(Subscriber.id == contract_of(anna).subscriber).execute()

    with pytest.raises(NotFound):
        payment_desk.show('pay_unknown_1', actor=actor)
    assert sessions.resolve_hash(actor.session_hash).contract_number == '100003'


def test_an_invitation_nobody_accepted_opens_nothing(db, anna, vera):
    factories.open_access(contract_of(anna), vera, accepted_at=None)

    with pytest.raises(NotFound):
        chosen_contract.choose_contract('100001', actor=vera)


@pytest.mark.parametrize('number', ['100001', '999999', '', 'x' * 10_000, None, {'a': 1}])
def test_a_forged_number_in_the_switch_is_not_found(db, anna, vera, number):
    with pytest.raises(NotFound):
        chosen_contract.choose_contract(number, actor=vera)
    assert sessions.resolve_hash(vera.session_hash).contract_number == '100003'


def test_the_switch_moves_this_session_and_keeps_its_key(db, anna, vera):
    factories.open_access(contract_of(anna), vera)
    other = factories.working_with(vera, contract_of(vera))

    assert chosen_contract.choose_contract('100001', actor=vera) == Access.SEE

    assert sessions.resolve_hash(vera.session_hash).contract_number == '100001'
    assert sessions.resolve_hash(other.session_hash).contract_number == '100003'


def test_the_switch_lists_own_contracts_first_and_says_whose_the_others_are(db, anna, boris, vera):
    factories.open_access(contract_of(anna), vera, 'pay', valid_until=date(2099, 1, 1))
    factories.open_access(contract_of(boris), vera, ended_at=anna_time())

    choices = chosen_contract.list_choices(actor=vera)

    assert [(c.number, c.owner, c.access, c.is_chosen) for c in choices] == [
        ('100003', '', Access.OWNER, True),
        ('100004', '', Access.OWNER, False),
        ('100001', 'Анна П.', Access.PAY, False),
    ]


def anna_time():
    return midnight(date(2026, 1, 1))


def test_a_relative_does_things_in_his_own_name(db, anna, relative, vera):
    actor = relative(Access.MANAGE)
    shown = tariff_changes.quote('I-200', actor=actor)
    tariff_changes.execute(shown.id, 'key-1', actor=actor)

    assert TariffChange.get().actor.id == vera.user_id
    assert AuditEvent.get(AuditEvent.action == 'tariff.change').actor.id == vera.user_id
    assert vera.user_id in {operation.actor_id for operation in Operation.select()}
    lines = [line for month in history.list_events(actor=anna).months for line in month.lines]
    assert [line.proof.name for line in lines if line.proof and line.proof.name] == ['Вера Демонова']
    assert 'Вера Демонова' in history.export_piece(actor=anna).content.decode('utf-8-sig')
    assert [deed.action for deed in access_board.board(actor=anna).deeds] == ['tariff.change']


def test_relatives_get_papers_without_the_passport(db, anna, relative):
    contract = contract_of(anna)
    papers = {kind: documents.store(contract, kind, kind, b'%PDF-', is_signed=True) for kind in ('contract', 'act')}

    actor = relative(Access.MANAGE)

    assert [line.kind for line in own_documents.list_own(actor=actor)] == ['act']
    assert documents.open_document(papers['act'].id, actor=actor).name == 'act.pdf'
    with pytest.raises(NotFound):
        documents.open_document(papers['contract'].id, actor=actor)
    assert {line.kind for line in own_documents.list_own(actor=anna)} == {'contract', 'act'}
    AccessGrant.delete().execute()
    with pytest.raises(NotFound):
        documents.open_document(papers['act'].id, actor=actor)
    assert Document.select().count() == 2


def tie(actor):
    return PageTie(actor.session_hash, actor.contract_id, actor.access)


def test_open_pages_learn_that_their_contract_is_gone_or_changed(db, anna, boris, vera, relative):
    seen = relative(Access.SEE)
    ties = {tie(person): person for person in (anna, boris, vera, seen)}

    assert chosen_contract.moved_among(ties) == {}

    AccessGrant.update(level=Access.PAY).execute()
    assert chosen_contract.moved_among(ties) == {tie(seen): Access.PAY}
    AccessGrant.update(ended_at=anna_time()).execute()
    assert chosen_contract.moved_among(ties) == {tie(seen): None}
    chosen_contract.choose_contract('100004', actor=vera)
    assert set(chosen_contract.moved_among(ties)) == {tie(seen), tie(vera)}


def test_a_person_without_any_contract_has_no_access(db, anna, relative, vera):
    Suspension.delete().execute()
    actor = relative(Access.SEE)
    Subscriber.update(user=None).where(Subscriber.user == vera.user_id).execute()
    AccessGrant.update(ended_at=anna_time()).execute()

    nobody = sessions.resolve_hash(actor.session_hash)

    assert (nobody.contract_id, nobody.contract_number, nobody.access) == (None, '', None)
    assert chosen_contract.list_choices(actor=nobody) == ()
    assert chosen_contract.moved_among([tie(nobody)]) == {}
