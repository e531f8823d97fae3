"""The settings of autopay: what may be typed, whose they are, what the page foretells."""

from datetime import date
from decimal import Decimal

import pytest

from models.access import Access
from models.contract import Subscriber
from models.saved_card import Autopay, SavedCard
from models.user import AuditEvent, User
from services.authority import OwnerOnly
from services.errors import InvalidForm
from services.payments import autopays
from services.payments.autopays import NoMail, Wish
from services.payments.payment_desk import CardsUnavailable
from tests import factories
from tests.bank import Silent, balance, connect
from tests.cast import contract_of
from tests.unit.payments.test_saved_cards import pay_and_keep


@pytest.fixture
def card(db, bank, anna):
    pay_and_keep(bank, anna)
    factories.top_up(contract_of(anna), -balance(anna))
    return SavedCard.get()


def wish(kept, **typed):
    return Wish(**{'card': str(kept.id), 'limit': '100', 'agreed': '1', **typed})


def wrong(kept, actor, **typed):
    with pytest.raises(InvalidForm) as refused:
        autopays.save(wish(kept, **typed), actor=actor)
    assert Autopay.select().count() == 0
    return set(refused.value.errors)


def test_what_was_typed_is_set_and_foretold(bank, anna, card):
    autopays.save(wish(card), actor=anna)

    board = autopays.board(actor=anna)
    view = board.autopay
    assert (view.card.name, view.days_before, view.below, view.fixed, view.month_limit) == (
        'Visa •• 0000', 3, None, None, Decimal('100.00')
    )  # fmt: skip
    assert (view.is_on, view.pays_on, view.pays) == (True, date(2026, 11, 28), Decimal('34.40'))
    assert (board.next_sum, board.next_on, board.has_mail) == (Decimal('34.40'), date(2026, 12, 1), True)
    assert [each.is_autopay for each in board.cards] == [True]
    assert AuditEvent.select().where(AuditEvent.action == 'autopay.on').count() == 1


def test_only_the_chosen_ways_are_read(anna, card):
    autopays.save(wish(card, when='below', below='12,50', days='xx', how='missing', fixed='--'), actor=anna)

    row = Autopay.get()
    assert (row.below, row.days_before, row.fixed) == (Decimal('12.50'), None, None)


def test_setting_it_again_changes_the_one_there_is(anna, card):
    autopays.save(wish(card), actor=anna)
    autopays.save(wish(card, days='5', how='fixed', fixed='40'), actor=anna)

    (row,) = Autopay.select()
    assert (row.days_before, row.fixed) == (5, Decimal('40.00'))


@pytest.mark.parametrize(
    ('typed', 'fields'),
    [
        ({'agreed': ''}, {'agreed'}),
        ({'days': '0'}, {'days'}),
        ({'days': '11'}, {'days'}),
        ({'days': '٣'}, {'days'}),
        ({'when': 'below', 'below': '0'}, {'below'}),
        ({'how': 'fixed', 'fixed': '1e3'}, {'fixed'}),
        ({'limit': ''}, {'limit'}),
        ({'limit': '9223372036854775808'}, {'limit'}),
        ({'how': 'fixed', 'fixed': '50', 'limit': '49,99'}, {'limit'}),
        ({'card': '999999'}, {'card'}),
        ({'card': "' OR 1=1"}, {'card'}),
        ({'card': '', 'days': '', 'limit': '-1', 'agreed': 'no'}, {'card', 'days', 'limit', 'agreed'}),
    ],
)
def test_mistakes_are_told_all_at_once_beside_their_fields(anna, card, typed, fields):
    assert wrong(card, anna, **typed) == fields


def test_a_card_of_somebody_else_is_none_of_the_list(boris, card):
    assert wrong(card, boris) == {'card'}


def test_an_expired_card_is_refused(anna, card):
    SavedCard.update(expires_year=2025).execute()

    assert wrong(card, anna) == {'card'}


def test_without_a_mail_nobody_could_be_warned(anna, card):
    User.update(email=None).where(User.id == anna.user_id).execute()
    Subscriber.update(email='').execute()

    with pytest.raises(NoMail):
        autopays.save(wish(card), actor=anna)
    assert not autopays.board(actor=anna).has_mail


@pytest.mark.parametrize('level', [Access.SEE, Access.PAY, Access.MANAGE])
def test_a_relative_does_not_see_or_set_it(anna, boris, card, level):
    factories.open_access(contract_of(anna), boris, level=level)
    guest = factories.working_with(boris, contract_of(anna))

    for attempt in (autopays.board, autopays.switch_off, lambda actor: autopays.save(wish(card), actor=actor)):
        with pytest.raises(OwnerOnly):
            attempt(actor=guest)


def test_off_is_off_and_may_be_said_twice(anna, card):
    autopays.save(wish(card), actor=anna)
    autopays.switch_off(actor=anna)
    autopays.switch_off(actor=anna)

    assert not autopays.board(actor=anna).autopay.is_on
    assert AuditEvent.select().where(AuditEvent.action == 'autopay.off').count() == 1


def test_a_gateway_that_keeps_no_cards_offers_none(anna, card, monkeypatch):
    connect(monkeypatch, Silent())

    for attempt in (autopays.board, lambda actor: autopays.save(wish(card), actor=actor)):
        with pytest.raises(CardsUnavailable):
            attempt(actor=anna)
