"""Prices of the rent of devices: the same notice, the same letters; a subscriber's rent changes on the day, not before."""

from contextlib import ExitStack
from datetime import date, datetime

import pytest
import time_machine
from playhouse import migrations

from models.account import Operation
from models.base import database
from models.catalogue import Equipment
from models.contract import EquipmentUnit, Ownership
from models.price import CataloguePrice
from models.user import AuditEvent
from services import migration, rule_changes
from services.accounts import (
    billing_run,
    equipment_board,
    equipment_buy_outs,
    equipment_list,
    equipment_orders,
    overview,
    subscriptions,
)
from services.clock import MINSK, midnight, now
from services.contracts import contract_terms, subscriber_cards
from services.errors import InvalidForm, NotFound
from services.offers import constructor, price_changes, shelf
from services.quotes.monthly import LineKind
from tests import factories
from tests.cast import contract_of
from tests.counter import accept, hand_over, order, router
from tests.unit.test_prices_of_services import BYN, DECEMBER, JANUARY, WHY, announce, told

pytestmark = pytest.mark.at('2026-11-22 12:00')

FEBRUARY = date(2027, 2, 1)


@pytest.fixture
def travel():
    with ExitStack() as trips:
        yield lambda moment: trips.enter_context(
            time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=MINSK), tick=False)
        )


def rent_in(contract, month):
    return [line.sum for line in subscriptions.load(contract).month_lines(month) if line.kind == LineKind.RENT]


def lend(contract, code='R-AC', fee='4.50', *, returned_at=None, ownership=Ownership.RENTED):
    return EquipmentUnit.create(
        contract=contract, equipment=Equipment.get(Equipment.code == code), ownership=ownership, monthly_fee=BYN(fee),
        serial=factories.key(), installed_at=midnight(date(2026, 3, 1)), returned_at=returned_at,
    )  # fmt: skip


def test_the_rent_changes_on_its_day_and_not_before(db, ada, anna, travel):
    announce(ada, 'R-AC', '5,50')
    contract = contract_of(anna)
    factories.top_up(contract, BYN('200'))

    assert [rent_in(contract, month) for month in (DECEMBER, JANUARY)] == [[BYN('4.50')], [BYN('5.50')]]
    travel('2026-12-31 23:30')
    billing_run.run_due()
    assert equipment_board.board(actor=anna).units[0].monthly_fee == BYN('4.50')
    travel('2027-01-01 00:30')
    billing_run.run_due()
    rows = (
        Operation.select().where(Operation.contract == contract, Operation.key.contains('rent')).order_by(Operation.id)
    )
    assert [row.formula for row in rows][-2:] == ['4,50 р.', '5,50 р.']
    assert rows[-1].basis.endswith('Цена 5,50 р. действует с 01.01.2027.')
    assert equipment_board.board(actor=anna).units[0].monthly_fee == BYN('5.50')


def test_a_device_keeps_its_price_until_a_newer_one_begins(db, ada, travel):
    contract = factories.make_contract()
    lend(contract, fee='4.00')  # from long ago, before the catalogue changed
    announce(ada, 'R-AC', '5,50')

    assert (rent_in(contract, DECEMBER), rent_in(contract, JANUARY)) == ([BYN('4.00')], [BYN('5.50')])


def test_two_of_one_model_are_one_line_though_they_came_on_different_days(db, ada, travel):
    contract = factories.make_contract()
    lend(contract, fee='4.00')
    announce(ada, 'R-AC', '5,50')
    travel('2027-01-10 12:00')
    EquipmentUnit.update(installed_at=now()).where(EquipmentUnit.id == lend(contract, fee='5.00').id).execute()

    assert rent_in(contract, FEBRUARY) == [BYN('10.50')]


def test_who_orders_before_the_day_sees_both_prices(db, ada, anna, olga):
    announce(ada, 'R-AX', '8,50')

    shown = equipment_orders.quote('R-AX', 'rent', actor=anna).quote
    by_month = {step.on: line.sum for step in shown.steps for line in step.lines if line.code == 'R-AX'}
    assert (by_month[DECEMBER], by_month[JANUARY]) == (BYN('7.50'), BYN('8.50'))
    hand_over(olga, order(anna))
    assert sorted(rent_in(contract_of(anna), JANUARY)) == [BYN('4.50'), BYN('8.50')]


def test_who_orders_after_the_day_pays_the_new_price(db, ada, anna, travel):
    announce(ada, 'R-AX', '8,50')
    travel('2027-01-01 00:10')

    offer = next(each for each in equipment_board.board(actor=anna).offers if each.code == 'R-AX')
    assert offer.rent_fee == BYN('8.50')
    assert equipment_orders.quote('R-AX', 'rent', actor=anna).quote.charges[0].formula == '8,50 р.'


def test_what_comes_back_and_what_counts_goes_by_the_price_of_each_month(db, ada, anna, olga, travel):
    announce(ada, 'R-AC', '6,20')
    rule_changes.change('buyout_rent_percent', '50', '2026-12-02', 'Акция', actor=ada)
    unit = router(anna)
    factories.top_up(contract_of(anna), BYN('300'))
    EquipmentUnit.update(installed_at=midnight(DECEMBER)).where(EquipmentUnit.id == unit.id).execute()
    travel('2027-01-21 12:00')
    billing_run.run_due()

    lines = equipment_buy_outs.quote(unit.id, actor=anna).quote.charges
    # December 4.50, January 6.20 × 21 of 31 days
    assert next(line for line in lines if line.code == 'R-AC:share').formula.startswith('8,70 р.')
    assert accept(olga, unit) == BYN('2.00')  # 6.20 × 10 of 31


