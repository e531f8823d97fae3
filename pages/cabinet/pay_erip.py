"""/my/pay/erip: pay in a banking app through ERIP; the page tells live when the money has come."""

from nicegui import context, ui
from starlette.responses import Response

from components.action import action
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.session import act, act_outside
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
from pages.errors import error_page
from services.errors import NotFound
from services.events import ContractChanged, PaymentChanged
from services.payments import erip_desk
from services.payments.erip_desk import EripDesk


@ui.page('/my/pay/erip')
@requires(Role.SUBSCRIBER)
async def erip_page() -> Response | None:
    """Show the codes at once; the picture comes when the gateway has answered, and nobody waits for it."""
    request = context.client.request
    try:
        desk = await act(erip_desk.show)
    except NotFound:
        return await error_page(request, 404)
    frame = await frame_for(request, title=_('Оплата через ЕРИП'))
    paint('pay_erip.html', frame=frame, area='cabinet', active='pay', desk=desk, waiting=not desk.is_ready)
    _keep_fresh(desk)
    return None


def _keep_fresh(desk: EripDesk) -> None:
    """Ask for the claim once if it does not stand yet; follow the money."""
    request = context.client.request

    def show(fresh: EripDesk) -> None:
        parts = {
            'ways': render('_erip_way.html', desk=fresh, waiting=False),
            'money': render('_erip_money.html', desk=fresh),
            'account': render('_erip_account.html', desk=fresh),
        }
        repaint(Repaint(parts))

    @action
    async def prepare() -> None:
        show(await act_outside(request, erip_desk.prepare))

    async def on_change(_event: ContractChanged | PaymentChanged) -> None:
        show(await act(erip_desk.show))

    if not desk.is_ready:
        ui.timer(0.1, prepare, once=True)
    on_event(ContractChanged, on_change, when=lambda event: event.contract_id == desk.contract_id)
    on_event(PaymentChanged, on_change, when=lambda event: event.contract_id == desk.contract_id)
