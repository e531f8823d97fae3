"""Promo codes: any spelling, every limit, one use per application."""

from datetime import date

import pytest

from models.application import Redemption, RedemptionState
from models.catalogue import PromoCode
from models.contract import Contract, ContractStatus, Discount
from services.accounts import overview, planned_tariffs, subscriptions, tariff_board
from services.clock import today
from services.errors import InvalidField, TooManyRequests
from services.offers.catalogue import read_catalogue
from services.offers.promo_codes import PromoPlace, address_key, check, normalise, redeem, release, reserve
from services.quotes.promo import extra_gb_in
from tests.factories import make_application, make_contract, make_promo_code, make_subscriber, make_tariff

ADDRESS = '192.0.2.7'


def place(tariff='I-100', region='minsk', key=''):
    return PromoPlace(region, read_catalogue().find_tariff(tariff), key)


def reason(code, where):
    with pytest.raises(InvalidField) as refused:
        check(code, where, address=ADDRESS)
    assert refused.value.field == 'promo'
    return str(refused.value)


@pytest.mark.parametrize(
    'typed', ['DOM50', 'dom50', 'ДОМ50', 'дом50', ' дом 50 ', 'ДОМ-50', 'DОM50', '«ДОМ50»', 'ｄｏｍ５０']
)
def test_any_spelling_of_a_code_is_the_code(typed):
    assert normalise(typed) == 'DOM50'


@pytest.mark.parametrize(
    'hostile', ['', ' ', 'x' * 10_000, '😀', '<b>DOM50</b>', 'DOM50\x00', None, {'a': 1}, 5, "' OR 1=1"]
)
def test_what_cannot_be_a_code_is_no_code(hostile):
    assert normalise(hostile) in {'', 'OR1=1'}


def test_every_code_of_the_catalogue_fits_where_it_should(db):
    fits = {'DOM50': 'I-50', 'OSEN3': 'I-100', 'START1': 'I-100', 'TURBO6': 'I-50', 'GIGA20': 'I-10G'}
    for code, tariff in fits.items():
        assert check(code, place(tariff), address=ADDRESS).code == code


@pytest.mark.at('2026-12-31 23:59')
def test_a_code_works_on_its_last_day(db):
    assert check('DOM50', place(), address=ADDRESS).percent == 50


@pytest.mark.at('2027-01-01 00:00')
def test_a_code_ends_after_its_last_day(db):
    assert reason('DOM50', place()).startswith('Срок этого промокода вышел')


@pytest.mark.at('2026-11-22 12:00')
def test_a_code_of_tomorrow_is_refused_today(db):
    make_promo_code('TOMORROW', valid_from=date(2026, 11, 23))
    assert 'начнёт действовать' in reason('TOMORROW', place())


def test_limits_of_region_tariff_and_speed_are_told(db):
    assert 'В вашем городе' in reason('START1', place(region='borisov'))
    assert '«Драйв»' in reason('TURBO6', place('I-200'))
    assert 'от 100 Мбит/с' in reason('OSEN3', place('I-50'))


def test_a_code_taken_out_is_refused(db):
    PromoCode.update(is_active=False).where(PromoCode.code == 'DOM50').execute()
    assert reason('DOM50', place()) == 'Этот промокод больше не действует.'


def test_the_last_use_goes_to_one(db):
    make_promo_code('ONLYONE', most_uses=1)
    effect = check('ONLYONE', place(), address=ADDRESS)
    first, second = make_application(), make_application()
    reserve(first, effect, place())
    with pytest.raises(InvalidField):
        reserve(second, effect, place())
    release(first.id)
    reserve(second, effect, place())
    assert second.promo_code.code == 'ONLYONE'


def test_once_per_address_whatever_the_spelling(db):
    home = address_key('г. Минск', 'ул. Учебная', '3', '12')
    assert home == address_key('Минск', 'УЛИЦА  Учебная', '3', '12')
    assert home == address_key('Mинcк', 'Учeбнaя', '3', '12'), 'Latin letters that look like ours'
    assert home != address_key('Минск', 'Учебная', '31', '2')
    reserve(make_application(), check('OSEN3', place(key=home), address=ADDRESS), place(key=home))
    assert 'По этому адресу' in reason('OSEN3', place(key=home))
    assert check('OSEN3', place(key=address_key('Минск', 'Учебная', '3', '13')), address=ADDRESS)


def test_redeemed_by_activation_with_the_effect_of_the_day_it_was_promised(db):
    application = make_application()
    promised = check('OSEN3', place(), address=ADDRESS)
    reserve(application, promised, place())
    PromoCode.update(percent=5, months=1).where(PromoCode.code == 'OSEN3').execute()
    assert redeem(application.id) == promised
    assert redeem(application.id) == promised
    release(application.id)
    assert Redemption.get(Redemption.application == application).state == RedemptionState.REDEEMED


