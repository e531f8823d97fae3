"""The list of lines without a browser: engineers tick off, the others see it at once, paper and table."""

import pytest
from nicegui import ui
from nicegui.testing import UserInteraction

from models.line import LineTick
from models.user import Role
from services.runner import with_connection
from tests import factories, line_cases
from tests.factors import make_all_stale

PATH = '/operator/lines'


@pytest.fixture
def semyon(storage):
    """Another technician."""
    return _semyon()


@with_connection
def _semyon():
    return factories.actor(factories.make_user(Role.TECHNICIAN, login='semyon', name='Семён'), Role.TECHNICIAN)


@with_connection
def ticks():
    return [(row.contract.number, row.work, row.note, row.undone_at is not None) for row in LineTick.select()]


def press(person, words):
    """Press the newest button with exactly these words: that of the dialog, when one is open."""
    found = (each for each in person.find(kind=ui.button).elements if each.text == words)
    UserInteraction(person, {max(found, key=lambda each: each.id)}, words).click()


def press_label(person, label):
    found = (each for each in person.find(kind=ui.button).elements if each.props.get('aria-label') == label)
    UserInteraction(person, {next(found)}, label).click()


async def test_one_engineer_ticks_off_and_the_other_sees_it_go(someone, taras, semyon):
    contract = line_cases.blocked()
    first, second = someone(taras), someone(semyon)
    for person in (first, second):
        await person.open(PATH)
        await person.should_see(contract.address)
        await person.should_see('долг')

    press(first, 'Отключено')
    await first.should_see(f'Отключено: договор {contract.number}', retries=100)
    await second.should_see('Всё сделано', retries=300)
    await second.should_see('Сделано за сутки')

    press(first, 'Вернуть')
    await first.should_see('Отметка возвращена', retries=100)
    await second.should_see('Отключено', retries=300)
    assert ticks() == [(contract.number, 'cut', '', True)]


async def test_who_is_late_by_a_second_is_told_who_was_faster(someone, taras, semyon):
    contract = line_cases.blocked()
    second = someone(semyon)
    await second.open(PATH)
    line_cases.left(contract, taras)

    press(second, 'Отключено')

    await second.should_see('Это уже отметили: Тарас', retries=100)
    assert len(ticks()) == 1


async def test_a_note_goes_with_the_tick(someone, taras):
    contract = line_cases.blocked()
    person = someone(taras)
    await person.open(PATH)

    press_label(person, f'С заметкой: {contract.number}')
    await person.should_see('прочитает следующий мастер')
    next(iter(person.find(kind=ui.textarea).elements)).value = 'Свитч 3, порт 12'
    press(person, 'Отключено')

    await person.should_see(f'Отключено: договор {contract.number}', retries=100)
    await person.should_see('Свитч 3, порт 12')
    assert ticks() == [(contract.number, 'cut', 'Свитч 3, порт 12', False)]


async def test_who_pays_leaves_the_list_of_an_open_page(someone, olga, boris):
    from services.accounts import corrections

    person = someone(olga)
    await person.open(PATH)
    await person.should_see('100002')

    with_connection(corrections.correct)(
        '100002', 'credit', '20', 'Оплатил в кассе наличными', factories.key(), actor=olga
    )
    await person.should_see('Всё сделано', retries=300)


async def test_it_is_filtered_and_searched_by_its_address(someone, olga, taras):
    again, cut, _other_speed, _fine = line_cases.of_every_kind(taras)
    client = someone(olga).http_client

    restore = (await client.get(f'{PATH}?kind=restore')).text
    found = (await client.get(f'{PATH}?search={cut[0].number}')).text
    nothing = (await client.get(f'{PATH}?kind=nonsense&search=zzz&page=-1')).text

    assert again[0].number in restore
    assert cut[0].number not in restore
    assert cut[0].number in found
    assert cut[1].number not in found
    assert 'Таких линий нет' in nothing


async def test_an_engineer_reads_no_cards_of_subscribers(someone, olga, taras):
    contract = line_cases.blocked()

    tablet = (await someone(taras).http_client.get(PATH)).text
    console = (await someone(olga).http_client.get(PATH)).text

    assert f'/operator/subscribers/{contract.number}' not in tablet
    assert f'/operator/subscribers/{contract.number}' in console
    assert 'Пробная' not in tablet


async def test_the_table_is_a_file_and_asks_who_came_long_ago(someone, taras):
    contract = line_cases.blocked()
    client = someone(taras).http_client

    table = await client.get(f'{PATH}.csv?kind=cut')
    make_all_stale(taras)
    asked = await client.get(f'{PATH}.csv?kind=cut')

    assert table.headers['content-type'].startswith('text/csv')
    assert contract.number in table.content.decode('utf-8-sig')
    assert asked.headers['location'] == '/my/confirm?next=%2Foperator%2Flines%3Fkind%3Dcut%26csv%3Dready'


async def test_subscribers_and_strangers_are_led_away(someone, anna):
    for person in (someone(anna), someone()):
        for path in (PATH, f'{PATH}.csv'):
            answer = await person.http_client.get(path)
            assert answer.status_code in (303, 307)


async def test_on_the_first_day_all_that_was_done_before_is_ticked_off_at_once(someone, taras, semyon):
    contract = line_cases.blocked()
    first, second = someone(taras), someone(semyon)
    for person in (first, second):
        await person.open(PATH)

    press(first, 'Всё уже сделано на железе')
    await first.should_see('Линии уже отключены?', retries=100)
    press(first, 'Да, отметить все')
    await first.should_see('Отмечено линий: 1', retries=100)
    await second.should_see('Всё сделано', retries=300)
    await second.should_not_see('Всё уже сделано на железе')
    assert ticks() == [(contract.number, 'cut', 'Было сделано до начала списка', False)]


async def test_an_empty_list_offers_nothing_of_the_kind(someone, taras):
    person = someone(taras)
    await person.open(PATH)

    await person.should_not_see('Всё уже сделано на железе')
