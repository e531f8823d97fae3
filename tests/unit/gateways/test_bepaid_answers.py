"""What the adapter makes of answers the sandbox never gives: broken, foreign, redirecting."""

import httpx
import pytest

from services.gateways.bepaid_answers import is_refusal, refusal_of
from services.gateways.bepaid_wire import transaction_status
from services.gateways.payment_gateway import GatewayRefused, GatewayStatus, GatewayUnknown


@pytest.mark.parametrize(
    ('status', 'body'),
    [
        (502, b'Bad gateway'),
        (503, b'{"message":"later"}'),
        (302, b''),
        (429, b'{"message":"slow down"}'),
        (408, b''),
        (200, b'not json'),
        (200, b'[]'),
        (200, b'{"checkout":{"token":"a"}}'),
        (201, b'{"checkout":{"token":"../x","redirect_url":"https://x"}}'),
    ],
)
def test_answer_that_is_no_answer_is_unknown(world, monkeypatch, status, body):
    answer_with(monkeypatch, status, body)

    with pytest.raises(GatewayUnknown):
        world.checkout()


@pytest.mark.parametrize('body', [b'', b'<html>', b'[' * 100_000, b'{"errors":[1]}', b'{"response":[]}'])
def test_refusal_with_a_strange_body_is_still_a_refusal(world, monkeypatch, body):
    answer_with(monkeypatch, 422, body)

    with pytest.raises(GatewayRefused) as refused:
        world.checkout()

    assert refused.value.status == 422


def test_redirect_is_not_followed(world, monkeypatch):
    seen = answer_with(monkeypatch, 307, b'', {'location': 'http://127.0.0.1:1/steal'})

    with pytest.raises(GatewayUnknown):
        world.checkout()

    assert len(seen) == 1


def test_request_has_the_documented_headers(world, monkeypatch):
    seen = answer_with(monkeypatch, 500, b'')

    with pytest.raises(GatewayUnknown):
        world.checkout()

    headers = seen[0].headers
    assert headers['x-api-version'] == '2'
    assert headers['content-type'] == 'application/json'
    assert headers['accept'] == 'application/json'
    assert headers['authorization'].startswith('Basic ')


def test_finished_token_with_status_error_is_a_state_not_a_refusal():
    assert not is_refusal(200, b'{"checkout":{"status":"error","expired":true,"order":{"amount":1}}}')
    assert is_refusal(200, b'{"checkout":{"status":"error","message":"no"}}')


def test_all_three_shapes_are_read():
    errors = b'{"message":"m","errors":{"a":{"b":["x","y"]}}}'
    for body in (errors, b'{"response":' + errors + b'}', b'{"checkout":' + errors + b'}'):
        refused = refusal_of(422, body)
        assert (refused.message, refused.fields) == ('m', {'a.b': ('x', 'y')})


@pytest.mark.parametrize('word', ['incomplete', 'pending', 'processing', 'unknown', 'never-seen', ''])
def test_word_nobody_knows_is_never_a_failure(word):
    assert transaction_status(word) is GatewayStatus.PROCESSING


def answer_with(monkeypatch, status, body, headers=None):
    seen = []

    def handle(_transport, request):
        seen.append(request)
        return httpx.Response(status, content=body, headers=headers)

    monkeypatch.setattr(httpx.HTTPTransport, 'handle_request', handle)
    return seen
