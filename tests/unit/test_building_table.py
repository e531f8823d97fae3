"""The building base from a table: what is a house, what is refused and why, what changes, who is told."""

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import main
from models.application import Waiting
from models.outbox import OutgoingMessage
from models.region import Building, CoverageStatus, HouseKind
from models.user import AuditEvent
from services import limits
from services.applications.waiting_list import join
from services.errors import Unfit
from services.offers import building_table, buildings
from services.offers.building_table import NoSuchTable, Refused, TooManyHouses, load_text, look_at
from services.runner import with_connection
from tests.factories import make_building
from tests.unit.test_waiting_list import FROM, PLANNED, form

HEAD = ';'.join(building_table.READ)
GOOD = 'Минск;Минск;ул. Табличная;5;квартиры;gpon, ethernet;подключаем;16;да'


def table(*lines):
    return '\n'.join([HEAD, *lines])


def counts(outcome):
    return outcome.new, outcome.changed, outcome.same, len(outcome.refused)


def test_new_houses_come_and_known_ones_change(db):
    assert counts(load_text(table(GOOD))) == (1, 0, 0, 0)
    house = Building.get(Building.street == 'ул. Табличная')
    assert (house.region.slug, house.locality, house.house) == ('minsk', 'Минск', '5')
    assert (house.house_kind, house.technologies) == (HouseKind.FLAT, ['gpon', 'ethernet'])
    assert (house.status, house.free_ports, house.has_digital_tv) == (CoverageStatus.CONNECTED, 16, True)

    assert counts(load_text(table(GOOD))) == (0, 0, 1, 0)
    assert counts(load_text(table(GOOD.replace(';16;да', ';3;нет')))) == (0, 1, 0, 0)
    fresh = Building.get_by_id(house.id)
    assert (fresh.free_ports, fresh.has_digital_tv, fresh.technologies) == (3, False, ['gpon', 'ethernet'])
    events = AuditEvent.select().where(AuditEvent.action == 'building.load').order_by(AuditEvent.id)
    assert [(event.facts['added'], event.facts['changed']) for event in events] == [(1, 0), (0, 1)]


def test_a_house_in_another_spelling_is_the_same_and_keeps_its_name(db):
    load_text(table(GOOD))

    outcome = load_text(table(GOOD.replace('ул. Табличная;5', 'улица табличная;д. 5').replace(';16;', ';4;')))

    assert counts(outcome) == (0, 1, 0, 0)
    assert Building.get(Building.street == 'ул. Табличная').free_ports == 4


def test_what_an_operator_was_given_changes_nothing(db, olga):
    make_building('77', house_kind=HouseKind.VILLAGE, has_digital_tv=False)
    given = buildings.export_table(actor=olga).decode()
    before = list(Building.select().order_by(Building.id).dicts())

    assert counts(load_text(given)) == (0, 0, len(before), 0)
    assert list(Building.select().order_by(Building.id).dicts()) == before


@pytest.mark.parametrize(
    ('cells', 'why'),
    [
        ({0: 'Вильнюс'}, Refused.REGION),
        ({0: ''}, Refused.REGION),
        ({1: ''}, Refused.ADDRESS),
        ({2: '42'}, Refused.ADDRESS),
        ({2: '<script>'}, Refused.ADDRESS),
        ({2: 'у' * 121}, Refused.ADDRESS),
        ({3: 'без номера'}, Refused.ADDRESS),
        ({3: '5\x00'}, Refused.ADDRESS),
        ({4: 'дворец'}, Refused.KIND),
        ({5: 'gpon, dial-up'}, Refused.LINES),
        ({5: ''}, Refused.NO_LINE),
        ({6: 'да'}, Refused.STATUS),
        ({7: ''}, Refused.PORTS),
        ({7: '-1'}, Refused.PORTS),
        ({7: '10000'}, Refused.PORTS),
        ({7: '٣'}, Refused.PORTS),
        ({8: '1'}, Refused.TV),
        ({5: '', 6: 'в плане'}, None),
    ],
)
def test_a_line_that_is_no_house_is_told_with_its_reason(db, cells, why):
    line = ';'.join(cells.get(place, cell) for place, cell in enumerate(GOOD.split(';')))

    outcome = load_text(table(line, GOOD.replace(';5;', ';6;')))

    assert [(each.line, each.why) for each in outcome.refused] == ([(2, why)] if why else [])
    assert Building.select().where((Building.street == 'ул. Табличная') & (Building.house == '6')).exists()


