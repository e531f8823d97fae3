"""An application and a place on the waiting list keep the language they were sent in; all letters about them speak it."""

from dataclasses import replace
from datetime import date

import pytest
from playhouse import migrations

from models.application import Application, ApplicationEvent, Waiting
from models.application import ApplicationStatus as S
from models.base import database
from models.contract import Contract
from models.outbox import Channel, OutgoingMessage
from models.region import Building
from models.user import User
from services import migration
from services.applications import applications, applying, waiting_list
from services.applications.application_form import ApplicationForm
from services.clock import now
from services.identity import form_tokens
from services.messages.letters import connection
from services.offers import buildings
from services.offers.buildings import BuildingChange
from services.privacy.own_facts import _application
from services.settings import get_settings
from tests import factories, field

FROM = {'address': '192.0.2.7', 'agent': 'Mozilla'}
CONNECTED = BuildingChange('connected', ('gpon',), '8', has_digital_tv=True)
TYPED = {
    'last_name': 'Ёлкина',
    'first_name': 'Анна',
    'phone': '+375291234567',
    'email': 'anna@example.by',
    'locality': 'Минск',
    'street': 'ул. Учебная',
    'house': '3',
}


def send(language):
    drawn = ApplicationForm('minsk', {'internet': ['I-50']}, token=form_tokens.draw(applying.PURPOSE), **TYPED)
    seen = applying.price_mark(applying.offer_of(drawn, address='192.0.2.7').quote)
    applying.submit(replace(drawn, price_seen=seen), **FROM, language=language)
    return Application.get()


def wait(language, **contacts):
    place = {'locality': 'Минск', 'street': 'ул. Новая Образцовая', 'house': '2', 'name': 'Нина', 'agreed': '1'}
    form = waiting_list.WaitingForm('minsk', form_tokens.draw(waiting_list.PURPOSE), **place, **contacts)
    waiting_list.join(form, **FROM, language=language)


def told(channel=Channel.EMAIL):
    return OutgoingMessage.get(OutgoingMessage.channel == channel)


@pytest.mark.parametrize(
    ('language', 'subject'),
    [('be', 'прынята'), ('en', 'received'), ('ru', 'принята')],
)
def test_an_application_keeps_the_language_it_was_sent_in(db, language, subject):
    application = send(language)

    assert application.language == language
    assert told().subject.endswith(subject)
    assert _application(application)['language'] == language, 'his own copy tells it'


@pytest.mark.parametrize(
    ('language', 'subject', 'words'),
    [
        ('be', 'падключыць не атрымаецца', 'Прычына: Далёка'),
        ('en', 'we cannot connect you', 'Reason: Далёка'),
        ('', 'подключить не получится', 'Причина: Далёка'),
    ],
)
def test_a_refusal_comes_in_the_language_of_the_application(db, olga, language, subject, words):
    application = factories.make_application(language=language)

    applications.move(application.number, S.REJECTED, 'Далёка', factories.key(), actor=olga)

    assert told().subject.endswith(subject)
    assert words in told().text


@pytest.mark.parametrize(
    ('language', 'comes', 'is_off', 'sms'),
    [
        (
            'be',
            'Майстар прыйдзе 25 лістапада з 13:00 да 15:00',
            'Візіт 25 лістапада адменены, як вы прасілі',
            'майстар',
        ),
        (
            'en',
            'The technician will come on 25 November, 13:00 to 15:00',
            'The visit on 25 November has been cancelled, as you asked',
            'technician',
        ),
        ('ru', 'Мастер придёт 25 ноября с 13:00 до 15:00', 'Визит 25 ноября отменён, как вы просили', 'мастер'),
    ],
)
def test_a_visit_is_told_in_the_language_of_the_application(db, language, comes, is_off, sms):
    application = factories.make_application(language=language)
    technician = factories.make_user('technician')
    visit = factories.make_visit(application, technician, day=date(2026, 11, 25), hour=13)

    connection.visit_scheduled(visit, application, technician)
    assert told().subject == comes
    assert sms in told(Channel.SMS).text
    OutgoingMessage.delete().execute()

    connection.visit_cancelled(visit, application)
    assert told().subject == is_off


def test_three_calls_in_vain_are_told_in_the_language_of_the_application(db):
    connection.no_answer(factories.make_application(language='en'))

    assert 'we called you' in told(Channel.SMS).text
    assert told(Channel.SMS).text.isascii(), 'a Latin SMS holds twice as much'


def test_each_who_waits_reads_of_his_house_in_his_own_language(db, olga):
    wait('be', phone='', email='nina@example.by')
    wait('en', phone='+375291112233')
    wait('', phone='', email='vera@example.by')
    house = Building.get((Building.street == 'ул. Новая Образцовая') & (Building.house == '2'))

    buildings.change(house.id, CONNECTED, actor=olga)

    letters = {row.recipient: row for row in OutgoingMessage.select()}
    assert [row.language for row in Waiting.select().order_by(Waiting.id)] == ['be', 'en', '']
    assert letters['nina@example.by'].subject.startswith('Ваш дом можна падключыць')
    assert f'/be/minsk/packets-constructor/?building={house.id}' in letters['nina@example.by'].text
    assert 'can be connected' in letters['+375291112233'].text
    assert f'/en/minsk/packets-constructor/?building={house.id}' in letters['+375291112233'].text
    assert letters['vera@example.by'].subject.startswith('Ваш дом можно подключить')
    assert f'{get_settings().url}/minsk/packets-constructor/?building={house.id}' in letters['vera@example.by'].text


def test_where_nobody_noted_a_language_the_account_says_it(db, anna, olga):
    User.update(language='be', email='vera@example.by').where(User.id == anna.user_id).execute()
    wait('', phone='', email='vera@example.by')
    connection.application_rejected(factories.make_application(email='vera@example.by', reason='Далёка'))

    assert told().subject.endswith('падключыць не атрымаецца')

    OutgoingMessage.delete().execute()
    house = Building.get((Building.street == 'ул. Новая Образцовая') & (Building.house == '2'))
    buildings.change(house.id, CONNECTED, actor=olga)
    assert told().subject.startswith('Ваш дом можна падключыць')


@pytest.mark.parametrize(('language', 'goes_on'), [('be', 'be'), ('', 'ru')])
def test_the_login_that_comes_with_the_contract_goes_on_in_it(db, taras, language, goes_on):
    _visit, number = field.signed(taras, language=language)

    assert Contract.get(Contract.number == number).subscriber.user.language == goes_on


def test_the_migration_goes_there_and_back(empty_db):
    with database.connection_context():
        region = factories.make_region()
        kept = factories.make_application(language='be', region=region)
        facts = {'address': 'Минск, ул. Садовая, 1', 'consent_version': '1', 'form_key': 'x', 'created_at': now()}
        Waiting.create(region=region, phone='+375291112233', language='en', **facts)
        ApplicationEvent.create(application=kept, kind='note', at=now())
        migrations.Runner(database.obj, str(migration.DIRECTORY)).down('0028_languages')
        assert list(database.execute_sql('SELECT number FROM application')) == [(kept.number,)]
        migration.migrate()

        assert Application.get().language == ''
        assert Waiting.get().language == ''
        assert ApplicationEvent.select().count() == 1
