"""Handlers whose page changes while they work."""

import asyncio
import gc
import re

from nicegui import background_tasks, context, ui

from components import live
from components.action import action, one_at_a_time
from services.errors import NotFound
from services.events import MailQueued


async def test_a_handler_goes_on_when_its_button_was_drawn_anew_meanwhile(someone):
    visitor = someone()
    await visitor.open('/my/index')
    begun, drawn_anew, clients = asyncio.Event(), asyncio.Event(), []
    with visitor:
        place = ui.element('div')
        with place, ui.element('div'):

            @action
            async def work():
                begun.set()
                await drawn_anew.wait()
                clients.append(context.client)
                raise NotFound

            ui.button('work', on_click=work)
        ui.button('draw anew', on_click=lambda: (place.clear(), gc.collect(), drawn_anew.set()))

    visitor.find('work').click()
    await begun.wait()
    visitor.find('draw anew').click()

    await visitor.should_see(NotFound.message)
    assert clients == [visitor.client]


async def test_a_second_click_while_the_first_one_works_is_the_same_click():
    begun, may_end, runs = asyncio.Event(), asyncio.Event(), []

    @one_at_a_time
    async def work():
        runs.append('begun')
        begun.set()
        await may_end.wait()

    first = asyncio.create_task(work())
    await begun.wait()
    await work()
    assert runs == ['begun']

    may_end.set()
    await first
    await work()
    assert runs == ['begun', 'begun']


async def test_a_fact_that_arrives_as_its_page_goes_disturbs_nobody(someone):
    visitor, heard = someone(), []
    await visitor.open('/my/index')

    async def hear(fact):
        heard.append(fact)

    with visitor:
        live.on_event(MailQueued, hear)
    before = set(background_tasks.running_tasks)
    live._hub[MailQueued].emit(MailQueued())
    on_its_way = background_tasks.running_tasks - before
    visitor.client.delete()
    await asyncio.gather(*on_its_way)

    assert on_its_way
    assert heard == []


async def test_a_handler_that_fails_shows_a_number_only_and_the_log_has_the_rest(someone, caplog):
    visitor = someone()
    await visitor.open('/my/index')
    with visitor:

        @action
        async def work():
            raise ZeroDivisionError('the passport MP1234567 could not be read')

        ui.button('work', on_click=work)

    visitor.find('work').click()
    await visitor.should_see('Не получилось, мы уже знаем об этом.')

    (said,) = visitor.notify.messages
    number = re.fullmatch(r'Не получилось, мы уже знаем об этом\. Номер для оператора: ([0-9a-f]{8})', said)[1]
    (record,) = [record for record in caplog.records if record.levelname == 'ERROR']
    assert record.name == 'components.action'
    assert number in record.getMessage()
    assert record.exc_info[0] is ZeroDivisionError
    assert record.exc_info[2].tb_frame.f_code.co_name == 'run'
    caplog.clear()  # it was expected here