def test_a_released_code_is_not_redeemed(db):
    application = make_application()
    reserve(application, check('START1', place(), address=ADDRESS), place())
    release(application.id)
    release(application.id)
    assert redeem(application.id) is None
    assert redeem(make_application().id) is None


def test_one_wrong_code_left_in_its_field_stops_nobody(db):
    for _ in range(30):
        assert reason('OSEM3', place()).startswith('Такого промокода нет')
    assert check('DOM50', place(), address=ADDRESS)


def test_guessing_from_a_network_of_six_is_stopped(db):
    for number in range(10):
        with pytest.raises(InvalidField):
            check(f'GUESS{number}', place(), address=f'2001:db8::{number}')
    with pytest.raises(TooManyRequests):
        check('GUESS', place(), address='2001:db8::ffff')


def test_guessing_is_stopped_and_good_codes_cost_nothing(db):
    for _ in range(30):
        check('DOM50', place(), address=ADDRESS)
    for number in range(10):
        assert reason(f'GUESS{number}', place()).startswith('Такого промокода нет')
    with pytest.raises(TooManyRequests):
        check('DOM50', place(), address=ADDRESS)
    assert check('DOM50', place(), address='192.0.2.8').code == 'DOM50'


@pytest.mark.parametrize(
    'same',
    [
        {'phone': '+375291110011'},
        {'email': 'Client@example.by'},
        {'house': '77', 'flat': '7'},
    ],
)
def test_a_code_for_new_clients_is_not_for_those_who_have_a_contract(db, same):
    somebody = make_subscriber(phone='+375291110011')
    type(somebody).update(email='client@example.by').where(type(somebody).id == somebody.id).execute()
    make_contract(subscriber=somebody, address='Минск, ул. Демонстрационная, 77, кв. 7')
    stranger = {'phone': '+375291110022', 'email': '', 'house': '78', 'flat': '1'}
    effect = check('DOM50', place(), address=ADDRESS)

    with pytest.raises(InvalidField, match='для новых абонентов'):
        reserve(make_application(**{**stranger, **same}), effect, place())
    assert reserve(make_application(**stranger), effect, place()).state == RedemptionState.RESERVED


def test_a_code_for_new_clients_is_for_those_who_left(db):
    make_contract(subscriber=make_subscriber(phone='+375291110033'), status=ContractStatus.TERMINATED)
    effect = check('DOM50', place(), address=ADDRESS)

    assert reserve(make_application(phone='+375291110033', house='79'), effect, place()).promo_code.code == 'DOM50'


def give(contract, kind, *, month=None, **fields):
    """Write the effect of a code as activation does: this month is its only one."""
    month = (month or today()).replace(day=1)
    return Discount.create(contract=contract, kind=kind, first_month=month, last_month=month, **fields)


@pytest.mark.at('2026-11-22 12:00')
def test_more_speed_is_seen_in_the_cabinet_while_it_lasts(db, anna):
    contract = Contract.get(Contract.number == '100001')
    give(contract, 'speed', percent=150)
    give(contract, 'speed', percent=300, month=date(2026, 10, 1))

    view = overview.get_overview(actor=anna)
    assert (view.down_kbit, view.promos[0].last_day, len(view.promos)) == (150_000, date(2026, 11, 30), 1)


@pytest.mark.at('2026-11-22 12:00')
def test_more_traffic_is_counted_in_its_months(db):
    contract = make_contract(tariff='I-10G')
    give(contract, 'traffic', traffic_gb=20)
    give(contract, 'traffic', traffic_gb=5, month=date(2026, 12, 1))

    snapshot = subscriptions.load(contract)
    assert [extra_gb_in(snapshot, date(2026, month, 15)) for month in (10, 11, 12)] == [0, 20, 5]


@pytest.mark.parametrize('kind', ['months_percent', 'first_months_fixed', 'speed', 'traffic'])
def test_every_effect_ends_with_the_tariff(db, anna, kind):
    contract = Contract.get(Contract.number == '100001')
    give(contract, kind, percent=150, traffic_gb=20)
    planned_tariffs.put_into_force(contract, make_tariff('I-200'))

    view = overview.get_overview(actor=anna)
    assert (view.promos, view.down_kbit, view.extra_gb) == ((), 200_000, 0)


@pytest.mark.parametrize('kind', ['months_percent', 'first_months_fixed', 'speed', 'traffic'])
def test_that_it_will_end_is_said_before_the_tariff_is_changed(db, anna, kind):
    assert not tariff_board.read_board(actor=anna).ends_discount
    give(Contract.get(Contract.number == '100001'), kind, percent=50, traffic_gb=20)

    assert tariff_board.read_board(actor=anna).ends_discount
