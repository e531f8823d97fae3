"""The waiting list: asked for with a consent of its own, worked by an operator, told once when the house is connected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.application import Consent, Waiting
from models.outbox import Channel, OutgoingMessage
from models.region import Building, CoverageStatus
from models.user import AuditEvent
from services import limits
from services.applications import waiting_desk, waiting_list
from services.applications.waiting_list import AlreadyOpen, LooksLikeBot, WaitingForm, join
from services.clock import now
from services.errors import InvalidForm, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.events import WaitingChanged
from services.identity import form_tokens
from services.identity.form_tokens import FormStale
from services.messages.legal_texts import legal_text
from services.offers import buildings
from services.offers.buildings import BuildingChange
from services.privacy import consents, retention
from services.runner import submit as in_thread
from services.runner import with_connection
from tests.factories import make_building, make_region

PLANNED = {'locality': 'Минск', 'street': 'ул. Новая Образцовая', 'house': '2'}
FROM = {'address': '192.0.2.9', 'agent': 'Mozilla'}
CONNECTED = BuildingChange('connected', ('gpon',), '8', has_digital_tv=True)


def form(**fields):
    typed = {**PLANNED, 'name': 'Нина', 'phone': '8 029 123-45-67', 'email': '', 'agreed': '1', **fields}
    return WaitingForm(typed.pop('region', 'minsk'), form_tokens.draw(waiting_list.PURPOSE), **typed)


def planned(house='2'):
    return Building.get((Building.street == 'ул. Новая Образцовая') & (Building.house == house))


def wrong(**fields):
    with pytest.raises(InvalidForm) as refused:
        join(form(**fields), **FROM)
    assert Waiting.select().count() == 0
    return set(refused.value.errors)


def test_his_consent_is_to_the_wording_in_his_language(db):
    join(form(), **FROM, language='en')

    assert Consent.get().text_hash == legal_text('consent_waiting', 'en').sha256
    assert consents.is_proved(Consent.get())


def test_whoever_asks_is_written_down_with_his_consent_and_its_wording(db):
    join(form(), **FROM)

    row, consent, text = Waiting.get(), Consent.get(), legal_text('consent_waiting')
    assert (row.name, row.phone, row.email, row.address) == (
        'Нина',
        '+375291234567',
        '',
        'Минск, ул. Новая Образцовая, 2',
    )
    assert (consent.waiting_id, consent.purpose, consent.text_version) == (row.id, 'waiting', text.version)
    assert (consent.address, consent.agent, row.consent_version) == ('192.0.2.9', 'Mozilla', text.version)
    assert consents.is_proved(consent)
    assert WaitingChanged() in db.events


def test_a_phone_or_an_email_is_enough_and_no_name_is_asked(db):
    join(form(phone='', email='nina@example.by', name=''), **FROM)

    assert (Waiting.get().phone, Waiting.get().email) == ('', 'nina@example.by')


@pytest.mark.parametrize(
    ('fields', 'names'),
    [
        ({'agreed': ''}, {'agreed'}),
        ({'phone': '', 'email': ''}, {'phone'}),
        ({'phone': '12'}, {'phone'}),
        ({'email': 'нет'}, {'email'}),
        ({'name': '<b>'}, {'name'}),
        ({'locality': '', 'street': '\0', 'house': 'ы' * 99}, {'locality', 'street', 'house'}),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(db, fields, names):
    assert wrong(**fields) == names


def test_a_house_that_is_connected_needs_no_waiting(db):
    with pytest.raises(AlreadyOpen):
        join(form(street='ул. Учебная', house='3'), **FROM)


def test_an_address_nobody_knows_is_taken_too(db):
    join(form(street='ул. Дальняя', house='1'), **FROM)

    assert Waiting.get().house_key == 'minsk|минск|дальняя|1'


def test_bots_and_old_forms_are_refused(db, monkeypatch):
    with pytest.raises(LooksLikeBot):
        join(replace(form(), trap='x'), **FROM)
    with pytest.raises(FormStale):
        join(replace(form(), token='made up'), **FROM)
    with pytest.raises(NotFound):
        join(form(region='atlantis'), **FROM)
    assert Waiting.select().count() == 0


def test_twice_is_once_and_looks_the_same(db):
    drawn = form()
    join(drawn, **FROM)
    join(drawn, **FROM)
    join(form(street='улица новая ОБРАЗЦОВАЯ', house='д. 2'), **FROM)
    join(form(house='3'), **FROM)

    assert [row.house_key.rpartition('|')[2] for row in Waiting.select().order_by(Waiting.id)] == ['2', '3']


def test_two_at_the_same_moment_make_one(committed_db):
    drawn = with_connection(form)()
    answers = [in_thread(join, drawn, **FROM) for _ in range(4)]
    assert [answer.result() for answer in answers] == [None] * 4
    assert with_connection(Waiting.select().count)() == 1


def test_one_address_sends_ten_an_hour(db):
    most, _hour = limits.rate('waiting_requests')
    for number in range(most):
        join(form(house=str(100 + number)), **FROM)

    with pytest.raises(TooManyRequests):
        join(form(house='99'), **FROM)
    join(form(house='99'), address='192.0.2.10', agent='')
    assert Waiting.select().count() == most + 1


def test_when_the_house_is_connected_everybody_who_waits_is_told_once(db, olga):
    join(form(phone='', email='nina@example.by'), **FROM)
    join(form(street='Новая образцовая ул.', phone='+375291112233'), **FROM)
    join(form(house='3', phone='+375291112244'), **FROM)

    db.events.clear()
    assert buildings.change(planned().id, CONNECTED, actor=olga) == 2
    assert WaitingChanged() in db.events
    assert buildings.change(planned().id, replace(CONNECTED, free_ports='0'), actor=olga) == 0
    assert buildings.change(planned().id, CONNECTED, actor=olga) == 0

    letter = OutgoingMessage.get(OutgoingMessage.channel == Channel.EMAIL)
    assert letter.recipient == 'nina@example.by'
    assert f'/minsk/packets-constructor/?building={planned().id}' in letter.text
    assert 'ул. Новая Образцовая, 2' in letter.subject
    sms = OutgoingMessage.get(OutgoingMessage.channel == Channel.SMS)
    assert sms.recipient == '+375291112233'
    assert OutgoingMessage.select().count() == 2
    assert Waiting.select().where(Waiting.told_at.is_null()).count() == 1


@pytest.mark.parametrize('half', [{'status': 'planned'}, {'free_ports': '0'}, {'status': 'not_covered', 'lines': ()}])
def test_nobody_is_told_of_a_house_that_cannot_be_connected_yet(db, olga, half):
    join(form(), **FROM)

    assert buildings.change(planned().id, replace(CONNECTED, **half), actor=olga) == 0
    assert OutgoingMessage.select().count() == 0


def test_the_list_counts_houses_and_streets_the_most_wanted_first(db, olga):
    join(form(house='3'), **FROM)
    for phone in ('+375291112233', '+375291112244'):
        join(form(phone=phone), **FROM)

    page = waiting_desk.list_waiting(actor=olga)

    assert [(row.address[-1], row.of_house, row.of_street) for row in page.rows] == [
        ('2', 2, 3),
        ('2', 2, 3),
        ('3', 1, 3),
    ]
    assert (page.people, page.houses, page.pages) == (3, 2, 1)


def test_an_operator_marks_who_was_called_once(db, olga, ada):
    join(form(), **FROM)
    row_id = Waiting.get().id
    db.events.clear()

    waiting_desk.mark_contacted(row_id, actor=olga)
    waiting_desk.mark_contacted(row_id, actor=ada)

    assert waiting_desk.list_waiting(actor=olga).rows[0].contacted_by == olga.name
    assert AuditEvent.select().where(AuditEvent.action == 'waiting.contact').count() == 1
    assert WaitingChanged() in db.events
    with pytest.raises(NotFound):
        waiting_desk.mark_contacted(row_id + 1, actor=olga)


def test_the_house_most_people_wait_for_stands_first_wherever_it_is(db, olga):
    for street, phone in (('А', 1), ('Я', 2), ('Я', 3), ('Б', 4)):
        join(form(street=f'ул. {street}', phone=f'+37529111220{phone}'), **FROM)

    rows = waiting_desk.list_waiting(actor=olga).rows

    assert [row.address for row in rows] == [f'Минск, ул. {street}, 2' for street in 'ЯЯАБ']


def test_who_was_told_may_wait_again_when_the_places_are_gone(db, olga):
    join(form(), **FROM)
    buildings.change(planned().id, CONNECTED, actor=olga)
    buildings.change(planned().id, replace(CONNECTED, free_ports='0'), actor=olga)

    join(form(), **FROM)

    assert buildings.change(planned().id, CONNECTED, actor=olga) == 1


def test_who_joins_and_who_connects_wait_for_each_other(db, olga, monkeypatch):
    held = []
    monkeypatch.setattr(waiting_list, 'one_at_a_time', lambda *names: held.append(names[0]))

    join(form(), **FROM)
    buildings.change(planned().id, CONNECTED, actor=olga)

    assert held == ['waiting:minsk|минск|новая образцовая|2'] * 2


def test_who_was_told_stands_last(db, olga):
    join(form(), **FROM)
    join(form(house='3', phone='+375291112233'), **FROM)
    buildings.change(planned().id, CONNECTED, actor=olga)

    page = waiting_desk.list_waiting(actor=olga)

    assert [(row.address[-1], row.told_at is None) for row in page.rows] == [('3', True), ('2', False)]
    assert (page.people, page.houses) == (1, 1)


def test_the_list_comes_in_pages(db, olga):
    for number in range(waiting_desk.PAGE + 1):
        Waiting.create(
            region=1, phone=f'+3752911{number:05}', address='?', house_key=f'{number:03}', consent_version='1',
            form_key=f'{number}', created_at=now(),
        )  # fmt: skip

    first, last = (waiting_desk.list_waiting(page, actor=olga) for page in (1, 99))
    assert (len(first.rows), first.pages) == (waiting_desk.PAGE, 2)
    assert (len(last.rows), last.page) == (1, 2)
    assert waiting_desk.list_waiting('2', actor=olga).page == 1


@pytest.mark.parametrize(
    'service', [waiting_desk.list_waiting, lambda actor: waiting_desk.mark_contacted(1, actor=actor)]
)
def test_only_the_console_reads_it(db, service, anna, taras, stranger):
    for person, error in ((anna, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            service(actor=person)


@pytest.mark.parametrize(
    ('fields', 'days', 'stays'),
    [
        ({}, 360, True),
        ({}, 370, False),
        ({'told': 29}, 40, True),
        ({'told': 31}, 40, False),
    ],
)
def test_nobody_waits_for_ever_and_who_was_told_goes_with_his_consent(db, fields, days, stays):
    join(form(), **FROM)
    told = now() - timedelta(days=fields['told']) if 'told' in fields else None
    Waiting.update(created_at=now() - timedelta(days=days), told_at=told).execute()

    retention.run()

    assert (Waiting.select().count(), Consent.select().count()) == ((1, 1) if stays else (0, 0))


def test_the_status_of_a_house_in_no_plan_is_a_status_too():
    assert CoverageStatus('not_covered') == CoverageStatus.NOT_COVERED


@pytest.mark.parametrize(
    'typed', [{'street': 'Учебная', 'house': 'д. 3'}, {'locality': 'г. Минск', 'street': 'улица учебная', 'house': '3'}]
)
def test_a_connected_house_is_known_by_any_spelling(db, typed):
    with pytest.raises(AlreadyOpen):
        join(form(**typed), **FROM)
    assert Waiting.select().count() == 0


def test_a_house_of_another_town_waits_in_its_own_region(db, olga):
    far = make_building('9', region=make_region('borisov'), locality='Борисов', status=CoverageStatus.PLANNED)

    join(form(locality='г. Борисов', street='Пробная', house='9'), **FROM)
    join(form(locality='д. Луговая, Заславль', street='Новая', house='1'), **FROM)

    near, other = Waiting.select().order_by(Waiting.id)
    assert (near.region.slug, near.house_key) == ('borisov', 'borisov|борисов|пробная|9')
    assert (other.region.slug, other.house_key) == ('zaslavl', 'zaslavl|луговая|новая|1')
    assert buildings.change(far.id, CONNECTED, actor=olga) == 1


def test_one_person_is_told_once_however_he_signs_up(db):
    join(form(phone='', email='nina@example.by'), **FROM)
    join(form(email='Nina@example.by'), **FROM)
    join(form(phone='+375291112233', email='petr@example.by'), **FROM)
    join(form(phone='+375291112233', email=''), **FROM)
    join(form(phone='+375291112244', email=''), **FROM)

    assert [row.phone for row in Waiting.select().order_by(Waiting.id)] == ['', '+375291112233', '+375291112244']


def test_a_house_connected_while_the_form_was_open_is_told_at_once(committed_db, olga):
    """Whoever comes first: he is either on the list and told, or sees that the house is open."""
    drawn = [with_connection(form)(phone=f'+37529111220{number}') for number in range(4)]
    answers = [in_thread(join, each, **FROM) for each in drawn[:2]]
    change = in_thread(buildings.change, with_connection(planned)().id, CONNECTED, actor=olga)
    answers += [in_thread(join, each, **FROM) for each in drawn[2:]]

    change.result()
    taken = sum(isinstance(answer.exception(), AlreadyOpen) for answer in answers)
    assert [each for each in answers if not isinstance(each.exception(), AlreadyOpen | None)] == []
    assert with_connection(Waiting.select().where(Waiting.told_at.is_null()).count)() == 0
    assert with_connection(Waiting.select().count)() == len(answers) - taken


def test_a_whole_network_of_six_counts_as_one(db):
    most, _hour = limits.rate('waiting_requests')
    for number in range(most):
        join(form(house=str(100 + number)), address=f'2001:db8::{number}', agent='')

    with pytest.raises(TooManyRequests):
        join(form(house='99'), address='2001:db8::ffff', agent='')
