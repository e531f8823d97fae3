"""Prices of TV packages and monthly add-ons: the same notice, the same letters, the same calculators as a tariff's."""

from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal

import peewee
import pytest
import time_machine
from playhouse import migrations

from models.account import Operation
from models.base import database
from models.catalogue import AddOn, TvPackage
from models.contract import Contract
from models.outbox import OutgoingMessage
from models.price import CataloguePrice
from models.user import AuditEvent
from services import migration
from services.accounts import add_ons, billing, billing_run, overview, proofs, subscriptions, tariff_changes
from services.clock import MINSK, now
from services.contracts import contract_terms
from services.errors import InvalidForm, NotFound
from services.offers import constructor, price_changes, price_letters, shelf
from services.offers.prices import fee_on
from services.quotes.monthly import LineKind
from tests import factories

pytestmark = pytest.mark.at('2026-11-22 12:00')

WHY = 'Подорожали права на показ'
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
VERSION = 'Цена {fee} р. действует с 01.01.2027.'


def BYN(text):  # noqa: N802 - reads like the unit
    return Decimal(text)


def announce(ada, code, fee, starts_on=JANUARY, vat='25'):
    price = price_changes.announce(code, fee, vat, starts_on.isoformat(), WHY, actor=ada)
    price_letters.write_due()
    return price


@pytest.fixture
def travel():
    """Return a function that stops the clock at another Minsk moment."""
    with ExitStack() as trips:
        yield lambda moment: trips.enter_context(
            time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=MINSK), tick=False)
        )


def reader(email, **fields):
    return factories.make_contract(user=factories.make_user(email=email), **fields)


def told(word='announced'):
    rows = OutgoingMessage.select().where(OutgoingMessage.key.contains(f':{word}:'))
    return {row.recipient: row for row in rows}


def of_kind(contract, month, kind):
    return [line.sum for line in subscriptions.load(contract).month_lines(month) if line.kind == kind]


def test_a_tv_package_costs_the_new_price_from_its_day(db, ada, travel):
    contract = factories.make_contract(tariff='I-50', tv_package='T-BASE', balance=BYN('500'))
    announce(ada, 'T-BASE', '14,90')

    assert fee_on(TvPackage.get(TvPackage.code == 'T-BASE'), date(2026, 12, 31)) == BYN('12.90')
    assert of_kind(contract, DECEMBER, LineKind.TV) == [BYN('12.90')]
    assert of_kind(contract, JANUARY, LineKind.TV) == [BYN('14.90')]
    travel('2027-01-01 00:30')
    assert [billing.charge_month(contract, month) for month in (DECEMBER, JANUARY)] == [BYN('35.80'), BYN('37.80')]


def test_the_bundle_stays_at_its_price_though_a_part_is_dearer(db, ada):
    contract = factories.make_contract(tv_package='T-BASE')
    announce(ada, 'T-BASE', '14,90')

    assert of_kind(contract, JANUARY, LineKind.BUNDLE) == [BYN('-5.90')]
    assert sum(line.sum for line in subscriptions.load(contract).month_lines(JANUARY)) == BYN('38.90')


def test_an_add_on_keeps_its_price_until_a_newer_one_begins(db, ada, travel):
    contract = factories.make_contract(balance=BYN('500'))
    factories.connect_add_on(contract, 'A-IP', price=BYN('5.00'))  # from long ago, before the catalogue changed
    announce(ada, 'A-IP', '7,00')

    assert of_kind(contract, DECEMBER, LineKind.ADD_ON) == [BYN('5.00')]
    assert of_kind(contract, JANUARY, LineKind.ADD_ON) == [BYN('7.00')]
    travel('2027-01-02 12:00')
    newer = factories.make_contract()
    factories.connect_add_on(newer, 'A-IP', price=BYN('7.00'))
    assert of_kind(newer, FEBRUARY, LineKind.ADD_ON) == [BYN('7.00')]


