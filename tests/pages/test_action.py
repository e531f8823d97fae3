"""Handlers whose page changes while they work."""

import asyncio
import gc

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
