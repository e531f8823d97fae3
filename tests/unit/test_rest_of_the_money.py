"""Where the rest of a wallet goes is said anew until the contract has ended, without withdrawing the request."""

import json
from datetime import date, timedelta

import pytest
import time_machine

from models.contract import Contract
from models.outbox import OutgoingMessage
from models.termination import MoneyGoes, Termination
from models.user import AuditEvent, Session
from services.accounts import bank_accounts, terminations
from services.accounts.termination_refusals import RestIsOut
from services.accounts.termination_requests import Wish
from services.clock import MINSK, midnight, now
from services.errors import InvalidForm, NotFound
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.cast import contract_of
from tests.ending import ask, let_it_end

IBAN = 'BY13NBRB3600900000002Z00AB00'


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def say(actor, **wish):
    terminations.redirect_rest(Termination.get().id, Wish(**wish), actor=actor)
    return Termination.get()


def noted():
    return [row.facts for row in AuditEvent.select().where(AuditEvent.action == 'contract.end_money')]


def test_an_account_is_named_later_and_taken_back(db, anna):
    ask(anna)

    row = say(anna, money='account', iban=IBAN)
    assert row.money == MoneyGoes.ACCOUNT
    assert bank_accounts.kept(row).replace(' ', '') == IBAN
    row = say(anna, money='later')
    assert (row.money, row.iban, row.target) == (MoneyGoes.LATER, None, None)
    assert row.last_day == date(2026, 11, 25)
    assert [(each['before'], each['goes']) for each in noted()] == [('later', 'account'), ('account', 'later')]
    assert IBAN not in json.dumps(noted())


def test_the_same_again_changes_nothing(db, anna):
    ask(anna, money='account', iban=IBAN)
    say(anna, money='account', iban=IBAN.lower())

    assert noted() == []


def test_each_change_is_told_by_mail(db, anna, at_noon):
    ask(anna)
    say(anna, money='account', iban=IBAN)
    at_noon.shift(1)
    say(anna, money='later')

    letters = OutgoingMessage.select().where(OutgoingMessage.subject.contains('куда вернуть остаток'))
    assert letters.count() == 2
    assert all(IBAN not in letter.text for letter in letters)


def test_the_money_moves_to_the_contract_that_was_named_last(db, anna, at_noon):
    other = factories.make_contract('100009', subscriber=contract_of(anna).subscriber)
    ask(anna, money='account', iban=IBAN)
    say(anna, money='contract', target='100009')

    assert let_it_end(at_noon) == 1
    row = Termination.get()
    assert (row.target.id, row.iban) == (other.id, None)
    assert Contract.get(Contract.number == '100009').accounts.get().balance > 0


@pytest.mark.parametrize(
    ('wish', 'field'),
    [
        ({'money': 'account', 'iban': 'BY13'}, 'iban'),
        ({'money': 'contract', 'target': '100002'}, 'target'),
        ({'money': 'gold'}, 'money'),
    ],
)
def test_the_checks_are_those_of_the_request(db, anna, boris, wish, field):
    ask(anna)
    with pytest.raises(InvalidForm) as refused:
        say(anna, **wish)

    assert set(refused.value.errors) == {field}
    assert Termination.get().money == MoneyGoes.LATER


def test_it_is_too_late_after_the_end_and_after_a_withdrawal(db, anna, at_noon):
    ask(anna)
    terminations.withdraw(Termination.get().id, actor=anna)
    with pytest.raises(RestIsOut):
        say(anna, money='account', iban=IBAN)
    assert noted() == []


def test_after_the_last_day_nobody_changes_it(db, anna, at_noon):
    ask(anna)
    let_it_end(at_noon)
    Session.update(fresh_at=now()).execute()

    with pytest.raises(RestIsOut):
        say(anna, money='account', iban=IBAN)


def test_who_it_is_is_shown_first_and_a_stranger_finds_nothing(db, anna, boris):
    ask(anna)
    with pytest.raises(NotFound):
        say(boris, money='account', iban=IBAN)
    Session.update(fresh_at=now() - timedelta(days=1)).execute()
    with pytest.raises(StepUpRequired):
        say(anna, money='account', iban=IBAN)
