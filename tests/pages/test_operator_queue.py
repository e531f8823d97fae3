"""The operator's console without a browser: what appears by itself, what a click does, who is let in."""

import pytest
from nicegui import ui

from models.application import Application, ApplicationEvent
from models.application import ApplicationStatus as S
from models.user import Role
from services.applications import applications
from services.events import ApplicationChanged, deliver
from services.runner import call, with_connection
from tests import factories
from tests.factories import key, make_application

PAGES = ('/operator/', '/operator/visits', '/operator/subscribers', '/operator/subscribers/100001')


@pytest.fixture
def petr(committed_db):
    """Пётр, the second operator."""
    return factories.actor(
        factories.make_user(Role.OPERATOR, login='petr', name='Пётр', email='petr@example.by'), Role.OPERATOR
    )


@with_connection
def fresh(application):
    return Application.get_by_id(application.id)


@with_connection
def notes_of(application):
    query = ApplicationEvent.select().where(ApplicationEvent.application == application)
    return [event.note for event in query if event.kind == 'note']


async def test_a_new_application_appears_without_a_reload(someone, olga):
    operator = someone(olga)
    await operator.open('/operator/')
    await operator.should_see('Здесь пока пусто')

    application = make_application(last_name='Неожиданная')
    deliver([ApplicationChanged(application.id)])

    await operator.should_see('Неожиданная')
    await operator.should_see('Пришла новая заявка. Сейчас 1 новая заявка.'.replace('1 ', '1\u00a0'))
    await operator.should_see('Новые 1')


async def test_parts_of_the_queue_show_their_own(someone, olga):
    make_application(last_name='Новая')
    make_application(last_name='Рабочая', status=S.IN_REVIEW)
    operator = someone(olga)
    await operator.open('/operator/')
    await operator.should_see('Рабочая')

    operator.find('Новые 1').click()

    await operator.should_not_see('Рабочая')
    await operator.should_see('Новая Нина')


async def test_the_search_narrows_the_queue(someone, olga):
    make_application(last_name='Первая')
    make_application(last_name='Ёлкина')
    operator = someone(olga)
    await operator.open('/operator/')

    operator.find(kind=ui.input).type('елкина')

    await operator.should_not_see('Первая')
    await operator.should_see('Ёлкина')


async def test_taking_an_application_is_seen_on_the_open_card_of_a_colleague(someone, olga, petr):
    application = make_application()
    mine, his = someone(olga), someone(petr)
    await mine.open(f'/operator/applications/{application.number}')
    await his.open(f'/operator/applications/{application.number}')
    await his.should_see('Взять в работу')

    mine.find('Взять в работу').click()

    await his.should_see('Ольга')
    await his.should_see('Согласовать')
    await his.should_not_see('Взять в работу')
    assert fresh(application).operator_id == olga.user_id


async def test_what_is_typed_stays_when_a_colleague_changes_the_application(someone, olga, petr):
    application = make_application(status=S.IN_REVIEW)
    operator = someone(olga)
    await operator.open(f'/operator/applications/{application.number}')
    operator.find('Что сказал клиент').type('Просит в субботу')

    await call(applications.move, application.number, S.CONFIRMED, '', key(), actor=petr)
    await operator.should_see('Назначить выезд')
    operator.find('Только заметка').click()

    await operator.should_see('Заметка сохранена')
    assert notes_of(application) == ['Просит в субботу']


async def test_an_empty_note_is_refused_in_words(someone, olga):
    application = make_application(status=S.IN_REVIEW)
    operator = someone(olga)
    await operator.open(f'/operator/applications/{application.number}')

    operator.find('Только заметка').click()

    await operator.should_see('Заполните это поле.')
    assert notes_of(application) == []


async def test_rejecting_asks_for_the_reason_and_keeps_the_dialog_without_one(someone, olga):
    application = make_application()
    operator = someone(olga)
    await operator.open(f'/operator/applications/{application.number}')

    operator.find('Отклонить').click()
    await operator.should_see(f'Отклонить заявку {application.number}')
    operator.find('Причина').type('   ')
    [dialog] = operator.find(kind=ui.dialog).elements
    [confirm] = [b for b in dialog.descendants() if isinstance(b, ui.button) and 'button--danger' in b.classes]
    operator.find(marker=_marked(confirm)).click()

    await operator.should_see('Напишите причину')
    assert fresh(application).status == S.NEW


def _marked(element):
    element.mark('confirm')
    return 'confirm'


@pytest.mark.parametrize('address', [*PAGES, '/operator/applications/000001'])
async def test_the_console_is_closed_to_strangers_subscribers_and_technicians(someone, address, anna, taras):
    for actor in (None, anna, taras):
        answer = await someone(actor).http_client.get(address)

        assert answer.is_redirect
        assert not answer.headers['location'].startswith('/operator')


@pytest.mark.parametrize('address', PAGES)
async def test_the_console_is_open_to_operators_and_administrators(someone, address, anna, olga, ada):
    for actor in (olga, ada):
        assert (await someone(actor).http_client.get(address)).status_code == 200


@pytest.mark.parametrize(
    'address', ['/operator/applications/999999', '/operator/subscribers/999999', '/operator/applications/%3Cb%3E']
)
async def test_an_unknown_card_is_the_404_page(someone, address, olga):
    answer = await someone(olga).http_client.get(address)

    assert answer.status_code == 404
    assert 'Страница не найдена' in answer.text


@pytest.mark.parametrize(
    'address',
    ['/operator/?show=won&search=%00', '/operator/visits?week=2026-99-99', '/operator/visits?week=0001-01-01',
     '/operator/visits?week=9999-12-31', f'/operator/subscribers?search={"x" * 2000}'],
)  # fmt: skip
async def test_a_hostile_address_shows_the_page_all_the_same(someone, address, olga):
    assert (await someone(olga).http_client.get(address)).status_code == 200


async def test_a_name_with_markup_is_text(someone, olga):
    make_application(last_name='<img src=x onerror=alert(1)>')
    operator = someone(olga)

    await operator.open('/operator/')

    await operator.should_see('&lt;img src=x onerror=alert(1)&gt;')
    await operator.should_not_see('<img src=x')
