"""A captcha on the application form: nobody sees one until something looks odd from his address."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from models.application import Application
from services.applications import applying, suspicion
from services.applications.application_form import ApplicationForm
from services.applications.suspicion import HumanAsked, LooksLikeBot
from services.clock import now
from services.errors import InvalidForm
from services.identity import captcha, form_tokens

ADDRESS, OTHER = '192.0.2.31', '192.0.2.32'


def form(**fields):
    drawn = ApplicationForm(
        region='minsk',
        query={'internet': ['I-50']},
        token=form_tokens.draw(applying.PURPOSE),
        last_name='Ёлкина',
        first_name='Анна',
        phone='+375291234567',
        locality='Минск',
        street='ул. Учебная',
        house='3',
    )
    mark = applying.price_mark(applying.offer_of(drawn, address=ADDRESS).quote)
    return replace(drawn, price_seen=mark, **fields)


def send(drawn, address=ADDRESS):
    return applying.submit(drawn, address=address, agent='Mozilla')


def solved(answer='12345', purpose='application'):
    return {'captcha_token': captcha.issue(purpose).token, 'captcha': answer}


def test_who_filled_the_hidden_field_reads_a_picture_for_an_hour(db):
    assert not suspicion.is_asked(ADDRESS)
    with pytest.raises(LooksLikeBot):
        send(form(trap='http://spam'))

    with pytest.raises(HumanAsked):
        send(form())
    assert Application.select().count() == 0
    assert send(form(**solved()))
    assert not suspicion.is_asked(OTHER)
    with time_machine.travel(now() + timedelta(hours=1, seconds=1), tick=False):
        assert not suspicion.is_asked(ADDRESS)


def test_ten_an_hour_are_taken_without_a_picture_and_then_one_is_asked(db):
    for _ in range(10):
        send(form())

    with pytest.raises(HumanAsked):
        send(form())
    send(form(**solved()))
    send(form(), OTHER)
    assert Application.select().count() == 12


@pytest.mark.parametrize(
    'make',
    [lambda: solved('99999'), lambda: solved(purpose='recovery'), lambda: {'captcha_token': 'x', 'captcha': '1'}],
)
def test_a_wrong_code_is_told_beside_its_field_and_nothing_is_taken(db, make):
    suspicion.remember(ADDRESS)
    with pytest.raises(InvalidForm) as refused:
        send(form(**make()))
    assert list(refused.value.errors) == ['captcha']
    assert Application.select().count() == 0


def test_a_code_serves_once(db):
    suspicion.remember(ADDRESS)
    given = solved()
    send(form(**given))
    with pytest.raises(InvalidForm):
        send(form(**given))


def test_a_wrong_field_does_not_use_the_code_up(db):
    suspicion.remember(ADDRESS)
    given = solved()
    with pytest.raises(InvalidForm) as refused:
        send(form(**{**given, 'phone': '123'}))
    assert list(refused.value.errors) == ['phone']
    send(form(**given))


def test_a_repeat_of_what_was_taken_is_not_asked(db):
    drawn = form()
    first = send(drawn)
    suspicion.remember(ADDRESS)
    assert send(drawn) == first
