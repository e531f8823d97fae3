"""Правила дома: what docs/rules.yml says, what an administrator changes from a coming day, and that money follows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.rule import RuleChange
from models.user import AuditEvent
from services import rule_changes, rules
from services.accounts import promised_payments, subscriptions, suspensions, tariff_changes
from services.accounts.suspension_refusals import TooManyThisYear
from services.clock import now, today
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.quotes.monthly import LineKind
from services.quotes.subscription import next_month
from tests import factories

WHY = 'Решение директора'


def in_days(days):
    return (today() + timedelta(days=days)).isoformat()


def set_since(name, value, days, ada):
    """Write a rule that began some days ago, or begins in as many."""
    RuleChange.create(
        name=name,
        value=value,
        starts_on=today() + timedelta(days=days),
        reason=WHY,
        set_by=ada.user_id,
        set_at=now(),
    )


def errors_of(refused):
    return set(refused.value.errors)


COMMANDS = {
    'list': lambda actor: rule_changes.list_rules(actor=actor),
    'one': lambda actor: rule_changes.get_rule('promise_days', actor=actor),
    'change': lambda actor: rule_changes.change('promise_days', '7', in_days(1), WHY, actor=actor),
    'withdraw': lambda actor: rule_changes.withdraw(1, actor=actor),
}


@pytest.mark.parametrize('command', COMMANDS)
def test_only_administrators_may(db, olga, taras, anna, stranger, command):
    for actor, refusal in ((olga, NotAllowed), (taras, NotAllowed), (anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            COMMANDS[command](actor)
    assert RuleChange.select().count() == 0


def test_without_changes_the_document_holds(db):
    assert rules.current() == rules.on(today() + timedelta(days=1000))
    assert (rules.current().promise_amount, rules.current().promise_days) == (Decimal('20.00'), 5)
    assert rules.current().debiting_order == ('tariff', 'tv', 'bundle', 'rent', 'add_on')


def test_a_change_holds_from_its_day_and_not_before(db, ada):
    rule_changes.change('promise_days', '7', in_days(3), WHY, actor=ada)

    assert rules.current().promise_days == rules.on(today() + timedelta(days=2)).promise_days == 5
    assert rules.on(today() + timedelta(days=3)).promise_days == 7


def test_of_two_changes_for_one_day_the_later_counts(db, ada):
    for value in ('7', '9'):
        rule_changes.change('promise_days', value, in_days(3), WHY, actor=ada)
    rule_changes.change('promise_days', '6', in_days(2), WHY, actor=ada)

    assert [rules.on(today() + timedelta(days=n)).promise_days for n in (1, 2, 3)] == [5, 6, 9]


def test_a_withdrawn_change_never_begins_and_stays_in_the_history(db, ada):
    change = rule_changes.change('promise_days', '7', in_days(3), WHY, actor=ada)
    rule_changes.withdraw(change, actor=ada)
    rule_changes.withdraw(change, actor=ada)

    view = rule_changes.get_rule('promise_days', actor=ada)
    assert rules.on(today() + timedelta(days=30)).promise_days == 5
    assert (view.coming, [each.is_withdrawn for each in view.changes]) == ((), [True])
    assert [line.action for line in AuditEvent.select().order_by(AuditEvent.id)] == ['rule.change', 'rule.withdraw']


def test_a_rule_in_force_is_not_taken_back(db, ada):
    set_since('promise_days', '7', 0, ada)

    for wrong in (RuleChange.get().id, 10**6, None, 'x', True):
        with pytest.raises(NotFound):
            rule_changes.withdraw(wrong, actor=ada)
    assert rules.current().promise_days == 7


@pytest.mark.parametrize('days', [-1, 0, 365 * 3 + 1])
def test_a_change_begins_on_a_coming_day_of_the_next_years(db, ada, days):
    with pytest.raises(InvalidForm) as refused:
        rule_changes.change('promise_days', '7', in_days(days), WHY, actor=ada)

    assert errors_of(refused) == {'starts_on'}


def test_what_is_felt_in_a_wallet_needs_ten_days_of_notice(db, ada):
    with pytest.raises(InvalidForm) as refused:
        rule_changes.change('down_fee', '4,00', in_days(9), WHY, actor=ada)

    assert errors_of(refused) == {'starts_on'}
    rule_changes.change('down_fee', '4,00', in_days(10), WHY, actor=ada)
    assert rules.on(today() + timedelta(days=10)).down_fee == Decimal('4.00')


@pytest.mark.parametrize('typed', ['', '0', '31', '-5', '5.5', 'пять', '5 дней', '٥', 'NaN', '1e1', '9' * 400, None, 5])
def test_a_number_of_days_that_is_none_is_refused(db, ada, typed):
    with pytest.raises(InvalidForm) as refused:
        rule_changes.change('promise_days', typed, in_days(1), WHY, actor=ada)

    assert errors_of(refused) == {'value'}


@pytest.mark.parametrize(('typed', 'sum_'), [('7', '7.00'), ('7,5', '7.50'), ('7.05', '7.05'), (' 10,00 ', '10.00')])
def test_rubles_are_read_as_people_type_them(db, typed, sum_):
    assert str(rules.read(rules.definitions()['promise_amount'], typed)) == sum_


@pytest.mark.parametrize('typed', ['7,005', '0,99', '100,01', '-7', '7 р.', ''])
def test_rubles_outside_the_limits_are_refused(db, typed):
    with pytest.raises(InvalidField):
        rules.read(rules.definitions()['promise_amount'], typed)


@pytest.mark.parametrize('typed', ['tariff', 'tariff,tv,bundle,rent', 'tariff,tv,bundle,rent,rent', 'a,b,c,d,e'])
def test_an_order_names_every_kind_once(db, ada, typed):
    with pytest.raises(InvalidForm) as refused:
        rule_changes.change('debiting_order', typed, in_days(1), WHY, actor=ada)

    assert errors_of(refused) == {'value'}


def test_no_reason_no_change(db, ada):
    with pytest.raises(InvalidForm) as refused:
        rule_changes.change('promise_days', '7', in_days(1), ' ', actor=ada)

    assert errors_of(refused) == {'reason'}


@pytest.mark.parametrize('name', ['nothing', '', None, 5, '__class__'])
def test_an_unknown_rule_is_not_found(db, ada, name):
    with pytest.raises(NotFound):
        rule_changes.change(name, '7', in_days(1), WHY, actor=ada)
    with pytest.raises(NotFound):
        rule_changes.get_rule(name, actor=ada)


def test_a_document_that_contradicts_itself_stops_the_start(tmp_path):
    text = rules.DOCUMENT.read_text(encoding='utf-8')
    for good, bad in (('value: 5, unit: days', 'value: 50, unit: days'), ('  promise_days:', '  promised_days:')):
        wrong = tmp_path / f'{len(bad)}.yml'
        wrong.write_text(text.replace(good, bad), encoding='utf-8')
        with pytest.raises(ValueError, match=r'rules\.yml|promise'):
            rules.definitions(wrong)


def test_a_promise_takes_the_figures_of_its_day(db, ada, boris):
    set_since('promise_amount', '30.00', -1, ada)
    set_since('promise_days', '3', -1, ada)

    due_at = promised_payments.promise(factories.key(), actor=boris)

    assert due_at - now() < timedelta(days=3, seconds=1)
    assert promised_payments.view(actor=boris).amount == Decimal('30.00')


def test_a_suspension_keeps_the_limits_of_its_day(db, ada, anna):
    set_since('suspensions_a_year', '0', -1, ada)

    with pytest.raises(TooManyThisYear):
        suspensions.quote(today() + timedelta(days=1), 10, actor=anna)


def test_a_move_down_costs_what_the_rule_says_on_its_day(db, ada, anna):
    set_since('down_fee', '9.90', (next_month(today()) - today()).days, ada)

    shown = tariff_changes.quote('I-50', 'next', actor=anna)

    assert [line.sum for line in shown.quote.next_lines if line.kind == LineKind.FEE] == [Decimal('9.90')]


def test_the_month_is_debited_in_the_order_of_the_rule(db, ada):
    contract = factories.make_contract(tv_package='T-BASE')
    set_since('debiting_order', 'tv,tariff,bundle,rent,add_on', -1, ada)

    lines = subscriptions.load(contract).month_lines(next_month(today()))

    assert [line.kind for line in lines][:2] == [LineKind.TV, LineKind.TARIFF]