def test_who_connects_after_the_day_pays_the_new_price_and_sees_the_next(db, ada, anna, travel):
    announce(ada, 'A-IP', '7,00')
    shown = add_ons.quote('A-IP', actor=anna).quote

    assert shown.charges[0].formula == '6,00 р. × 9 из 30 дней'
    by_month = {step.on: line.sum for step in shown.steps for line in step.lines if line.code == 'A-IP'}
    assert (by_month[DECEMBER], by_month[JANUARY]) == (BYN('6.00'), BYN('7.00'))
    travel('2027-01-22 12:00')
    billing_run.run_due()
    factories.top_up(Contract.get(Contract.number == '100001'), BYN('100'))
    late = add_ons.quote('A-IP', actor=anna)
    assert late.quote.charges[0].formula == '7,00 р. × 10 из 31 дней'
    add_ons.connect(late.id, factories.key(), actor=anna)
    view = next(each for each in add_ons.board(actor=anna).monthly if each.code == 'A-IP')
    assert (view.is_on, view.price) == (True, BYN('7.00'))


def test_the_board_shows_what_a_connected_one_costs_today(db, ada, anna, travel):
    contract = Contract.get(Contract.number == '100001')
    factories.connect_add_on(contract, 'A-FLT')
    announce(ada, 'A-FLT', '3,10')

    def price():
        return next(each.price for each in add_ons.board(actor=anna).monthly if each.code == 'A-FLT')

    assert price() == BYN('2.69')
    travel('2027-01-01 00:00')
    assert price() == BYN('3.10')


@pytest.mark.parametrize('code', ['A-B3', 'A-T5', 'F-CRED', 'ONT', 'OSEN3'])
def test_what_is_paid_once_or_by_a_rule_has_no_versions(db, ada, code):
    with pytest.raises(NotFound):
        announce(ada, code, '9,00')
    with pytest.raises(NotFound):
        shelf.get_page(code, actor=ada)
    assert not CataloguePrice.select().exists()


@pytest.mark.parametrize('code', ['T-BASE', 'A-IP'])
def test_the_notice_is_the_same(db, ada, code):
    with pytest.raises(InvalidForm) as refused:
        announce(ada, code, '9,00', starts_on=DECEMBER)
    assert set(refused.value.errors) == {'starts_on'}
    announce(ada, code, '9,00')
    with pytest.raises(price_changes.PriceWaits):
        announce(ada, code, '9,50')


def test_those_who_have_the_package_are_told_and_no_others(db, ada):
    reader('tv@example.by', tv_package='T-BASE')
    reader('apart@example.by', tariff='I-50', tv_package='T-BASE')
    reader('other-tv@example.by', tv_package='T-PLUS')
    announce(ada, 'T-BASE', '14,90')

    letters = told()
    assert {'tv@example.by', 'apart@example.by'} <= set(letters)
    assert 'other-tv@example.by' not in letters
    assert ' '.join(letters['tv@example.by'].subject.split()) == 'Телевидение «Базовый» с 1 января 2027 — 14,90 р.'
    assert 'за пакет по-прежнему 38,90' in letters['tv@example.by'].text.replace('\xa0', ' ')
    assert 'за пакет' not in letters['apart@example.by'].text
    assert 'сменим пакет каналов' in letters['apart@example.by'].text


def test_those_who_will_have_the_add_on_are_told_and_no_others(db, ada, anna):
    factories.connect_add_on(reader('ip@example.by'), 'A-IP')
    factories.connect_add_on(reader('gone@example.by'), 'A-IP', ends_at=now())
    factories.connect_add_on(reader('leaving@example.by'), 'A-IP', ends_at=datetime(2026, 12, 1, tzinfo=MINSK))
    reader('none@example.by')
    announce(ada, 'A-IP', '7,00')

    letters = told()
    assert set(letters) & {'ip@example.by', 'gone@example.by', 'leaving@example.by', 'none@example.by'} == {
        'ip@example.by'
    }
    text = letters['ip@example.by'].text
    assert all(words in text for words in ('услуга «Статический IP-адрес»', '/my/services', 'бесплатно'))


def test_the_page_names_what_it_is_and_the_log_as_well(db, ada):
    price = announce(ada, 'A-IP', '7,00')
    announce(ada, 'T-BASE', '14,90')
    price_changes.withdraw(price, actor=ada)

    page = shelf.get_page('A-IP', actor=ada)
    assert (page.line.kind, page.line.fee, page.first_fee) == (shelf.Kind.ADD_ON, BYN('6.00'), BYN('6.00'))
    assert (page.others, page.targets, [each.is_withdrawn for each in page.prices]) == ((), (), [True])
    assert {line.code: line.kind for line in shelf.list_shelf(actor=ada)}.items() >= {
        ('I-100', shelf.Kind.TARIFF), ('T-BASE', shelf.Kind.TV), ('A-IP', shelf.Kind.ADD_ON)
    }  # fmt: skip
    coming = {line.code: line.coming.fee for line in shelf.list_shelf(actor=ada) if line.coming}
    assert coming == {'T-BASE': BYN('14.90')}
    lines = [(line.action, line.subject) for line in AuditEvent.select() if line.action.startswith('price.')]
    assert lines == [
        ('price.announce', 'addon:A-IP'), ('price.announce', 'tv:T-BASE'), ('price.withdraw', 'addon:A-IP')
    ]  # fmt: skip


