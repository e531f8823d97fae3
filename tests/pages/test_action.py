"""Handlers whose page changes while they work."""

import asyncio
import gc

from nicegui import context, ui

from components.action import action
from services.errors import NotFound


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