def test_a_short_line_and_an_empty_one(db):
    outcome = load_text(table(';;;;', '', 'Минск;Минск', GOOD))

    assert [(each.line, each.why) for each in outcome.refused] == [(4, Refused.ADDRESS)]
    assert outcome.new == 1


def test_one_house_stands_in_a_table_once(db):
    outcome = look_at(table(GOOD, GOOD.replace('ул. Табличная', 'Табличная улица')))

    assert [(each.line, each.why) for each in outcome.refused] == [(3, Refused.TWICE)]


def test_columns_are_found_by_their_names(db):
    head, cells = HEAD.split(';'), GOOD.split(';')
    turned = '\ufeff' + ';'.join(['Ждут', *reversed(head)]) + '\r\n' + ';'.join(['7', *reversed(cells)])

    assert counts(load_text(turned)) == (1, 0, 0, 0)
    for text in ('', GOOD, HEAD.replace('Линии', 'Техника')):
        with pytest.raises(NoSuchTable):
            load_text(text)
    for nothing in (None, 5, b'x'):
        with pytest.raises(Unfit):
            load_text(nothing)


def test_looking_changes_nothing(db):
    before = Building.select().count()

    assert counts(look_at(table(GOOD))) == (1, 0, 0, 0)
    assert Building.select().count() == before


def test_a_table_has_so_many_lines(db):
    most = limits.count('building_lines')
    assert most == building_table.MOST_LINES

    assert len(look_at(table(*['x'] * (most - 1))).refused) == most - 1
    with pytest.raises(TooManyHouses):
        look_at(table(*['x'] * most))


def test_who_waits_is_told_when_the_table_connects_his_house(db):
    join(form(), **FROM)
    line = ';'.join(['Минск', *PLANNED.values(), 'квартиры;gpon;подключаем;8;да'])

    assert load_text(table(line.replace('подключаем', 'в плане'))).told == 0
    assert load_text(table(line)).told == 1
    assert load_text(table(line)).told == 0
    assert Waiting.get().told_at is not None
    assert OutgoingMessage.select().where(OutgoingMessage.text.contains('Новая Образцовая')).count() == 1


def test_it_does_not_matter_where_a_batch_ends(db, monkeypatch):
    monkeypatch.setattr(building_table, 'BATCH', 2)
    lines = [GOOD.replace(';5;', f';{number};') for number in range(1, 6)]

    assert counts(load_text(table(*lines))) == (5, 0, 0, 0)
    assert Building.select().where(Building.street == 'ул. Табличная').count() == 5


def test_the_command_tells_what_it_did(committed_db, tmp_path, monkeypatch):
    monkeypatch.setattr(main, 'create', SimpleNamespace)
    file = tmp_path / 'houses.csv'
    file.write_text(table(GOOD, GOOD.replace('Минск', 'Вильнюс', 1)), encoding='utf-8')
    count = with_connection(lambda: Building.select().count())
    before = count()

    looked = CliRunner().invoke(main.command, ['houses', '--dry-run', str(file)])
    assert (looked.exit_code, count()) == (1, before)
    loaded = CliRunner().invoke(main.command, ['houses', str(file)])

    assert loaded.exit_code == 1
    assert '1 new, 0 changed, 0 the same, 1 refused; 0 letters' in loaded.output
    assert 'line 3 (Вильнюс;Минск;ул. Табличная;5;' in loaded.output
    assert count() == before + 1