def test_those_who_rent_are_told_and_no_others(db, ada):
    def reader(name, **lent):
        contract = factories.make_contract(user=factories.make_user(email=f'{name}@example.by'))
        lend(contract, **lent)

    reader('rents')
    reader('gone', returned_at=now())
    reader('bought', ownership=Ownership.SOLD, fee='0')
    reader('other', code='R-AX')
    announce(ada, 'R-AC', '5,50')

    letters = told()
    assert {'rents@example.by', 'gone@example.by', 'bought@example.by', 'other@example.by'} & set(letters) == {
        'rents@example.by'
    }
    letter = letters['rents@example.by']
    name = Equipment.get(Equipment.code == 'R-AC').name
    assert ' '.join(letter.subject.split()) == f'Аренда «{name}» с 1 января 2027 — 5,50 р.'
    assert 'верните или выкупите устройство' in letter.text
    assert '/my/equipment' in letter.text
    price_changes.withdraw(CataloguePrice.get().id, actor=ada)
    assert CataloguePrice.get().withdrawn_at is not None


def test_the_notice_is_the_same(db, ada):
    with pytest.raises(InvalidForm) as refused:
        announce(ada, 'R-AC', '9,00', starts_on=DECEMBER)
    assert set(refused.value.errors) == {'starts_on'}


@pytest.mark.parametrize('code', ['ONT'])
def test_what_is_lent_for_nothing_has_no_price(db, ada, code):
    with pytest.raises(NotFound):
        announce(ada, code, '9,00')


def test_the_shelf_shows_it_but_does_not_take_it_off(db, ada, anna):
    announce(ada, 'R-AC', '5,50')

    line = next(line for line in shelf.list_shelf(actor=ada) if line.code == 'R-AC')
    assert (line.kind, line.fee, line.coming.fee, line.is_on_sale) == (shelf.Kind.RENT, BYN('4.50'), BYN('5.50'), True)
    assert line.subscribers == 1
    assert shelf.get_page('R-AC', actor=ada).first_fee == BYN('4.50')
    with pytest.raises(NotFound):
        shelf.archive('R-AC', actor=ada)
    assert AuditEvent.get(AuditEvent.action == 'price.announce').subject == 'rent:R-AC'


def test_a_withdrawn_price_changes_nobodys_rent(db, ada, anna):
    price_changes.withdraw(announce(ada, 'R-AC', '5,50'), actor=ada)

    assert rent_in(contract_of(anna), JANUARY) == [BYN('4.50')]


def test_every_screen_names_the_price_of_the_day(db, ada, anna, olga, travel):
    announce(ada, 'R-AC', '5,50')
    coming = [(each.kind, each.fee) for each in overview.get_overview(actor=anna).coming_prices]
    application = factories.make_application(package={'equipment': {'R-AC': 'rent'}})
    signed = contract_terms.terms_of(factories.make_contract(application=application), application).monthly

    assert coming == [('rent', BYN('5.50'))]
    assert any(price.name.endswith('с 01.01.2027 — 5,50 р.') and price.sum == BYN('4.50') for price in signed)
    travel('2027-01-01 00:10')
    assert equipment_list.list_desk('returns', '100001', actor=olga).units[0].monthly_fee == BYN('5.50')
    card = subscriber_cards.get_card('100001', actor=olga)
    assert [unit.monthly_fee for unit in card.equipment if unit.ownership == Ownership.RENTED] == [BYN('5.50')]


def test_the_constructor_rents_by_the_price_of_its_day(db, ada, travel):
    announce(ada, 'R-AC', '5,50')
    query = {'internet': ['I-100'], 'equipment': ['R-AC:rent']}

    def monthly():
        return constructor.make_offer('minsk', query, address='192.0.2.1').quote.monthly

    before = monthly()
    travel('2027-01-01 00:00')
    assert monthly() - before == BYN('1.00')


def test_the_migration_goes_there_and_back(empty_db):
    with database.connection_context():
        user, tariff = factories.make_user('administrator'), factories.make_tariff('I-900')
        facts = {
            'monthly_fee': BYN('31.90'),
            'vat_rate': 25,
            'starts_on': JANUARY,
            'announced_at': now(),
            'set_by': user,
        }
        kept = CataloguePrice.create(tariff=tariff, reason=WHY, **facts)
        device = Equipment.create(code='R-X', name='X', kind='router', rent_fee=BYN('4.50'))
        CataloguePrice.create(equipment=device, reason=WHY, **facts)
        migrations.Runner(database.obj, str(migration.DIRECTORY)).down('0023_rent_prices')
        assert list(database.execute_sql('SELECT id, tariff_id FROM catalogue_price')) == [(kept.id, tariff.id)]
        migration.migrate()

        assert CataloguePrice.get().equipment_id is None
        assert CataloguePrice.create(equipment=device, reason=WHY, **facts).id > kept.id
