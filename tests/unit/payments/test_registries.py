"""Registers of the bank and of ERIP: read, looked at, booked once, whatever file the same money comes in."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from models.account import Account, AccountKind, Operation
from models.contract import Contract
from models.erip import EripPayment
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from models.registry import LineState, Registry, RegistryLine, RegistryState
from models.user import AuditEvent, User
from services.accounts import debt_blocks, invariants
from services.clock import now, today
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from services.payments import manual_payments, registries, registry_desk, registry_files
from services.payments.refund_refusals import InRegister
from services.payments.registry_files import LineFault
from services.payments.registry_matches import Why
from tests import factories
from tests.bank import balance
from tests.cast import contract_of
from tests.unit.payments.test_erip import paid, ring, stand

HEAD = 'Дата;Счёт;Сумма;Документ;Назначение'


def table(*rows, head=HEAD):
    """Return a file: rows are (account, sum, document) with today's day."""
    day = f'{today():%d.%m.%Y}'
    return '\n'.join(
        [head, *(f'{day};{number};{amount};{document};Оплата' for number, amount, document in rows)]
    ).encode()


def load(actor, *rows, source='erip', name='реестр.csv'):
    return registries.load(source, name, table(*rows), actor=actor)


def states(registry_id, actor):
    return [(line.state, line.why) for line in registry_desk.show_registry(registry_id, actor=actor).lines]


@pytest.fixture
def clerk(db, olga):
    """Olga, whose session has just shown a factor."""
    return olga


def test_what_is_loaded_is_shown_and_not_booked(db, clerk, anna, boris):
    before = balance(anna)

    found = load(
        clerk, ('100001', '10,00', '71'), ('100002', '2', '72'), ('999999', '3,5', '73'), ('100001', '10', '71')
    )

    view = registry_desk.show_registry(found, actor=clerk)
    assert states(found, clerk) == [
        (LineState.NEW, Why.NOTHING),
        (LineState.NEW, Why.NOTHING),
        (LineState.UNKNOWN, Why.NO_CONTRACT),
        (LineState.DUPLICATE, Why.TWICE),
    ]
    assert view.lines[0].payee == contract_of(anna).subscriber.short_name
    assert (view.totals[LineState.NEW].count, view.totals[LineState.NEW].amount) == (2, Decimal('12.00'))
    assert balance(anna) == before


def test_booking_credits_all_at_once_with_letters_and_ends_a_block(db, clerk, anna, boris):
    before = balance(anna)
    found = load(clerk, ('100001', '10,00', '71'), ('100002', '12,40', '72'), ('999999', '3', '73'))

    assert registries.book(found, actor=clerk) == 2
    assert registries.book(found, actor=clerk) == 0

    assert (balance(anna), balance(boris)) == (before + 10, 0)
    assert debt_blocks.open_block(contract_of(boris)) is None
    assert {letter.recipient for letter in OutgoingMessage.select()} == {'anna@example.by', 'boris@example.by'}
    assert Account.get(Account.kind == AccountKind.ERIP).balance == Decimal('-22.40')
    assert Operation.get(Operation.key == 'registry:erip:71').title == 'Оплата через ЕРИП'
    assert AuditEvent.select().where(AuditEvent.action == 'registry.book').count() == 1
    assert Registry.get().state == RegistryState.BOOKED
    assert invariants.self_check() == []


def test_the_same_file_again_is_the_first_one(db, clerk, anna):
    first = load(clerk, ('100001', '10,00', '71'))
    registries.book(first, actor=clerk)

    assert load(clerk, ('100001', '10,00', '71'), name='другое имя.csv') == first
    assert RegistryLine.select().count() == 1


def test_an_overlapping_file_credits_only_what_is_new(db, clerk, anna):
    before = balance(anna)
    registries.book(load(clerk, ('100001', '10', '71'), ('999999', '5', '72')), actor=clerk)

    second = load(clerk, ('100001', '10', '71'), ('999999', '5', '72'), ('100001', '1', '73'))

    assert states(second, clerk) == [
        (LineState.DUPLICATE, Why.REGISTRY),
        (LineState.DUPLICATE, Why.REGISTRY),
        (LineState.NEW, Why.NOTHING),
    ]
    registries.book(second, actor=clerk)
    assert balance(anna) == before + 11
    assert len(registry_desk.list_registries(actor=clerk).unknown) == 1


def test_two_files_looked_at_together_book_the_same_money_once(db, clerk, anna):
    before = balance(anna)
    first, second = load(clerk, ('100001', '10', '71')), load(clerk, ('100001', '10', '71'), ('100001', '1', '72'))
    assert states(second, clerk)[0] == (LineState.NEW, Why.NOTHING)

    for found in (first, second):
        registries.book(found, actor=clerk)

    assert balance(anna) == before + 11


