"""The page of the billing clock: a rehearsal in a process of its own, told as it goes on, and its limits."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from pages.demo import clock as clock_page
from services.clock import today
from services.quotes.subscription import next_month
from tests import factories

ORIGIN = {'origin': 'http://test'}


@pytest.fixture
def visitor(someone, monkeypatch, tmp_path):
    monkeypatch.delenv('PYTEST_CURRENT_TEST', raising=False)  # NiceGUI of the process would believe it is under test
    return someone().http_client


async def ended(visitor, address='/demo/clock'):
    """Look again and again, as the page does, until the rehearsal is over."""
    async with asyncio.timeout(60):
        while 'data-clock="running"' in (page := await visitor.get(address)).text:
            await asyncio.to_thread(lambda: None)
    return page.text


async def test_a_stranger_moves_the_clock_and_reads_what_happens(visitor, committed_db):
    long_ago = today() - timedelta(days=60)
    factories.make_contract('300001', active_on=long_ago, balance=Decimal('500.00'))
    factories.make_contract('300002', active_on=long_ago, balance=Decimal('1.00'))
    assert 'Расчётные часы' in (await visitor.get('/demo/clock')).text

    until = next_month(today()).isoformat()
    answer = await visitor.post('/demo/clock', data={'until': until, 'step': '', 'contract': 'all'}, headers=ORIGIN)
    page = await ended(visitor)

    assert (answer.status_code, answer.headers['location']) == (303, '/demo/clock')
    assert 'Книги копии сходятся' in page
    assert 'Остановили интернет' in page
    assert '300001' in page
    own = await ended(visitor, '/demo/clock?contract=300001')
    assert 'Остановили интернет' not in own
    assert 'Почему спишется?' in own


async def test_a_wrong_day_is_told_beside_its_field(visitor):
    answer = await visitor.post('/demo/clock', data={'until': 'вчера', 'contract': 'all'}, headers=ORIGIN)

    assert answer.status_code == 422
    assert 'Выберите день в календаре.' in answer.text
    assert 'id="until-error"' in answer.text
    assert 'value="вчера"' in answer.text


async def test_a_contract_that_is_not_there_is_told(visitor):
    form = {'until': today().isoformat(), 'step': 'day', 'contract': '999999'}

    assert (await visitor.post('/demo/clock', data=form, headers=ORIGIN)).status_code == 404


async def test_outside_the_demo_there_is_no_clock(visitor, monkeypatch):
    monkeypatch.setattr(clock_page, 'get_settings', lambda: SimpleNamespace(demo=False))

    assert (await visitor.get('/demo/clock')).status_code == 404
    assert (await visitor.post('/demo/clock', data={'until': ''}, headers=ORIGIN)).status_code == 404
