"""What an operator does with applications: every command, every refusal, every step of the table."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.application import NEEDS_REASON, TRANSITIONS, ApplicationEvent, Redemption, RedemptionState
from models.application import Application as ApplicationModel
from models.application import ApplicationStatus as S
from models.catalogue import PromoCode
from models.outbox import Channel, OutgoingMessage
from models.user import AuditEvent, Role
from models.visit import Visit, VisitStatus
from services.applications import applications
from services.applications.applications import OPERATOR_STEPS, AlreadyTaken, Contacts, VisitNeeded
from services.clock import now
from services.errors import (
    DomainError,
    InvalidField,
    InvalidForm,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongTransition,
)
from services.events import ApplicationChanged, VisitChanged
from services.runner import with_connection
from tests import factories
from tests.factories import key, make_application

REASON = 'Передумали'
HOSTILE = [None, 7, {'a': 1}, ['x'], 'я' * 10_000, 'стоп\x00', 'зв\x1bонок']


def fresh(application):
    return ApplicationModel.get_by_id(application.id)


def events_of(application, kind):
    rows = ApplicationEvent.select().where(ApplicationEvent.application == application)
    return [row for row in rows.order_by(ApplicationEvent.id) if row.kind == kind]


def letters_to(recipient):
    return list(OutgoingMessage.select().where(OutgoingMessage.recipient == recipient))


@pytest.fixture
def petr(storage):
    """Пётр, the second operator."""
    user = factories.make_user(Role.OPERATOR, login='petr', name='Пётр', email='petr@example.by')
    return factories.actor(user, Role.OPERATOR)


COMMANDS = {
    'list_open': lambda _number, actor: applications.list_open(actor=actor),
    'get_card': lambda number, actor: applications.get_card(number, actor=actor),
    'take': lambda number, actor: applications.take(number, key(), actor=actor),
    'record_call': lambda number, actor: applications.record_call(number, 'reached', '', key(), actor=actor),
    'add_note': lambda number, actor: applications.add_note(number, 'Заметка', key(), actor=actor),
    'move': lambda number, actor: applications.move(number, S.IN_REVIEW, '', key(), actor=actor),
    'reject': lambda number, actor: applications.reject(number, REASON, key(), actor=actor),
    'cancel': lambda number, actor: applications.cancel(number, REASON, key(), actor=actor),
    'correct_contacts': lambda number, actor: applications.correct_contacts(
        number, Contacts('+375291112233', 'Минск', 'ул. Учебная', '3'), key(), actor=actor
    ),
}


@pytest.mark.parametrize('command', COMMANDS.values(), ids=COMMANDS)
def test_only_operators_and_administrators_work_with_applications(db, command, anna, taras, olga, ada):
    for actor in (anna, taras):
        with pytest.raises(NotAllowed):
            command(make_application().number, actor)
    with pytest.raises(SignInRequired):
        command(make_application().number, None)

    command(make_application().number, olga)
    command(make_application().number, ada)


@pytest.mark.parametrize('command', [c for n, c in COMMANDS.items() if n != 'list_open'], ids=list(COMMANDS)[1:])
@pytest.mark.parametrize('number', ['999999', '', None, {'number': 1}, '0' * 10_000, "1' OR '1'='1"])
def test_an_unknown_number_is_not_found(db, command, number, olga):
    with pytest.raises(NotFound):
        command(number, olga)


def test_taking_a_new_application_makes_it_mine(db, olga):
    application = make_application()

    applications.take(application.number, key(), actor=olga)

    assert fresh(application).status == S.IN_REVIEW
    assert fresh(application).operator_id == olga.user_id
    assert [e.to_status for e in events_of(application, 'status')] == [S.IN_REVIEW]
    assert ApplicationChanged(application.id) in db.events
    assert AuditEvent.select().where(AuditEvent.action == 'application.take').count() == 1


def test_taking_twice_with_one_key_takes_once(db, olga):
    application, form_key = make_application(), key()

    applications.take(application.number, form_key, actor=olga)
    applications.take(application.number, form_key, actor=olga)

    assert len(events_of(application, 'status')) == 1


def test_two_operators_take_one_application_and_the_second_is_told_who_won(db, olga, petr):
    application = make_application()

    applications.take(application.number, key(), actor=olga)
    with pytest.raises(AlreadyTaken) as refusal:
        applications.take(application.number, key(), actor=petr)

    assert str(refusal.value) == 'Заявку уже взял другой оператор: Ольга.'
    assert fresh(application).operator_id == olga.user_id


def test_two_operators_click_at_the_same_moment_and_exactly_one_wins(committed_db, olga, petr):
    number = make_application().number
    together = threading.Barrier(2)

    @with_connection
    def click(actor):
        together.wait()
        try:
            applications.take(number, key(), actor=actor)
        except AlreadyTaken as refusal:
            return refusal.facts['name']
        return 'won'

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(click, (olga, petr)))

    assert answers in ({'won', 'Ольга'}, {'won', 'Пётр'})


def test_a_key_of_another_application_does_nothing(db, olga):
    first, second, form_key = make_application(), make_application(), key()
    applications.take(first.number, form_key, actor=olga)

    with pytest.raises(WrongTransition):
        applications.take(second.number, form_key, actor=olga)
    assert fresh(second).status == S.NEW


@pytest.mark.parametrize('form_key', [None, '', 7, {'a': 1}, 'k' * 100, 'ключ'])
def test_a_key_of_another_shape_is_refused(db, form_key, olga):
    with pytest.raises(WrongTransition):
        applications.take(make_application().number, form_key, actor=olga)


def test_an_unanswered_call_is_remembered_and_a_reached_one_leads_back(db, olga):
    application = make_application(status=S.IN_REVIEW)

    applications.record_call(application.number, 'no_answer', 'Гудки', key(), actor=olga)
    assert fresh(application).status == S.NO_ANSWER

    applications.record_call(application.number, 'reached', 'Ждёт в среду', key(), actor=olga)
    assert fresh(application).status == S.IN_REVIEW
    assert [e.note for e in events_of(application, 'call_no_answer')] == ['Гудки']
    assert [e.note for e in events_of(application, 'call_reached')] == ['Ждёт в среду']


def test_whoever_calls_first_takes_the_application(db, olga):
    application = make_application()

    applications.record_call(application.number, 'later', 'После 18', key(), actor=olga)

    assert fresh(application).operator_id == olga.user_id
    assert fresh(application).status == S.IN_REVIEW


def test_the_third_unanswered_call_sends_one_sms(db, olga):
    application = make_application(phone='+375291110000')
    keys = [key() for _ in range(4)]

    for form_key in (*keys[:2], keys[1]):
        applications.record_call(application.number, 'no_answer', '', form_key, actor=olga)
    assert not letters_to('+375291110000')

    for form_key in keys[2:]:
        applications.record_call(application.number, 'no_answer', '', form_key, actor=olga)
    assert [m.channel for m in letters_to('+375291110000')] == [Channel.SMS]
    assert application.number in letters_to('+375291110000')[0].text


@pytest.mark.parametrize('note', HOSTILE)
def test_a_hostile_note_is_refused_beside_its_field(db, note, olga):
    application = make_application(status=S.IN_REVIEW)

    for command in (
        lambda: applications.record_call(application.number, 'reached', note, key(), actor=olga),
        lambda: applications.add_note(application.number, note, key(), actor=olga),
    ):
        with pytest.raises(InvalidField) as refusal:
            command()
        assert refusal.value.field == 'note'


@pytest.mark.parametrize('outcome', ['', None, 'won', {'x': 1}])
def test_an_unknown_outcome_of_a_call_is_refused(db, outcome, olga):
    with pytest.raises(InvalidField):
        applications.record_call(make_application().number, outcome, '', key(), actor=olga)


def test_closed_applications_take_notes_and_no_calls(db, olga):
    application = make_application(status=S.CANCELLED)

    applications.add_note(application.number, 'Позвонит\nвесной <b>😀', key(), actor=olga)
    assert events_of(application, 'note')[0].note == 'Позвонит\nвесной <b>😀'
    with pytest.raises(WrongTransition):
        applications.record_call(application.number, 'reached', '', key(), actor=olga)


@pytest.mark.parametrize(('before', 'after'), [(a, b) for a in S for b in S], ids=str)
def test_the_operator_makes_exactly_his_steps_of_the_table(db, before, after, olga):
    application = make_application(status=before)
    allowed = after in TRANSITIONS[before] and after in OPERATOR_STEPS

    if allowed:
        applications.move(application.number, after, REASON, key(), actor=olga)
    else:
        with pytest.raises(DomainError):
            applications.move(application.number, after, REASON, key(), actor=olga)

    assert fresh(application).status == (after if allowed else before)


@pytest.mark.parametrize('after', sorted(set(S) - OPERATOR_STEPS - {S.SCHEDULED}))
def test_the_steps_of_the_technician_are_not_the_operators(db, after, olga):
    with pytest.raises(NotAllowed):
        applications.move(make_application().number, after, REASON, key(), actor=olga)


def test_a_visit_is_not_scheduled_without_its_time(db, olga):
    with pytest.raises(VisitNeeded):
        applications.move(make_application(status=S.CONFIRMED).number, S.SCHEDULED, '', key(), actor=olga)


@pytest.mark.parametrize('status', [None, '', 'won', {'x': 1}])
def test_an_unknown_step_is_refused(db, status, olga):
    with pytest.raises(NotAllowed):
        applications.move(make_application().number, status, '', key(), actor=olga)


@pytest.mark.parametrize('after', sorted(NEEDS_REASON & OPERATOR_STEPS))
@pytest.mark.parametrize('reason', ['', '   ', *HOSTILE])
def test_a_step_that_needs_a_reason_is_refused_without_a_good_one(db, after, reason, olga):
    before = next(status for status in S if after in TRANSITIONS[status])
    application = make_application(status=before)

    with pytest.raises(InvalidField) as refusal:
        applications.move(application.number, after, reason, key(), actor=olga)
    assert refusal.value.field == 'reason'
    assert fresh(application).status == before


def test_rejecting_writes_one_polite_letter_with_the_reason(db, olga):
    application, form_key = make_application(email='nina@example.by'), key()

    for _ in range(2):
        applications.reject(application.number, 'В доме ведутся работы', form_key, actor=olga)

    letters = letters_to('nina@example.by')
    assert [letter.subject for letter in letters] == [f'Заявка {application.number}: подключить не получится']
    assert 'В доме ведутся работы' in letters[0].text
    assert len(events_of(application, 'status')) == 1
    assert fresh(application).reason == 'В доме ведутся работы'


def test_rejecting_without_an_email_writes_no_letter(db, olga):
    applications.reject(make_application(email='').number, REASON, key(), actor=olga)

    assert OutgoingMessage.select().count() == 0


@pytest.mark.parametrize('command', [applications.reject, applications.cancel])
def test_a_closed_application_gives_its_promo_code_back(db, command, olga):
    promo = PromoCode.get(PromoCode.code == 'DOM50')
    application = make_application(promo_code=promo)
    Redemption.create(
        promo_code=promo, application=application, address_key='x', state=RedemptionState.RESERVED, effect={}, at=now()
    )

    command(application.number, REASON, key(), actor=olga)

    assert Redemption.get(Redemption.application == application).state == RedemptionState.RELEASED


def test_cancelling_calls_the_planned_visit_off(db, olga, taras):
    application = make_application(status=S.SCHEDULED)
    visit = factories.make_visit(application, taras)

    applications.cancel(application.number, REASON, key(), actor=olga)

    assert Visit.get_by_id(visit.id).status == VisitStatus.CANCELLED
    assert VisitChanged(visit.id, taras.user_id) in db.events


def test_corrected_contacts_keep_what_stood_there_before(db, olga):
    application = make_application(phone='+375291234567', email='', house='5')
    contacts = Contacts('8 029 111-22-33', 'Минск', 'ул. Демонстрационная', '7', ' Nina@Example.BY ', flat='12')

    applications.correct_contacts(application.number, contacts, key(), actor=olga)

    corrected = fresh(application)
    assert (corrected.phone, corrected.house) == ('+375291112233', '7')
    assert corrected.email == 'Nina@example.by'
    note = events_of(application, 'contacts')[0].note
    assert '+375291234567 → +375291112233' in note
    assert AuditEvent.get(AuditEvent.action == 'application.correct').facts == {'fields': ['email', 'house', 'phone']}


def test_contacts_that_did_not_change_leave_no_trace(db, olga):
    application = make_application()
    same = Contacts(
        application.phone, application.locality, application.street, application.house, application.email, flat='12'
    )

    applications.correct_contacts(application.number, same, key(), actor=olga)

    assert not events_of(application, 'contacts')


@pytest.mark.parametrize('value', [None, {'x': 1}, '', 'я' * 10_000, '\x00', '<b>', '+375291', '+79161234567'])
def test_wrong_contacts_are_named_all_at_once(db, value, olga):
    application = make_application()

    with pytest.raises(InvalidForm) as refusal:
        applications.correct_contacts(
            application.number, Contacts(value, '', 'ул. Учебная', '3', email='not an address'), key(), actor=olga
        )
    assert set(refusal.value.errors) == {'phone', 'locality', 'email'}


def test_contacts_of_a_closed_application_stay(db, olga):
    with pytest.raises(WrongTransition):
        applications.correct_contacts(
            make_application(status=S.REJECTED).number, Contacts('+375291112233', 'a', 'b', 'c'), key(), actor=olga
        )