def test_a_package_has_no_tariffs_to_move_to_but_an_archive(db, ada):
    with pytest.raises(NotFound):
        shelf.set_targets('T-BASE', ['T-PLUS'], actor=ada)
    shelf.archive('T-BASE', actor=ada)

    assert not TvPackage.get(TvPackage.code == 'T-BASE').is_on_sale
    assert not shelf.get_page('T-BASE', actor=ada).line.is_on_sale


def test_the_shelf_counts_who_has_what(db, ada):
    def counted(code):
        return next(line.subscribers for line in shelf.list_shelf(actor=ada) if line.code == code)

    before = counted('A-FLT'), counted('T-MAX')
    contract = factories.make_contract(tv_package='T-MAX')
    factories.connect_add_on(contract, 'A-FLT')
    factories.connect_add_on(contract, 'A-FLT', ends_at=now())
    assert (counted('A-FLT'), counted('T-MAX')) == (before[0] + 1, before[1] + 1)


def test_the_constructor_sells_by_the_price_of_its_day(db, ada, travel):
    announce(ada, 'T-PLUS', '19,90')
    announce(ada, 'A-IP', '7,00')
    query = {'internet': ['I-100'], 'tv': ['T-PLUS'], 'addons': ['A-IP']}

    def monthly():
        return constructor.make_offer('minsk', query, address='192.0.2.1').quote.monthly

    before = monthly()
    travel('2027-01-01 00:00')
    assert monthly() - before == BYN('3.00')


def test_a_contract_is_signed_with_the_prices_to_come(db, ada):
    announce(ada, 'T-PLUS', '19,90')
    announce(ada, 'A-IP', '7,00')
    application = factories.make_application(package={'addons': ['A-IP']})
    contract = factories.make_contract(tv_package='T-PLUS', application=application)

    assert [(price.name, price.sum) for price in contract_terms.terms_of(contract, application).monthly] == [
        ('Интернет «Комфорт»', BYN('29.90')),
        ('Телевидение «Расширенный», с 01.01.2027 — 19,90 р.', BYN('17.90')),
        ('Статический IP-адрес, с 01.01.2027 — 7,00 р.', BYN('6.00')),
    ]


def test_the_overview_tells_every_coming_price_but_of_what_ends_before(db, ada, anna):
    contract = Contract.get(Contract.number == '100001')
    factories.connect_add_on(contract, 'A-FLT')
    factories.connect_add_on(contract, 'A-AV', ends_at=datetime(2027, 1, 1, tzinfo=MINSK))
    for code, fee in (('A-FLT', '2,50'), ('A-AV', '3,00')):
        announce(ada, code, fee)

    coming = overview.get_overview(actor=anna).coming_prices
    assert [(each.kind, each.name, each.fee, each.is_dearer) for each in coming] == [
        ('add_on', 'Родительский фильтр', BYN('2.50'), False)
    ]


def test_why_was_it_charged_names_the_version_of_each_price(db, ada, travel):
    contract = factories.make_contract(tariff='I-50', tv_package='T-BASE', balance=BYN('500'))
    factories.connect_add_on(contract, 'A-IP')
    for code, fee in (('I-50', '23,90'), ('T-BASE', '14,90'), ('A-IP', '7,00')):
        announce(ada, code, fee)

    travel('2026-12-01 00:30')
    billing_run.run_due()
    assert not any('действует с' in operation.basis for operation in Operation.select())
    travel('2027-01-01 00:30')
    billing_run.run_due()

    january = Operation.select().where(Operation.key.startswith(f'month:{contract.number}:2027-01'))
    bases = {operation.formula: operation.basis for operation in january}
    assert set(bases) == {'23,90 р.', '14,90 р.', '7,00 р.'}
    assert all(VERSION.format(fee=formula.removesuffix(' р.')) in basis for formula, basis in bases.items())
    entries = [operation.entries.get().id for operation in january]
    assert all('действует с 01.01.2027' in proof.basis for proof in proofs.of_entries(contract, entries).values())


