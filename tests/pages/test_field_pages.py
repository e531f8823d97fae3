"""The technician's pages and the papers, without a browser: whose they are, what a stranger gets."""

import httpx
import pytest

from models.contract import Contract, Document
from models.user import Role
from services.runner import with_connection
from tests import factories, field


@with_connection
def second_technician():
    return factories.actor(factories.make_user(Role.TECHNICIAN, login='ivan', name='Иван'), Role.TECHNICIAN)


@with_connection
def paper_of(number):
    contract = Contract.get(Contract.number == number)
    return Document.get((Document.contract == contract) & (Document.kind == 'act')).id


async def test_the_day_and_the_visit(someone, taras):
    visit = field.make_case(taras)
    user = await _open(someone(taras), '/field/')
    assert 'Новикова Нина' in user.text
    assert 'tel:+375291234567' in user.text
    assert 'https://www.openstreetmap.org/search?query=' in user.text
    assert f'/field/visits/{visit.id}' in user.text
    for nonsense in ('2026-13-45', 'x' * 500, '0001-01-01', '<b>'):
        assert (await _open(someone(taras), f'/field/?day={nonsense}')).status_code == 200


@pytest.mark.parametrize('visit', ['999999', '0', '-1', 'x', '1' * 40, '１'])
async def test_an_unknown_visit_is_a_page_not_found(someone, taras, visit):
    answer = await _open(someone(taras), f'/field/visits/{visit}')
    assert answer.status_code == 404
    assert 'Страница не найдена' in answer.text


async def test_another_technicians_visit_is_not_found(someone, taras):
    visit = field.make_case(taras)
    assert (await _open(someone(taras), f'/field/visits/{visit.id}')).status_code == 200
    answer = await _open(someone(second_technician()), f'/field/visits/{visit.id}')
    assert answer.status_code == 404
    assert 'Новикова' not in answer.text


async def test_papers_are_given_to_whom_they_concern(someone, taras, olga, anna):
    _, number = field.signed(taras)
    address = f'/files/document/{paper_of(number)}'
    for actor in (taras, olga):
        answer = await _open(someone(actor), address)
        assert answer.status_code == 200
        assert answer.content.startswith(b'%PDF')
        assert answer.headers['x-content-type-options'] == 'nosniff'
        assert answer.headers['cache-control'] == 'private, no-store'
        name = f'inline; filename="{number}.pdf"; filename*=UTF-8\'\'%D0%90%D0%BA%D1%82%20{number}.pdf'
        assert answer.headers['content-disposition'] == name
    for actor in (anna, second_technician(), None):
        assert (await _open(someone(actor), address)).status_code == 404
        assert (await _open(someone(actor), f'/files/contract/{number}')).status_code == 404
    for nonsense in ('0', '-1', 'x', '9' * 40, '..%2f..%2fetc'):
        assert (await _open(someone(olga), f'/files/document/{nonsense}')).status_code == 404
        assert (await _open(someone(olga), f'/files/contract/{nonsense}')).status_code == 404


async def _open(user, address) -> httpx.Response:
    return await user.http_client.get(address)
