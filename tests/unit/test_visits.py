"""The technician's day: his own visits, step by step, each once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.application import Application, ApplicationEvent, Redemption, RedemptionState
from models.application import ApplicationStatus as S
from models.catalogue import PromoCode
from models.contract import Contract, EquipmentUnit
from models.region import Technology
from models.user import AuditEvent, Role
from models.visit import Visit, VisitReport, VisitStatus
from services.clock import now, today
from services.contracts import credentials
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.events import ApplicationChanged, VisitChanged
from services.visits import visit_cards, visits
from services.visits.line_quality import LineForm, LineQuality, quality_of
from services.visits.visit_cards import Step
from services.visits.visits import AccessNotGiven
from tests import factories, field
from tests.field import LINE, PAPERS, key


@pytest.fixture
def ivan(storage):
    """Иван, the other technician."""
    user = factories.make_user(Role.TECHNICIAN, login='ivan', name='Иван')
    return factories.actor(user, Role.TECHNICIAN)


def status_of(visit):
    return Application.get_by_id(visit.application.id).status, Visit.get_by_id(visit.id).status


COMMANDS = {
    'get_visit': lambda visit, actor: visit_cards.get_visit(visit, actor=actor),
    'depart': lambda visit, actor: visits.depart(visit, key(), actor=actor),
    'arrive': lambda visit, actor: visits.arrive(visit, key(), actor=actor),
    'no_access': lambda visit, actor: visits.no_access(visit, 'Не открыли', key(), actor=actor),
    'fail': lambda visit, actor: visits.fail(visit, 'Нет порта', key(), actor=actor),
    'record_line': lambda visit, actor: visits.record_line(visit, LINE, actor=actor),
    'record_equipment': lambda visit, actor: visits.record_equipment(visit, 'ONT', 'HWTC00000001', 'a' * 12, actor=actor),
    'fill_papers': lambda visit, actor: visits.fill_papers(visit, PAPERS, actor=actor),
    'begin_signing': lambda visit, actor: visits.begin_signing(visit, key(), actor=actor),
    'sign': lambda visit, actor: visits.sign(visit, field.SIGNATURE, key(), actor=actor),
    'complete': lambda visit, actor: visits.complete(visit, actor=actor),
}  # fmt: skip


@pytest.mark.parametrize('command', COMMANDS)
def test_another_technicians_visit_is_not_found_and_others_may_not(db, taras, ivan, olga, anna, stranger, command):
    visit = field.arrived(taras)
    before = status_of(visit)
    for actor, refusal in ((ivan, NotFound), (olga, NotAllowed), (anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            COMMANDS[command](visit.id, actor)
    for unknown in (visit.id + 1000, None, {'a': 1}, '1'):
        with pytest.raises(NotFound):
            COMMANDS[command](unknown, taras)
    assert status_of(visit) == before


def test_an_administrator_changes_the_hat_first(db, taras, ada):
    visit = field.make_case(taras)
    with pytest.raises(NotAllowed):
        visit_cards.get_visit(visit.id, actor=ada)


def test_the_day_lists_own_visits_in_their_order(db, taras, ivan):
    late = factories.make_visit(factories.make_application(status=S.SCHEDULED), taras, day=today(), hour=15)
    early = field.make_case(taras)
    field.make_case(ivan)
    factories.make_visit(factories.make_application(), taras, day=today() + timedelta(days=1))
    gone = factories.make_visit(factories.make_application(), taras, day=today(), hour=17, status='cancelled')
    lines = visit_cards.list_day(today(), actor=taras)
    assert [line.id for line in lines] == [early.id, late.id]
    assert gone.id not in {line.id for line in lines}
    assert lines[0].name == 'Новикова Нина'
    assert lines[0].tariff == 'Комфорт'


def test_from_the_road_to_the_end(db, taras):
    visit = field.make_case(taras)
    card = visit_cards.get_visit(visit.id, actor=taras)
    assert card.technology == Technology.GPON
    assert {device.code for device in card.devices} == {'R-AC', 'ONT'}
    seen = [card.now]

    def look():
        seen.append(visit_cards.get_visit(visit.id, actor=taras).now)

    visits.depart(visit.id, key(), actor=taras)
    assert status_of(visit) == (S.EN_ROUTE, VisitStatus.EN_ROUTE)
    look()
    visits.arrive(visit.id, key(), actor=taras)
    assert status_of(visit) == (S.INSTALLING, VisitStatus.STARTED)
    look()
    field.record_devices(visit, taras)
    look()
    visits.record_line(visit.id, LINE, actor=taras)
    look()
    visits.fill_papers(visit.id, PAPERS, actor=taras)
    visits.begin_signing(visit.id, key(), actor=taras)
    assert status_of(visit) == (S.CONTRACT_SIGNING, VisitStatus.STARTED)
    look()
    number = visits.sign(visit.id, field.SIGNATURE, key(), actor=taras)
    look()
    credentials.issue(number, actor=taras)
    credentials.seal(number, actor=taras)
    look()
    visits.complete(visit.id, actor=taras)
    look()
    assert seen == [*Step, Step.DONE]
    assert status_of(visit) == (S.ACTIVATED, VisitStatus.COMPLETED)
    assert {VisitChanged(visit.id, taras.user_id), ApplicationChanged(visit.application.id)} <= set(db.events)
    actions = [row.action for row in AuditEvent.select().where(AuditEvent.subject == f'visit:{visit.id}')]
    assert {'visit.en_route', 'visit.installing', 'visit.equipment', 'visit.line', 'visit.complete'} <= set(actions)


def test_one_click_twice_is_one_step(db, taras):
    visit, form_key = field.make_case(taras), key()
    visits.depart(visit.id, form_key, actor=taras)
    visits.depart(visit.id, form_key, actor=taras)
    assert ApplicationEvent.select().where(ApplicationEvent.application == visit.application).count() == 1
    assert AuditEvent.select().where(AuditEvent.action == 'visit.en_route').count() == 1
    with pytest.raises(WrongTransition):
        visits.depart(visit.id, key(), actor=taras)


def test_a_key_of_another_application_is_refused(db, taras):
    first, second, form_key = field.make_case(taras), field.make_case(taras), key()
    visits.depart(first.id, form_key, actor=taras)
    with pytest.raises(WrongTransition):
        visits.depart(second.id, form_key, actor=taras)


def test_nobody_opened(db, taras):
    visit = field.make_case(taras)
    visits.depart(visit.id, key(), actor=taras)
    visits.no_access(visit.id, 'Никто не открыл, телефон молчит', key(), actor=taras)
    assert status_of(visit) == (S.NO_ACCESS, VisitStatus.NO_ACCESS)
    assert Visit.get_by_id(visit.id).reason == 'Никто не открыл, телефон молчит'


@pytest.mark.parametrize('reason', ['', ' \n ', None, {'a': 1}, 'я' * 1001, 'стоп\x00'])
def test_a_reason_is_needed(db, taras, reason):
    visit = field.make_case(taras)
    visits.depart(visit.id, key(), actor=taras)
    with pytest.raises(InvalidField) as refusal:
        visits.no_access(visit.id, reason, key(), actor=taras)
    assert refusal.value.field == 'reason'


def test_failing_puts_the_devices_back_and_the_visit_can_be_arranged_again(db, taras, ivan):
    visit = field.arrived(taras)
    field.record_devices(visit, taras)
    visits.fail(visit.id, 'Нет порта в доме', key(), actor=taras)
    assert status_of(visit) == (S.FAILED, VisitStatus.FAILED)
    assert not EquipmentUnit.select().exists()
    other = field.arrived(ivan)
    field.record_devices(other, ivan)  # the same serial numbers are free again


def test_a_client_who_does_not_sign_has_cancelled_and_the_code_is_given_back(db, taras):
    visit = field.ready(taras)
    Redemption.create(
        promo_code=PromoCode.get(PromoCode.code == 'DOM50'), application=visit.application, address_key='x',
        state=RedemptionState.RESERVED, effect={}, at=now(),
    )  # fmt: skip
    visits.fail(visit.id, 'Передумал', key(), actor=taras)
    assert status_of(visit) == (S.CANCELLED, VisitStatus.FAILED)
    assert Redemption.get().state == RedemptionState.RELEASED


def test_after_the_signature_nothing_fails(db, taras):
    visit, _ = field.signed(taras)
    for command in ('fail', 'no_access', 'record_line', 'record_equipment', 'fill_papers', 'depart', 'arrive'):
        with pytest.raises(WrongTransition):
            COMMANDS[command](visit.id, taras)


def test_a_visit_called_off_cannot_be_begun(db, taras):
    visit = field.make_case(taras)
    Visit.update(status=VisitStatus.CANCELLED).where(Visit.id == visit.id).execute()
    with pytest.raises(WrongTransition):
        visits.depart(visit.id, key(), actor=taras)


def test_not_over_before_the_client_has_his_access(db, taras):
    visit = field.ready(taras)
    with pytest.raises(WrongTransition):
        visits.complete(visit.id, actor=taras)
    number = visits.sign(visit.id, field.SIGNATURE, key(), actor=taras)
    with pytest.raises(AccessNotGiven):
        visits.complete(visit.id, actor=taras)
    credentials.issue(number, actor=taras)
    visits.complete(visit.id, actor=taras)
    visits.complete(visit.id, actor=taras)
    assert AuditEvent.select().where(AuditEvent.action == 'visit.complete').count() == 1
    assert visit_cards.get_visit(visit.id, actor=taras).is_access_sealed


def test_devices_are_normalised_and_corrected(db, taras):
    visit = field.arrived(taras)
    visits.record_equipment(visit.id, 'R-AC', ' tp 77 ', 'aabb-ccdd.eeff', actor=taras)
    visits.record_equipment(visit.id, 'R-AC', 'TP78', 'AA:BB:CC:DD:EE:F0', actor=taras)
    unit = EquipmentUnit.get()
    assert (unit.serial, unit.mac, unit.ownership, unit.monthly_fee) == (
        'TP78', 'AA:BB:CC:DD:EE:F0', 'rented', Decimal('4.50'),
    )  # fmt: skip


@pytest.mark.parametrize(
    ('code', 'serial', 'mac', 'wrong'),
    [
        ('R-AC', '', 'aabbccddeeff', 'serial'), ('R-AC', 'TP<b>', 'aabbccddeeff', 'serial'),
        ('R-AC', 'A' * 10_000, 'aabbccddeeff', 'serial'), ('R-AC', {'a': 1}, 'aabbccddeeff', 'serial'),
        ('R-AC', 'TP77', '', 'mac'), ('R-AC', 'TP77', 'aabbccddeef', 'mac'), ('R-AC', 'TP77', 'ggbbccddeeff', 'mac'),
        ('R-AC', 'TP77', '000000000000', 'mac'), ('R-AC', 'TP77', ['x'], 'mac'),
        ('ONT', 'TP770001', 'aabbccddeeff', 'serial'), ('ONT', 'HWTC0000000G', 'aabbccddeeff', 'serial'),
    ],
)  # fmt: skip
def test_wrong_labels_are_told_beside_the_field(db, taras, code, serial, mac, wrong):
    visit = field.arrived(taras)
    with pytest.raises(InvalidField) as refusal:
        visits.record_equipment(visit.id, code, serial, mac, actor=taras)
    assert refusal.value.field == wrong
    assert not EquipmentUnit.select().exists()


def test_a_device_is_at_one_subscriber_only(db, taras, ivan):
    field.record_devices(field.arrived(taras), taras)
    visit = field.arrived(ivan)
    with pytest.raises(InvalidField) as refusal:
        visits.record_equipment(visit.id, 'R-AC', 'TP0001', 'aabbccddeeff', actor=ivan)
    assert refusal.value.field == 'serial'
    with pytest.raises(InvalidField) as refusal:
        visits.record_equipment(visit.id, 'R-AC', 'TP0002', '50:C7:BF:00:00:01', actor=ivan)
    assert refusal.value.field == 'mac'


def test_only_devices_of_the_package(db, taras):
    visit = field.arrived(taras)
    for code in ('STB', 'NOPE', None):
        with pytest.raises(NotFound):
            visits.record_equipment(visit.id, code, 'TP77', 'aabbccddeeff', actor=taras)


def test_a_line_that_is_not_optical_needs_no_level(db, taras):
    visit = field.arrived(taras, street='ул. Учебная', house='1')
    card = visit_cards.get_visit(visit.id, actor=taras)
    assert card.technology == Technology.ETHERNET
    assert {device.code for device in card.devices} == {'R-AC'}
    visits.record_line(visit.id, LineForm(down='94', up='90'), actor=taras)
    report = VisitReport.get()
    assert (report.line_level_dbm, report.down_mbit, report.up_mbit) == (None, 94, 90)
    assert visit_cards.get_visit(visit.id, actor=taras).is_line_recorded


@pytest.mark.parametrize(
    ('level', 'quality'),
    [
        ('-9.99', LineQuality.RED), ('-10', LineQuality.GREEN), ('-25', LineQuality.GREEN),
        ('-25.01', LineQuality.AMBER), ('-27', LineQuality.AMBER), ('-27.01', LineQuality.RED),
    ],
)  # fmt: skip
def test_levels_at_their_borders(level, quality):
    assert quality_of(Decimal(level)) == quality


def test_a_red_level_needs_a_note(db, taras):
    visit = field.arrived(taras)
    with pytest.raises(InvalidForm) as refusal:
        visits.record_line(visit.id, LineForm('−28,4', '94', '90'), actor=taras)
    assert set(refusal.value.errors) == {'note'}
    visits.record_line(visit.id, LineForm('−28,4', '94', '90', 'Заказал переварку муфты'), actor=taras)
    assert VisitReport.get().line_level_dbm == Decimal('-28.40')


@pytest.mark.parametrize(
    ('form', 'wrong'),
    [
        (LineForm('', '94', '90'), {'level'}), (LineForm('18', '94', '90'), {'level'}),
        (LineForm('-180', '94', '90'), {'level'}), (LineForm('-18', '', '0'), {'down', 'up'}),
        (LineForm('-18', '94,5', '１0'), {'down', 'up'}), (LineForm('-18', '94', '90', 'я' * 501), {'note'}),
        (LineForm(None, {'a': 1}, 'x' * 10_000, None), {'level', 'down', 'up', 'note'}),
    ],
)  # fmt: skip
def test_a_wrong_reading_is_told_beside_the_field(db, taras, form, wrong):
    visit = field.arrived(taras)
    with pytest.raises(InvalidForm) as refusal:
        visits.record_line(visit.id, form, actor=taras)
    assert set(refusal.value.errors) == wrong
    assert not VisitReport.select().exists()


def test_the_draft_made_by_the_operator_is_used(db, taras, olga):
    visit = field.make_case(taras)
    number = field.draft_number(visit, olga)
    visits.depart(visit.id, key(), actor=taras)
    visits.arrive(visit.id, key(), actor=taras)
    assert [row.number for row in Contract.select().where(Contract.application == visit.application)] == [number]