def test_a_document_with_another_sum_is_left_to_a_person(db, clerk, anna):
    registries.book(load(clerk, ('100001', '10', '71')), actor=clerk)

    second = load(clerk, ('100001', '11', '71'))

    assert states(second, clerk) == [(LineState.DUPLICATE, Why.OTHER_SUM)]


def test_orders_of_a_bank_repeat_their_numbers_on_other_days_and_accounts(db, clerk, anna, boris):
    found = load(clerk, ('100001', '10', '1'), ('100002', '10', '1'), source='bank')

    registries.book(found, actor=clerk)

    assert [state for state, _why in states(found, clerk)] == [LineState.BOOKED] * 2
    assert Account.get(Account.kind == AccountKind.BANK).balance == Decimal('-20.00')


def test_what_the_gateway_told_of_is_not_credited_by_the_register(db, bank, erip, clerk, anna):
    (hook,) = paid(bank, stand(anna), '10')
    ring(hook)
    before = balance(anna)
    number, uid = EripPayment.get().transaction_no, Payment.get().gateway_uid

    for document in (number, uid):
        found = load(clerk, ('100001', '10', document))
        assert states(found, clerk) == [(LineState.DUPLICATE, Why.GATEWAY)]
        registries.book(found, actor=clerk)

    assert balance(anna) == before


def test_a_transfer_taken_by_hand_is_not_credited_by_the_register(db, clerk, anna, boris):
    manual_payments.take('100001', 'bank', '15', '71', f'{today():%d.%m.%Y}', actor=clerk)
    before = balance(anna), balance(boris)
    found = load(clerk, ('100001', '15,00', '71'), ('100002', '15,00', '71'), source='bank')

    assert [line.why for line in registry_desk.show_registry(found, actor=clerk).lines] == [Why.BY_HAND, Why.NOTHING]
    assert registries.book(found, actor=clerk) == 1
    assert (balance(anna), balance(boris)) == (before[0], before[1] + 15)


def test_a_transfer_of_a_register_is_not_taken_by_hand_again(db, clerk, anna):
    registries.book(load(clerk, ('100001', '15,00', '71'), source='bank'), actor=clerk)

    with pytest.raises(InRegister):
        manual_payments.take('100001', 'bank', '15', '71', f'{today():%d.%m.%Y}', actor=clerk)
    assert balance(anna) == Decimal('60.10')
    manual_payments.take('100001', 'bank', '15', '72', f'{today():%d.%m.%Y}', actor=clerk)


def test_a_bell_that_comes_after_the_register_is_put_aside(db, bank, erip, clerk, anna):
    (hook,) = paid(bank, stand(anna), '10')
    with bank.app.state.desk.setting.store.work() as books:
        (number,) = books.execute('SELECT transaction_id FROM erip_payments').fetchone()
    registries.book(load(clerk, ('100001', '10', number)), actor=clerk)
    before = balance(anna)

    ring(hook)
    ring(hook)

    assert balance(anna) == before
    assert (Payment.get().state, Payment.get().message) == (PaymentState.QUARANTINED, 'registry 10.00 BYN')


def test_what_nobody_knew_is_given_to_a_contract_once(db, clerk, anna):
    before = balance(anna)
    registries.book(load(clerk, ('999999', '10', '71')), actor=clerk)
    (line,) = registry_desk.list_registries(actor=clerk).unknown
    with pytest.raises(InvalidField, match='нет'):
        registries.assign(line.id, '777777', actor=clerk)

    registries.assign(line.id, '100001', actor=clerk)

    assert balance(anna) == before + 10
    assert registry_desk.list_registries(actor=clerk).unknown == ()
    with pytest.raises(registries.AssignedAlready):
        registries.assign(line.id, '100001', actor=clerk)
    registries.book(load(clerk, ('100001', '10', '71')), actor=clerk)
    assert balance(anna) == before + 10


def test_a_large_one_is_given_by_somebody_else(db, clerk, ada, anna):
    registries.book(load(clerk, ('999999', '5000', '71')), actor=clerk)
    (line,) = registry_desk.list_registries(actor=clerk).unknown
    with pytest.raises(registries.SecondPersonNeeded):
        registries.assign(line.id, '100001', actor=clerk)

    registries.assign(line.id, '100001', actor=ada)

    assert RegistryLine.get().assigned_by_id == ada.user_id


