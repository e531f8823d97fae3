"""The list of lines to cut and restore by hand: what is on it, in which order, for whom, and by how many queries."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import peewee
import pytest

from models.base import database
from models.contract import Contract, ContractStatus, DebtBlock
from models.payment import Payment, PaymentState
from services import limits
from services.clock import now
from services.errors import NotAllowed, SignInRequired, TooManyRequests
from services.identity.step_up import StepUpRequired
from services.network import line_facts, line_list
from services.network.lines import Reason, Work, work_of
from tests import factories, line_cases
from tests.factors import make_stale
from tests.line_cases import numbers


def listed(actor, *args):
    return line_list.list_lines(*args, actor=actor).rows


def counted(monkeypatch):
    """Count the queries that reach the database."""
    seen, execute = [], type(database.obj).execute_sql

    def execute_sql(self, sql, params=None):
        seen.append(sql)
        return execute(self, sql, params)

    monkeypatch.setattr(type(database.obj), 'execute_sql', execute_sql)
    return seen


def test_who_has_paid_is_restored_first_then_cuts_then_speeds_the_oldest_first(db, taras):
    old, young = line_cases.blocked(started_at=now() - timedelta(days=2)), line_cases.blocked()
    faster = line_cases.changed()
    waiting = line_cases.blocked()
    line_cases.left(waiting, taras)
    line_cases.paid(waiting)

    rows = listed(taras)

    assert [row.number for row in rows] == [each.number for each in (waiting, old, young, faster)]
    assert [row.work for row in rows] == [Work.RESTORE, Work.CUT, Work.CUT, Work.SPEED]
    assert [row.reason for row in rows] == [Reason.PAID, Reason.DEBT, Reason.DEBT, Reason.TARIFF]
    assert rows[1].since == DebtBlock.get(DebtBlock.contract == old).started_at


def test_every_kind_of_work_is_found_and_nothing_else(db, taras):
    again, cut, other_speed, _fine = line_cases.of_every_kind(taras)

    page = line_list.list_lines(actor=taras)

    assert numbers(row for row in page.rows if row.work == Work.RESTORE) == numbers(again)
    assert numbers(row for row in page.rows if row.work == Work.CUT) == numbers(cut)
    assert numbers(row for row in page.rows if row.work == Work.SPEED) == numbers(other_speed)
    assert page.counts == {Work.RESTORE: 3, Work.CUT: 3, Work.SPEED: 4}


def test_what_the_query_leaves_out_wants_no_work(db, taras):
    line_cases.of_every_kind(taras)

    by_hand = [line_facts.read_one(contract.id) for contract in Contract.select()]

    wanted = {line.number for line in by_hand if work_of(line.facts)}
    assert wanted == {row.number for row in listed(taras)}
    assert len(wanted) == 10


def test_drafts_and_void_contracts_have_no_line(db, taras):
    for status in (ContractStatus.DRAFT, ContractStatus.VOID):
        contract = line_cases.blocked(line_cases.line(status=status, active_on=None))
        assert line_facts.read_one(contract.id) is None
    assert listed(taras) == ()


def test_who_pays_before_the_cut_silently_leaves_the_list(db, taras):
    contract = line_cases.blocked()
    assert numbers(listed(taras)) == [contract.number]

    line_cases.paid(contract)
    assert listed(taras) == ()


def test_money_on_its_way_is_told_beside_the_cut(db, taras):
    contract = line_cases.blocked()
    Payment.create(
        contract=contract, amount=Decimal('50.00'), state=PaymentState.PROCESSING, gateway='bepaid',
        tracking_id='t-1', form_key=factories.key(), created_at=now(), updated_at=now(),
    )  # fmt: skip

    assert [row.is_paying for row in listed(taras)] == [True]


def test_a_row_says_where_the_line_is_and_holds_nothing_of_its_owner(db, taras):
    contract = line_cases.blocked(line_cases.line(address='Минск, ул. Кривая, 5, кв. 7'))
    factories.make_unit(
        contract, 'ONT', serial='HWTC1A2B3C4D', mac='AA:BB:CC:DD:EE:FF', ownership='lent', monthly_fee=Decimal(0)
    )

    (row,) = listed(taras)

    assert (row.address, row.tariff, row.old, row.speed) == ('Минск, ул. Кривая, 5, кв. 7', 'Комфорт', 100_000, None)
    assert (row.serial, row.mac) == ('HWTC1A2B3C4D', 'AA:BB:CC:DD:EE:FF')
    assert not {'name', 'phone'} & set(vars(row))


def test_it_is_filtered_by_what_is_to_be_done(db, olga, taras):
    again, cut, _other_speed, _fine = line_cases.of_every_kind(taras)

    page = line_list.list_lines('restore', actor=olga)

    assert numbers(page.rows) == numbers(again)
    assert numbers(listed(olga, 'cut')) == numbers(cut)
    assert page.counts[Work.CUT] == 3
    assert len(listed(olga, 'everything')) == 10


@pytest.mark.parametrize('search', ['Кривая', 'кривая 5', '300777', '300 777'])
def test_a_line_is_found_by_address_and_number_not_by_a_person(db, olga, search):
    owner = factories.make_subscriber(last_name='Должникова', phone='+375299876543')
    fields = {'active_on': now().date() - timedelta(days=60), 'address': 'Минск, ул. Кривая, 5'}
    contract = line_cases.blocked(factories.make_contract('300777', subscriber=owner, **fields))
    line_cases.blocked()

    assert numbers(listed(olga, '', search)) == [contract.number]
    assert listed(olga, '', '9876543') == listed(olga, '', 'Должникова') == ()


def test_pages_follow_each_other(db, olga, monkeypatch):
    monkeypatch.setattr(line_list, 'PAGE', 2)
    made = [line_cases.blocked() for _ in range(5)]

    pages = [line_list.list_lines(page=page, actor=olga) for page in (1, 2, 3, 99, None)]

    assert numbers(row for page in pages[:3] for row in page.rows) == numbers(made)
    assert [(page.page, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3), (3, 3), (1, 3)]


def test_one_query_however_many_lines(db, taras, monkeypatch):
    line_list.list_lines(actor=taras)  # the reading is noted
    factories.make_region()
    contracts = make_many(10_000)
    seen = counted(monkeypatch)

    page = line_list.list_lines(actor=taras)

    asked = [sql for sql in seen if 'audit_event' not in sql]
    assert len(asked) == 1, asked
    assert page.counts[Work.CUT] == len(contracts) // 10
    assert len(page.rows) == line_list.PAGE

    seen.clear()
    line_list.list_done(actor=taras)
    assert len(seen) == 1


def make_many(count):
    """Insert so many contracts by one statement; every tenth is blocked."""
    template = line_cases.line()
    fields = {**template.__data__}
    fields.pop('id')
    rows = [{**fields, 'number': f'8{number:07}'} for number in range(count - 1)]
    for batch in peewee.chunked(rows, 500):
        Contract.insert_many(batch).execute()
    contracts = list(Contract.select(Contract.id))
    for batch in peewee.chunked(contracts[::10], 500):
        DebtBlock.insert_many([{'contract': contract, 'started_at': now()} for contract in batch]).execute()
    return contracts


def test_what_was_done_is_told_for_a_day(db, olga, taras, monkeypatch):
    old, new = line_cases.blocked(), line_cases.blocked()
    line_cases.left(old, taras, ago=timedelta(hours=25))
    line_cases.left(new, taras, ago=timedelta(seconds=59), note='Свитч 3')
    line_cases.left(line_cases.line(), taras, 'on', ago=timedelta(seconds=61))

    second, first = line_list.list_done(actor=olga)[::-1]

    assert (first.work, second.work) == (Work.RESTORE, Work.CUT)
    assert (second.number, second.by, second.note) == (new.number, 'Тарас', 'Свитч 3')
    assert (second.may_undo, first.may_undo) == (True, False)
    monkeypatch.setattr(line_list, 'DONE', 1)
    assert len(line_list.list_done(actor=olga)) == 1


def test_the_table_holds_all_that_was_looked_for_and_runs_nothing(db, taras):
    contract = line_cases.blocked(line_cases.line(address='=1+1'))
    line_cases.changed()

    table = list(csv.reader(io.StringIO(line_list.export_table(actor=taras).decode('utf-8-sig')), delimiter=';'))

    assert table[0] == list(line_list.COLUMNS)
    assert table[1][:4] == ['отключить', contract.number, "'=1+1", 'Комфорт']
    assert (table[2][0], table[2][4], table[2][8]) == ('сменить скорость', '100 Мбит/с', 'смена тарифа')
    assert b'\r\n' in line_list.export_table('cut', actor=taras)
    assert contract.number.encode() not in line_list.export_table('speed', actor=taras)


def test_the_table_is_given_to_a_fresh_session_and_so_many_times_an_hour(db, taras, monkeypatch):
    monkeypatch.setattr(limits, 'rate', lambda _name: (1, timedelta(hours=1)))
    line_list.export_table(actor=taras)

    with pytest.raises(TooManyRequests):
        line_list.export_table(actor=taras)
    make_stale(taras)
    with pytest.raises(StepUpRequired):
        line_list.export_table(actor=taras)


@pytest.mark.parametrize('service', [line_list.list_lines, line_list.list_done, line_list.export_table])
def test_only_staff_reads_it(service, anna, olga, taras, ada, stranger):
    for person, error in ((anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            service(actor=person)
    for person in (olga, taras, ada):
        service(actor=person)
