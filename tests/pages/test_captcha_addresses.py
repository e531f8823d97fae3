"""The addresses of a captcha: picture, sound, another code."""

from datetime import UTC, datetime

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from pydantic import SecretStr

from pages.entry.captcha import register
from services.identity import captcha
from services.identity.auth_rules import get_rules
from services.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fixed_answer(monkeypatch):
    settings = Settings(_env_file=None, demo=True, demo_captcha='27384', secret_key=SecretStr('s' * 40))
    monkeypatch.setattr('services.settings.get_settings', lambda: settings)


@pytest.fixture
def visitor():
    app = FastAPI()
    register(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url='http://test')


async def test_picture_and_sound_have_addresses(visitor):
    token = captcha.issue('recovery').token

    for end, kind, beginning in (('png', 'image/png', b'\x89PNG'), ('wav', 'audio/wav', b'RIFF')):
        answer = await visitor.get(f'/captcha/{token}.{end}')
        assert (answer.status_code, answer.headers['content-type']) == (200, kind)
        assert answer.content.startswith(beginning)
        assert answer.headers['cache-control'] == 'no-store'
        assert not any('27384' in value for value in answer.headers.values())


@pytest.mark.parametrize(
    'address', ['/captcha/x.png', '/captcha/x.wav', '/captcha/x', '/captcha/new', '/captcha/new?purpose=payment']
)
async def test_a_wrong_address_is_not_found(visitor, address):
    assert (await visitor.get(address)).status_code == 404


async def test_an_expired_picture_is_not_found(visitor):
    with time_machine.travel(START, tick=False) as traveller:
        token = captcha.issue('recovery').token
        assert (await visitor.get(f'/captcha/{token}.png')).status_code == 200
        traveller.move_to(START + get_rules().tokens.captcha)
        assert (await visitor.get(f'/captcha/{token}.png')).status_code == 404


async def test_another_code_is_given_for_the_same_purpose(visitor):
    answer = await visitor.get('/captcha/new?purpose=recovery')

    assert answer.headers['cache-control'] == 'no-store'
    assert captcha._opened(answer.json()['token']).purpose == 'recovery'
