"""Cards and autopay without a browser: what the owner is shown, what comes back from the forms, what a relative is not."""

import re
from urllib.parse import urlencode

import pytest

from models.saved_card import Autopay, SavedCard
from services.clock import now
from services.identity import vault
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of

ORIGIN = {'origin': 'http://test'}
AUTOPAY = {'when': 'before', 'days': '3', 'how': 'missing', 'limit': '100', 'agreed': '1'}


@with_connection
def keep_card(actor, year=2099):
    fields = {'gateway': 'bepaid', 'brand': 'visa', 'last4': '0000', 'expires_month': 1, 'expires_year': year}
    card = SavedCard.create(contract=actor.contract_id, token=b'', created_at=now(), **fields)
    card.token = vault.seal('token-of-a-card', aad=vault.aad_of('saved_card', card.id, 'token'))
    card.save()
    return card.id


async def get(visitor, address):
    return (await visitor.http_client.get(address)).text.replace('\xa0', ' ')


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


async def test_without_cards_the_page_says_how_one_comes(someone, anna):
    page = await get(someone(anna), '/my/cards')

    assert 'Пока ни одной' in page
    assert 'Автоплатежу нужна сохранённая карта' in page
    assert 'name="agreed"' not in page


async def test_a_card_is_offered_first_and_leads_to_a_last_look(someone, anna):
    card = keep_card(anna)
    visitor = someone(anna)

    page = await get(visitor, '/my/pay')
    assert re.search(rf'name="card" value="{card}" checked', page)
    assert re.search(r'name="keep" value="1"(?! checked)', page)
    answer = await send(visitor, '/my/pay', amount='20', card=str(card), form_key='key-1')

    assert answer.headers['location'] == f'/my/pay/card?{urlencode({"card": card, "amount": "20"})}'
    look = await get(visitor, answer.headers['location'])
    assert 'Visa •• 0000 · до 01/99' in look
    assert 'Оплатить 20,00 р.' in look


async def test_a_wrong_sum_comes_back_to_its_field(someone, anna):
    card = keep_card(anna)
    visitor = someone(anna)

    answer = await visitor.http_client.get(f'/my/pay/card?card={card}&amount=сто')

    assert answer.headers['location'].startswith('/my/pay?amount=')
    assert 'Введите сумму цифрами' in await get(visitor, answer.headers['location'])


async def test_an_expired_card_is_marked_and_not_offered(someone, anna):
    card = keep_card(anna, 2020)
    visitor = someone(anna)

    assert 'Срок вышел' in await get(visitor, '/my/cards')
    assert 'name="card"' not in await get(visitor, '/my/pay')
    answer = await visitor.http_client.get(f'/my/pay/card?card={card}&amount=20')
    assert 'Срок этой карты вышел' in await get(visitor, answer.headers['location'])


@pytest.mark.parametrize('card', ['0', '999999', 'x', '-1', '9' * 40, 'of Boris'])
async def test_a_card_that_is_not_there_leads_back_with_the_reason(someone, anna, boris, card):
    visitor, theirs = someone(anna), keep_card(boris)
    number = str(theirs) if card == 'of Boris' else card

    answer = await visitor.http_client.get(f'/my/pay/card?card={number}&amount=20')

    assert answer.headers['location'] == '/my/pay?amount=20&problem=card'
    assert 'Этой карты больше нет' in await get(visitor, answer.headers['location'])


async def test_autopay_is_set_changed_and_switched_off(someone, anna):
    card = keep_card(anna)
    visitor = someone(anna)

    done = await send(visitor, '/my/cards/autopay', card=str(card), **AUTOPAY)
    assert done.headers['location'] == '/my/cards?done=on'
    page = await get(visitor, done.headers['location'])
    assert 'За 3 дня до списания' in page
    assert 'Изменить условия' in page

    done = await send(visitor, '/my/cards/autopay/off')
    assert done.headers['location'] == '/my/cards?done=off'
    assert not with_connection(Autopay.get)().is_on


async def test_a_mistake_keeps_what_was_typed(someone, anna):
    card = keep_card(anna)
    typed = AUTOPAY | {'card': str(card), 'days': '77', 'limit': '55,50', 'agreed': ''}

    answer = await send(someone(anna), '/my/cards/autopay', **typed)

    assert answer.status_code == 422
    assert 'Введите дни числом от 1 до 10.' in answer.text
    assert 'без согласия списывать нельзя' in answer.text
    assert 'value="77"' in answer.text
    assert 'value="55,50"' in answer.text


async def test_removing_asks_first(someone, anna):
    card = keep_card(anna)
    visitor = someone(anna)

    assert 'Удалить карту Visa •• 0000?' in await get(visitor, f'/my/cards?remove={card}')
    assert 'Удалить карту' not in await get(visitor, f'/my/cards?remove={card + 1}')
    done = await send(visitor, '/my/cards/remove', card=str(card))

    assert 'Карта удалена' in await get(visitor, done.headers['location'])


async def test_a_relative_who_may_pay_sees_no_card_of_the_owner(someone, anna, boris):
    card = keep_card(anna)
    factories.open_access(contract_of(anna), boris, 'pay')
    visitor = someone(factories.working_with(boris, contract_of(anna)))

    page = await get(visitor, '/my/pay')
    assert 'Visa •• 0000' not in page
    assert 'name="keep"' not in page
    for answer in (
        await visitor.http_client.get('/my/cards'),
        await visitor.http_client.get(f'/my/pay/card?card={card}&amount=20'),
        await send(visitor, '/my/pay', amount='20', keep='1', form_key='key-of-a-relative'),
        await send(visitor, '/my/pay/card', card=str(card), amount='20', form_key='key-of-a-relative'),
        await send(visitor, '/my/cards/remove', card=str(card)),
        await send(visitor, '/my/cards/autopay', card=str(card), **AUTOPAY),
        await send(visitor, '/my/cards/autopay/off'),
    ):
        assert (answer.status_code, answer.headers['location']) == (303, '/my/index?problem=owner')
    assert not with_connection(Autopay.select().exists)()
