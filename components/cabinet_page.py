"""What the pages of the cabinet share: the frame, the column on the right, and that it follows the money live."""

from nicegui import context

from components.action import form_key
from components.live import on_event
from components.painted import Repaint, repaint
from components.session import act
from components.shell import company, frame_for, paint
from components.templating import render
from services.accounts.overview import Overview, get_overview
from services.events import ContractChanged


async def cabinet_page(template: str, title: str, *, active: str, **facts: object) -> Overview:
    """Paint a page of the cabinet with the balance and the next charge at its side; returns what the side shows.

    Args:
        template: extends `shell.html` and includes `_aside.html` inside `data-painted="aside"`.
        active: the entry of the navigation.
        facts: what the template shows beside `view`, `company` and `form_key`.
    """
    view = await act(get_overview)
    frame = await frame_for(context.client.request, title=title)
    shared = {'view': view, 'company': company(), 'form_key': form_key(), 'told': '', 'problem': ''}
    paint(template, frame=frame, area='cabinet', active=active, **{**shared, **facts})
    on_event(ContractChanged, _repaint_side, when=lambda event: event.contract_id == view.contract_id)
    return view


async def _repaint_side(_event: ContractChanged) -> None:
    fresh = await act(get_overview)
    repaint(Repaint({'aside': render('_aside.html', view=fresh, company=company())}))
