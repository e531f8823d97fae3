"""Giving up an access: at once, told to the owner, and nothing of anybody else's."""

from dataclasses import replace

import pytest

from models.access import Access, AccessGrant
from models.outbox import OutgoingMessage
from models.user import AuditEvent, Role, Session
from services.contracts import access_board, access_grants, access_refusals
from services.errors import NotAllowed, NotFound, SignInRequired
from services.identity import chosen_contract, sessions
from tests import factories
from tests.cast import contract_of
from tests.factors import make_stale


def opened(owner, relative, level='see', **fields):
    return factories.open_access(contract_of(owner), relative, level, **fields)


def is_open(grant):
    return AccessGrant.get_by_id(grant.id).ended_at is None


def letters():
    return list(OutgoingMessage.select().where(OutgoingMessage.key.endswith(':given-up')))


def test_vera_gives_up_annas_contract_and_falls_back_to_her_own(db, anna, vera):
    grant = opened(anna, vera, 'manage')
    actor = factories.working_with(vera, contract_of(anna))

    access_refusals.give_up('100001', actor=actor)

    ended = AccessGrant.get_by_id(grant.id)
    assert (ended.ended_at is None, ended.ended_by_id) == (False, vera.user_id)
    fallen = sessions.resolve_hash(actor.session_hash)
    assert (fallen.contract_number, fallen.access) == ('100003', Access.OWNER)
    assert '100001' not in [choice.number for choice in chosen_contract.list_choices(actor=fallen)]


def test_the_owner_reads_it_in_a_letter_on_his_page_and_in_the_log(db, anna, vera):
    opened(anna, vera)

    access_refusals.give_up('100001', actor=vera)

    [letter] = letters()
    assert letter.recipient == 'anna@example.by'
    assert letter.subject == 'Вера Демонова больше не видит договор 100001'
    board = access_board.board(actor=anna)
    assert (len(board.open), len(board.past)) == (0, 1)
    assert [(deed.name, deed.action) for deed in board.deeds] == [('Вера Демонова', 'access.give_up')]
    event = AuditEvent.get(AuditEvent.action == 'access.give_up')
    assert (event.actor_id, event.subject, event.facts['level']) == (vera.user_id, 'contract:100001', 'see')


def test_twice_is_once(db, anna, vera):
    opened(anna, vera)

    access_refusals.give_up('100001', actor=vera)
    access_refusals.give_up('100001', actor=vera)

    assert len(letters()) == 1
    assert AuditEvent.select().where(AuditEvent.action == 'access.give_up').count() == 1


def test_only_the_access_of_who_asks_and_only_to_this_contract_ends(db, anna, boris, vera):
    mine, of_boris, to_boris = opened(anna, vera), opened(boris, vera), opened(anna, boris)

    access_refusals.give_up('100001', actor=vera)

    assert [is_open(grant) for grant in (mine, of_boris, to_boris)] == [False, True, True]


@pytest.mark.parametrize('number', ['100002', '100003', '999999', '', None])
def test_what_was_never_opened_is_not_found(db, anna, boris, vera, number):
    opened(anna, vera)

    with pytest.raises(NotFound):
        access_refusals.give_up(number, actor=vera)
    assert not letters()


def test_an_invitation_nobody_accepted_is_nobodys_to_give_up(db, anna, vera):
    grant = factories.open_access(contract_of(anna), replace(vera, user_id=None), accepted_at=None)

    with pytest.raises(NotFound):
        access_refusals.give_up('100001', actor=vera)
    assert is_open(grant)


def test_it_needs_a_subscriber_and_no_fresh_session(db, anna, vera, olga):
    grant = opened(anna, vera)
    for actor, refusal in ((None, SignInRequired), (olga, NotAllowed), (replace(vera, role=Role.OPERATOR), NotAllowed)):
        with pytest.raises(refusal):
            access_refusals.give_up('100001', actor=actor)
    assert is_open(grant)
    make_stale(vera)

    access_refusals.give_up('100001', actor=vera)

    assert not is_open(grant)


def test_the_last_access_of_somebody_without_a_contract_leaves_him_with_none(db, anna, vera):
    user = factories.make_user(login='9123456', name='Мама', first_name='Мама')
    mother = replace(vera, user_id=user.id)
    opened(anna, mother)
    actor = factories.working_with(mother, contract_of(anna))

    access_refusals.give_up('100001', actor=actor)

    assert Session.get(Session.token_hash == actor.session_hash).contract_id is None


def test_the_owner_may_open_it_again(db, anna, vera):
    opened(anna, vera)
    access_refusals.give_up('100001', actor=vera)

    access_grants.give('Вера', 'vera@example.by', 'see', 'month', 'key-2', actor=anna)

    assert len(access_board.board(actor=anna).open) == 1
