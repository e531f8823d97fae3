"""Access of relatives without a browser: what a relative is shown, where he may go, and the switch of contracts."""

import re
from datetime import date

import pytest

from models.access import AccessGrant
from models.outbox import OutgoingMessage
from models.user import User
from services.contracts import access_grants
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factors import make_all_stale

ORIGIN = {'origin': 'http://test'}
PLACES = ('tariff', 'services', 'suspension', 'history', 'documents', 'chat', 'profile', 'access', 'security')


async def get(visitor, address):
    return (await visitor.http_client.get(address)).text.replace('\xa0', ' ')


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


def hidden(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


@pytest.mark.parametrize(
    ('level', 'open_places', 'words'),
    [
        ('see', {'services', 'history', 'documents', 'security'}, 'вам открыт просмотр'),
        ('pay', {'services', 'history', 'documents', 'security'}, 'вам открыта оплата'),
        ('manage', {*PLACES} - {'profile', 'access'}, 'вам открыто управление'),
    ],
)
async def test_a_relative_sees_whose_it_is_and_only_what_is_open(someone, anna, vera, level, open_places, words):
    factories.open_access(contract_of(anna), vera, level, valid_until=date(2099, 12, 25))
    visitor = someone(factories.working_with(vera, contract_of(anna)))

    page = await get(visitor, '/my/index')

    assert 'Договор 100001, Анна П.</p>' in page.replace(f' — {words} по 25 декабря 2099', '')
    rail = re.search(r'<nav class="rail".*?</nav>', page, re.DOTALL)[0]
    statuses = {place: (await visitor.http_client.get(f'/my/{place}')).status_code for place in PLACES}
    assert {place for place, status in statuses.items() if status == 200} == open_places
    assert {place for place in PLACES if f'/my/{place}"' in rail} == open_places
    assert ('Сменить тариф' in page) == (level == 'manage')


async def test_what_is_not_open_leads_to_the_first_page_with_the_reason(someone, anna, vera):
    factories.open_access(contract_of(anna), vera)
    visitor = someone(factories.working_with(vera, contract_of(anna)))

    for answer in (
        await visitor.http_client.get('/my/profile'),
        await send(visitor, '/my/promise', form_key='key-1'),
        await send(visitor, '/my/pay', amount='20', form_key='key-2'),
        await send(visitor, '/my/services/disconnect', code='A-IP'),
        await send(
            visitor, '/my/access', name='Я', email='me@example.by', level='manage', until='year', form_key='k12'
        ),
    ):
        assert (answer.status_code, answer.headers['location']) == (303, '/my/index?problem=owner')
    assert 'это может владелец договора' in await get(visitor, '/my/index?problem=owner')


async def test_the_switch_keeps_the_page_where_the_other_contract_has_one(someone, anna, vera):
    factories.open_access(contract_of(anna), vera)
    visitor = someone(vera)
    page = await get(visitor, '/my/history?before=5')
    assert hidden(page, 'back') == '/my/history'
    cookie = visitor.http_client.cookies['sid']

    there = await send(visitor, '/my/contract', number='100004', back='/my/history')
    shown = await get(visitor, '/my/history')
    assert there.headers['location'] == '/my/history'
    assert re.search(r'value="100004" aria-current="true"', shown)

    for number, back in (('100001', '/my/tariff'), ('100003', '/my/pay/return'), ('100003', 'https://evil.example')):
        there = await send(visitor, '/my/contract', number=number, back=back)
        assert there.headers['location'] == '/my/index'
    assert visitor.http_client.cookies['sid'] == cookie


async def test_a_form_drawn_for_another_contract_does_nothing(someone, anna, boris, vera):
    factories.open_access(contract_of(boris), vera, 'pay')
    visitor = someone(factories.working_with(vera, contract_of(boris)))
    page = await get(visitor, '/my/index')
    fields = {name: hidden(page.split('action="/my/promise"')[1], name) for name in ('contract', 'form_key')}
    await send(visitor, '/my/contract', number='100003')

    answer = await send(visitor, '/my/promise', **fields)

    assert (fields['contract'], answer.headers['location']) == ('100002', '/my/index?problem=moved')
    assert 'был открыт другой договор' in await get(visitor, '/my/index?problem=moved')


async def test_somebody_to_whom_nothing_is_open_is_told_so(someone, anna, vera):
    mother = _mother(vera)
    factories.open_access(contract_of(anna), mother)
    visitor = someone(factories.working_with(mother, contract_of(anna)))
    assert 'Договор 100001' in await get(visitor, '/my/index')
    _end_all()

    assert 'Сейчас вам не открыт ни один договор' in await get(visitor, '/my/index')
    assert (await visitor.http_client.get('/my/history')).headers['location'] == '/my/index'
    assert 'Сменить пароль' in await get(visitor, '/my/security')


@with_connection
def _mother(vera):
    user = factories.make_user(login='9123456', name='Мама', first_name='Мама')
    return type(vera)(user.id, user.name, vera.role)


@with_connection
def _end_all():
    AccessGrant.update(ended_at=User.get().created_at).execute()


async def test_the_owner_invites_and_a_mistake_stands_beside_its_field(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, '/my/access')
    fields = {'level': 'pay', 'until': 'year', 'contract': '100001', 'form_key': hidden(page, 'form_key')}

    wrong = await send(visitor, '/my/access', name='Вера', email='vera', **fields)
    assert wrong.status_code == 422
    assert 'id="email-error"' in wrong.text
    assert 'value="Вера"' in wrong.text

    right = await send(visitor, '/my/access', name='Вера', email='vera@example.by', **fields)
    assert right.headers['location'] == '/my/access?done=given'
    assert 'Приглашение отправлено' in await get(visitor, '/my/access')


async def test_what_was_typed_waits_while_the_password_is_asked(someone, anna):
    visitor = someone(anna)
    typed = {'name': 'Вера', 'email': 'vera@example.by', 'level': 'pay', 'until': 'month'}
    typed |= {'contract': '100001', 'form_key': factories.key()}
    make_all_stale(anna)

    asked = await send(visitor, '/my/access', **typed)
    kept = {name: hidden(asked.text, name) for name in (*typed, 'then', 'next')}
    assert kept == {**typed, 'then': '/my/access', 'next': '/my/access'}

    on = await send(visitor, '/my/confirm', **kept, password=factories.PASSWORD)
    assert (on.status_code, on.headers['location']) == (307, '/my/access')
    done = await send(visitor, '/my/access', **kept, password=factories.PASSWORD)
    assert done.headers['location'] == '/my/access?done=given'
    assert _given() == ('Вера', 'pay')


@pytest.mark.parametrize(
    ('form', 'fields', 'done'),
    [('change', {'level': 'manage', 'until': 'keep'}, 'changed'), ('again', {}, 'again')],
)
async def test_a_change_waits_for_the_password_too_and_an_end_does_not(someone, anna, form, fields, done):
    visitor = someone(anna)
    typed = {**fields, 'grant': str(_invitation(anna)), 'contract': '100001'}
    make_all_stale(anna)

    asked = await send(visitor, f'/my/access/{form}', **typed)
    kept = {name: hidden(asked.text, name) for name in (*typed, 'then')}
    assert kept == {**typed, 'then': f'/my/access/{form}'}
    ended = await send(visitor, '/my/access/end', grant='0', contract='100001')
    assert ended.headers['location'] == '/my/access?problem=refused'

    await send(visitor, '/my/confirm', **kept, password=factories.PASSWORD)
    assert (await send(visitor, f'/my/access/{form}', **kept)).headers['location'] == f'/my/access?done={done}'


@with_connection
def _given():
    grant = AccessGrant.get()
    return grant.name, grant.level


@with_connection
def _invitation(owner):
    access_grants.give('Вера', 'vera@example.by', 'see', 'year', factories.key(), actor=owner)
    return AccessGrant.get().id


async def test_the_link_is_looked_at_by_post_and_accepted_by_a_new_person(someone, anna):
    await test_the_owner_invites_and_a_mistake_stands_beside_its_field(someone, anna)
    visitor = someone()
    door = await visitor.http_client.get('/my/access/accept')
    assert door.headers['referrer-policy'] == 'no-referrer'

    offer = await send(visitor, '/my/access/accept', token=_key())
    assert 'Анна П. открывает вам договор 100001' in offer.text
    short = await send(visitor, '/my/access/accept/new', token=_key(), name='Вера', new='1', again='1')
    assert (short.status_code, 'id="new-error"' in short.text) == (422, True)
    done = await send(
        visitor, '/my/access/accept/new', token=_key(), name='Вера', new='кони едят овёс', again='кони едят овёс'
    )
    assert re.search(r'class="figure">9\d{6}<', done.text)
    assert (await send(visitor, '/my/access/accept', token=_key())).status_code == 410


@with_connection
def _key():
    letter = OutgoingMessage.get(OutgoingMessage.text.contains('/my/access/accept#'))
    return re.search(r'accept#(\S+)', letter.text)[1]