def test_the_version_is_named_when_a_tariff_is_moved_to_or_connected(db, ada, anna, travel):
    announce(ada, 'I-200', '39,90')
    factories.top_up(Contract.get(Contract.number == '100001'), BYN('200'))
    travel('2027-01-15 12:00')
    billing_run.run_due()

    line = tariff_changes.quote('I-200', 'now', actor=anna).quote.charges[0]
    assert line.basis.endswith('Цена 39,90 р. действует с 01.01.2027.')
    contract = factories.make_contract(tariff='I-200', active_on=date(2027, 1, 10))
    billing.charge_activation(contract, actor_id=None)
    basis = Operation.get(Operation.contract == contract).basis
    assert basis.endswith('до конца месяца. Цена 39,90 р. действует с 01.01.2027.')


def test_letters_are_written_batch_by_batch_and_go_on_where_they_stopped(db, ada, monkeypatch):
    monkeypatch.setattr(price_letters, 'BATCH', 2)
    twice = factories.make_subscriber(factories.make_user(email='twice@example.by'))
    for _ in range(2):
        factories.make_contract(tariff='I-HOME', subscriber=twice)
    for number in range(4):
        reader(f'batch-{number}@example.by', tariff='I-HOME')
    price = price_changes.announce('I-HOME', '41,90', '25', JANUARY.isoformat(), WHY, actor=ada)

    assert told() == {}
    counts = [price_letters.write_batch(price), price_letters.write_batch(price)]
    assert (counts, len(told())) == ([2, 2], 4)
    assert price_letters.write_due() == len(told()) - 4 > 0
    assert (price_letters.write_due(), price_letters.write_batch(price)) == (0, None)
    assert told()['twice@example.by'].text.count('Договор ') == 2
    assert AuditEvent.get(AuditEvent.action == 'price.announce').facts['told'] == len(told())


def test_a_price_withdrawn_halfway_is_taken_back_from_those_who_know_it(db, ada, monkeypatch):
    monkeypatch.setattr(price_letters, 'BATCH', 2)
    for number in range(6):
        reader(f'half-{number}@example.by', tariff='I-HOME')
    price = price_changes.announce('I-HOME', '41,90', '25', JANUARY.isoformat(), WHY, actor=ada)
    price_letters.write_batch(price)
    price_changes.withdraw(price, actor=ada)

    price_letters.write_due()

    assert len(told()) == 2
    assert set(told('withdrawn')) == set(told())
    assert price_letters.write_due() == 0


def test_the_migration_carries_the_prices_of_tariffs_there_and_back(empty_db):
    def row(**thing):
        return CataloguePrice.create(
            **thing,
            monthly_fee=BYN('31.90'),
            vat_rate=25,
            starts_on=JANUARY,
            announced_at=now(),
            set_by=user,
            reason=WHY,
        )

    with database.connection_context():
        user, tariff = factories.make_user('administrator'), factories.make_tariff('I-900')
        first, second = row(tariff=tariff), row(tariff=tariff)
        migrations.Runner(database.obj, str(migration.DIRECTORY)).down('0021_catalogue_prices')
        kept = list(database.execute_sql('SELECT id, tariff_id, monthly_fee FROM tariff_price'))
        migration.migrate()

        assert sorted(kept) == [(first.id, tariff.id, 3190), (second.id, tariff.id, 3190)]
        assert [each.told_at is not None for each in CataloguePrice.select()] == [True, True]
        assert price_letters.write_due() == 0
        assert row(tariff=tariff).id > second.id


@pytest.mark.parametrize('given', [(), ('tariff', 'tv_package'), ('tariff', 'tv_package', 'add_on')])
def test_a_price_is_of_exactly_one_thing(db, ada, given):
    things = {'tariff': factories.make_tariff(), 'tv_package': TvPackage.get(), 'add_on': AddOn.get()}
    with pytest.raises(peewee.DatabaseError), database.atomic():
        CataloguePrice.create(
            **{name: things[name] for name in given}, monthly_fee=BYN('1.00'), vat_rate=25, starts_on=JANUARY,
            announced_at=now(), set_by=ada.user_id, reason=WHY,
        )  # fmt: skip
