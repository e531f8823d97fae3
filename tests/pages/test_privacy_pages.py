"""One's own data on /my/profile, and the register of requests at the operator's."""

import json

from nicegui import ui

from models.application import Consent
from models.privacy import PrivacyRequest, RequestState
from services.privacy import exports, requests
from services.runner import with_connection
from tests import factories, person
from tests.factors import make_all_stale

ORIGIN = {'origin': 'http://test'}
PROFILE = '/my/profile'


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


async def read(visitor, address=PROFILE):
    return (await visitor.http_client.get(address)).text.replace('\xa0', ' ')


@with_connection
def states():
    return [request.state for request in PrivacyRequest.select().order_by(PrivacyRequest.id)]


async def test_the_profile_says_what_stands_in_the_way_of_erasing(someone, anna):
    page = await read(someone(anna))

    assert 'Договор 100001 действует' in page
    assert 'По договору 100001 на счёте 45,10 р. — напишите' in page
    assert 'Отправить запрос' not in page


async def test_news_are_refused_in_one_click(someone):
    visitor = someone(person.live())
    assert 'Отказаться от новостей' in await read(visitor)

    answer = await send(visitor, f'{PROFILE}/news', wanted='no')

    assert answer.headers['location'] == f'{PROFILE}?done=news-no'
    page = await read(visitor, answer.headers['location'])
    assert 'Новостей больше не будет' in page
    assert 'Отозвано' in page
    with_connection(lambda: Consent.get((Consent.purpose == 'marketing') & Consent.withdrawn_at.is_null(False)))()
    assert (await send(visitor, f'{PROFILE}/news', wanted='yes')).headers['location'] == f'{PROFILE}?done=news-yes'
    assert 'Отказаться от новостей' in await read(visitor)


async def test_a_copy_is_ordered_made_and_saved_as_a_file(someone):
    visitor = someone(person.live())
    await send(visitor, f'{PROFILE}/copy')
    assert 'Собираем ваши данные' in await read(visitor)
    with_connection(exports.build_waiting)()

    assert 'Страница, чтобы читать' in await read(visitor)
    file = await visitor.http_client.get(f'{PROFILE}/copy/json')

    assert file.headers['content-disposition'].startswith('attachment; filename="my-data.json"')
    assert file.headers['cache-control'] == 'private, no-store'
    assert file.headers['x-content-type-options'] == 'nosniff'
    assert json.loads(file.text)['person'][0]['papers']['passport'] == person.PASSPORT
    page = await visitor.http_client.get(f'{PROFILE}/copy/html')
    assert page.headers['content-disposition'].startswith('attachment')
    assert person.TALK in page.text


async def test_a_copy_waits_until_the_person_shows_that_it_is_he(someone):
    actor = person.live()
    visitor = someone(actor)
    make_all_stale(actor)

    form = await send(visitor, f'{PROFILE}/copy')
    assert 'action="/my/confirm"' in form.text
    assert f'name="then" value="{PROFILE}/copy"' in form.text
    wrong = await send(visitor, '/my/confirm', password='wrong', then=f'{PROFILE}/copy', next=PROFILE)
    assert (wrong.status_code, f'name="then" value="{PROFILE}/copy"' in wrong.text) == (422, True)

    fields = {'password': factories.PASSWORD, 'then': f'{PROFILE}/copy', 'next': PROFILE}
    right = await send(visitor, '/my/confirm', **fields)
    assert (right.status_code, right.headers['location']) == (307, f'{PROFILE}/copy')
    assert 'Собираем ваши данные' not in await read(visitor)
    assert (await send(visitor, f'{PROFILE}/copy', **fields)).headers['location'] == f'{PROFILE}?done=copy'
    assert 'Собираем ваши данные' in await read(visitor)


async def test_a_file_is_given_after_the_confirmation_only(someone):
    actor = person.live()
    with_connection(lambda: exports.order(actor=actor))()
    with_connection(exports.build_waiting)()
    visitor = someone(actor)
    make_all_stale(actor)

    asked = await visitor.http_client.get(f'{PROFILE}/copy/json')
    assert (asked.status_code, asked.headers['location']) == (303, '/my/confirm?next=%2Fmy%2Fprofile')
    there = await send(visitor, '/my/confirm', password=factories.PASSWORD, next=PROFILE)
    assert there.headers['location'] == PROFILE
    assert (await visitor.http_client.get(f'{PROFILE}/copy/json')).status_code == 200


async def test_a_copy_of_somebody_else_or_of_nobody_is_not_given(someone, anna, olga):
    actor = person.live()
    with_connection(lambda: exports.order(actor=actor))()
    with_connection(exports.build_waiting)()

    for visitor, place in ((someone(anna), f'{PROFILE}?problem=copy'), (someone(), '/my/index?next=%2Fmy%2Fprofile')):
        answer = await visitor.http_client.get(f'{PROFILE}/copy/json')
        assert (answer.status_code, answer.headers['location']) == (303, place)
    assert 'Соберите данные ещё раз' in await read(someone(anna), f'{PROFILE}?problem=copy')
    assert (await someone(olga).http_client.get(f'{PROFILE}/copy/json')).status_code == 403


async def test_a_request_is_sent_and_taken_back(someone):
    actor = person.live()
    person.leave(actor)
    visitor = someone(actor)
    page = await read(visitor)
    assert 'закон велит хранить до' in page

    await send(visitor, f'{PROFILE}/erasure', form_key=factories.key())
    assert 'Ответим не позже' in await read(visitor)
    await send(visitor, f'{PROFILE}/erasure/withdraw')

    assert states() == [RequestState.WITHDRAWN]
    assert 'Отправить запрос' in await read(visitor)


async def test_a_forged_request_of_a_running_contract_changes_nothing(someone, anna):
    answer = await send(someone(anna), f'{PROFILE}/erasure', form_key=factories.key())

    assert answer.headers['location'] == f'{PROFILE}?problem=refused'
    assert states() == []


async def test_the_operator_sees_the_days_left_and_erases(someone, olga):
    actor = person.live()
    person.leave(actor)
    with_connection(lambda: requests.ask_erasure(factories.key(), actor=actor))()
    operator = someone(olga)

    await operator.open('/operator/data-requests')
    await operator.should_see('Осталось: 15')
    operator.find(kind=ui.button, content='Удалить данные').click()
    await operator.should_see('Вернуть стёртое нельзя')
    operator.find(kind=ui.button, content='Отказать').click()
    await operator.should_see('Причина')


async def test_who_wrote_a_paper_down_is_told_that_a_colleague_erases(someone, olga):
    actor = person.live()
    person.leave(actor)
    with_connection(lambda: requests.record_paper('200777', 'erasure', factories.key(), actor=olga))()
    operator = someone(olga)

    await operator.open('/operator/data-requests')

    await operator.should_see('удаляет другой сотрудник')
    await operator.should_not_see(kind=ui.button, content='Удалить данные')


async def test_a_subscriber_does_not_come_to_the_register(someone, anna):
    answer = await someone(anna).http_client.get('/operator/data-requests')

    assert answer.headers['location'] == '/my/index'


async def test_a_stranger_is_led_to_the_door(someone):
    for path in ('news', 'copy', 'erasure', 'erasure/withdraw'):
        answer = await send(someone(), f'{PROFILE}/{path}')
        assert answer.headers['location'].startswith('/my/index?next=')