def test_nobody_gives_money_to_himself(db, clerk):
    factories.make_contract('100050', user=User.get_by_id(clerk.user_id))
    registries.book(load(clerk, ('999999', '10', '71')), actor=clerk)

    with pytest.raises(registries.OwnContract):
        registries.assign(RegistryLine.get().id, '100050', actor=clerk)


def test_booking_wants_a_fresh_factor(db, clerk, anna):
    found = load(clerk, ('100001', '10', '71'))

    with pytest.raises(StepUpRequired):
        registries.book(found, actor=replace(clerk, session_hash='other'))


def test_only_the_console(db, clerk, anna):
    found = load(clerk, ('999999', '10', '71'))
    for actor, refusal in ((None, SignInRequired), (anna, NotAllowed)):
        for call in (
            lambda who: load(who, ('100001', '10', '72')),
            lambda who: registries.book(found, actor=who),
            lambda who: registries.assign(1, '100001', actor=who),
            lambda who: registry_desk.list_registries(actor=who),
            lambda who: registry_desk.show_registry(found, actor=who),
        ):
            with pytest.raises(refusal):
                call(actor)


@pytest.mark.parametrize('number', [0, -1, 2**31, True, '1', None])
def test_what_is_not_there_is_not_found(db, clerk, number):
    with pytest.raises(NotFound):
        registries.book(number, actor=clerk)
    with pytest.raises(NotFound):
        registries.assign(number, '100001', actor=clerk)


def test_lines_that_cannot_be_read_are_told_with_the_reason(db, clerk):
    tomorrow, long_ago = today() + timedelta(days=1), today() - timedelta(days=400)
    day = f'{today():%d.%m.%Y}'
    rows = [
        (f'{day};100001;10;71', LineFault.COLUMNS),
        ('31.02.2026;100001;10;71;', LineFault.DATE),
        (f'{tomorrow};100001;10;71;', LineFault.FUTURE),
        (f'{long_ago};100001;10;71;', LineFault.OLD),
        (f'{day};=1+1;10;71;', LineFault.ACCOUNT),
        (f'{day};100001;0;71;', LineFault.SUM),
        (f'{day};100001;-5;71;', LineFault.SUM),
        (f'{day};100001;10,001;71;', LineFault.SUM),
        (f'{day};100001;10000,01;71;', LineFault.SUM),
        (f'{day};100001;1e3;71;', LineFault.SUM),
        (f'{day};100001;10;;', LineFault.DOCUMENT),
        (f'{day};100001;10000,00;71;', None),
    ]

    found = registry_files.read('\n'.join([HEAD, *(row for row, _fault in rows)]).encode())

    assert [fault for _place, fault in found.faults] == [fault for _row, fault in rows if fault]
    assert [(line.place, line.amount) for line in found.lines] == [(13, Decimal('10000.00'))]


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'\x00\x01',
        'Дата;Сумма\n1;2'.encode(),
        HEAD.encode(),
        b'a;b;c;d;e\n1;2;3;4;5',
        b'"' + b'x' * 200_000,
    ],
)
def test_what_is_no_register_is_refused(db, clerk, content):
    with pytest.raises(InvalidField):
        registries.load('erip', 'x.csv', content, actor=clerk)
    assert Registry.select().count() == 0


def test_windows_and_commas_are_read_too(db):
    text = f'Дата,Счет,Сумма,Документ,Назначение\n{today():%Y-%m-%d},100001,10.50,71,"Оплата, ноябрь"'

    (line,) = registry_files.read(text.encode('cp1251')).lines

    assert (line.amount, line.purpose, line.paid_on) == (Decimal('10.50'), 'Оплата, ноябрь', today())


def test_a_file_has_so_many_bytes_and_lines(db):
    full = table(*(('1', '1', str(place)) for place in range(1000)))
    assert len(registry_files.read(full).lines) == 1000

    with pytest.raises(InvalidField, match='больше'):
        registry_files.read(table(*(('1', '1', str(place)) for place in range(1001))))
    with pytest.raises(InvalidField, match='большой'):
        registry_files.read(HEAD.encode() + b'\n' * 262144)


def test_the_list_shows_so_many_files(db, clerk):
    for place in range(51):
        Registry.create(source='erip', fingerprint=str(place), name='x', loaded_by=clerk.user_id, loaded_at=now())

    assert len(registry_desk.list_registries(actor=clerk).rows) == 50


def test_a_whose_nobody_knows_is_refused(db, clerk):
    with pytest.raises(InvalidField):
        registries.load('cash', 'x.csv', table(('1', '1', '1')), actor=clerk)
    assert Contract.select().where(Contract.number == '1').count() == 0
