"""The building base: found by any words of an address, changed by an operator, given as a table."""

from dataclasses import replace

import pytest

from models.region import Building, CoverageStatus
from models.user import AuditEvent
from services import limits
from services.errors import InvalidForm, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.offers import buildings
from services.offers.buildings import BuildingChange, change, export_table, list_buildings
from tests.factories import make_building

GOOD = BuildingChange('connected', ('ethernet', 'gpon'), '16', has_digital_tv=False)


def test_a_house_is_found_by_words_of_its_address_and_its_state(db, olga):
    found = list_buildings('новая ОБРАЗЦОВАЯ 2', actor=olga)
    assert [row.address for row in found.rows] == ['Минск, ул. Новая Образцовая, 2']
    assert {row.status for row in list_buildings('', 'planned', actor=olga).rows} == {CoverageStatus.PLANNED}
    assert list_buildings('', 'nonsense', actor=olga).total == Building.select().count()


def test_houses_come_in_pages(db, olga):
    for number in range(buildings.PAGE):
        make_building(str(number), street='ул. Длинная')
    make_building('последний', street='ул. Длинная')

    first, last = (list_buildings('длинная', page=page, actor=olga) for page in (1, 99))
    assert (len(first.rows), first.pages, first.total) == (buildings.PAGE, 2, buildings.PAGE + 1)
    assert [row.house for row in last.rows] == ['последний']
    assert list_buildings('длинная', page='2', actor=olga).page == 1


def test_a_change_is_kept_and_noted_once(db, olga):
    house = make_building('77')

    change(house.id, GOOD, actor=olga)
    change(house.id, GOOD, actor=olga)

    fresh = Building.get_by_id(house.id)
    assert (fresh.technologies, fresh.free_ports, fresh.has_digital_tv) == (['ethernet', 'gpon'], 16, False)
    events = list(AuditEvent.select().where(AuditEvent.action == 'building.change'))
    assert [event.subject for event in events] == [f'building:{house.id}']


@pytest.mark.parametrize(
    ('fields', 'names'),
    [
        ({'status': 'soon'}, {'status'}),
        ({'free_ports': '-1'}, {'free_ports'}),
        ({'free_ports': '10000'}, {'free_ports'}),
        ({'free_ports': '٣'}, {'free_ports'}),
        ({'lines': ()}, {'lines'}),
        ({'lines': None, 'free_ports': None, 'status': None}, {'status', 'free_ports'}),
    ],
)
def test_a_mistake_is_told_at_its_field(db, olga, fields, names):
    house = make_building('77')

    with pytest.raises(InvalidForm) as refused:
        change(house.id, replace(GOOD, **fields), actor=olga)

    assert set(refused.value.errors) == names
    assert Building.get_by_id(house.id).free_ports == 8


def test_a_house_that_is_not_there_is_not_found(db, olga):
    with pytest.raises(NotFound):
        change(2**30, GOOD, actor=olga)


def test_the_table_holds_what_was_looked_for_and_runs_nothing(db, olga):
    make_building('77', street='=ул. Формульная')

    lines = export_table('формульная', actor=olga).decode().splitlines()

    assert lines[0] == '\ufeff' + ';'.join(buildings.COLUMNS)
    assert lines[1:] == ["Минск;Минск;'=ул. Формульная;77;квартиры;gpon, ethernet;подключаем;8;да;0"]


def test_the_table_is_given_twenty_times_an_hour(db, olga):
    most, _hour = limits.rate('building_exports')
    for _ in range(most):
        export_table('нет такого', actor=olga)

    with pytest.raises(TooManyRequests):
        export_table('нет такого', actor=olga)


@pytest.mark.parametrize('service', [list_buildings, export_table, lambda actor: change(1, GOOD, actor=actor)])
def test_only_the_console_works_with_it(db, service, anna, taras, stranger):
    for person, error in ((anna, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            service(actor=person)
