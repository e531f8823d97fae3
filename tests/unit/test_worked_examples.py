"""docs/worked-examples.md is true: the services, and a calculator that knows nothing of them, give every figure in it."""

import re

import pytest
import time_machine

from services.accounts import invariants
from tests import factories, worked
from tests.bank import connect

EXAMPLES = worked.examples()


@pytest.mark.parametrize('number', EXAMPLES)
def test_the_services_give_what_the_table_says(db, monkeypatch, number):
    connect(monkeypatch, worked.Bank())
    rows = EXAMPLES[number]
    with time_machine.travel(worked.noon(rows[0].day), tick=False) as clock:
        example = worked.Example(rows[0], factories.actor(factories.make_user('administrator'), 'administrator'))
        for row in rows:
            clock.move_to(worked.noon(row.day))
            _compare(row, example)
            assert invariants.self_check(but=('I10 late',)) == []


def _compare(row, example):
    computed = worked.computed(row.event)
    if computed is not None:
        formula, amount = computed
        assert formula in (None, row.formula)
        assert row.sum == amount
        return
    booked = example.happens(row.event)
    if row.sum == worked.REFUSED:
        assert isinstance(booked, str), booked
        assert row.formula in booked.replace('\xa0', ' ')
    else:
        assert not isinstance(booked, str), booked
        assert (row.formula, row.sum) == worked.words_of(booked)
    assert (row.balance, row.internet) == (worked.written(example.balance), example.internet)


def test_every_formula_gives_its_sum_by_a_calculator_of_its_own():
    counted = 0
    for row in worked.read_rows():
        if row.sum == worked.REFUSED or not row.formula:
            continue
        parts = row.formula.split('<br>')
        sums = [part.partition(' = ')[2] or row.sum for part in parts]
        formulas = [part.partition(' = ')[0] for part in parts]
        assert [abs(worked.money(each)) for each in sums] == [worked.counted(each) for each in formulas], row
        assert sum(worked.money(each) for each in sums) == worked.money(row.sum), row
        counted += 1
    assert counted > 40


def test_every_balance_follows_from_the_one_before():
    for number, rows in EXAMPLES.items():
        given = re.search(r'на счёте ([^;\s]+)', rows[0].given)
        rest = worked.money(given[1]) if given else worked.ZERO
        for row in rows:
            if row.balance:
                rest += worked.ZERO if row.sum == worked.REFUSED else worked.money(row.sum)
                assert worked.written(rest) == row.balance, (number, row)


def test_there_are_more_than_forty_examples_of_all_ten_rules_and_three_rows_of_each():
    sections = re.split(r'^## ', worked.DOCUMENT.read_text('utf-8'), flags=re.MULTILINE)[1:]
    rules = {section.split('.')[0]: section.count('\n| ') - 1 for section in sections if section.startswith('Правило')}

    assert len(EXAMPLES) >= 40
    assert list(rules) == [f'Правило {number}' for number in range(1, 11)]
    assert min(rules.values()) >= 3
