"""/my/pay/return: what became of a payment. The address proves nothing: the bank is asked, and this page shows it."""

import asyncio
import contextlib

from nicegui import context, ui
from starlette.responses import Response

from components.action import action
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.payment_words import decline_words
from components.session import act, act_outside
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
from pages.errors import error_page
from services.errors import NotFound
from services.events import PaymentChanged
from services.payments import payment_desk, payments
from services.payments.payment_desk import PaymentView

PATIENCE = 2.0
"""Seconds the page waits for the bank before it is drawn as «checking»; the question goes on meanwhile."""
AGAIN, TIMES = 4.0, 15
"""How often an open page asks again, and how many times: after a minute the poller and the webhook are enough."""


@ui.page('/my/pay/return')
@requires(Role.SUBSCRIBER)
async def return_page(p: str = '', cancelled: str = '') -> Response | None:
    """Show one's own payment; somebody else's and a made-up one are not found."""
    request = context.client.request
    try:
        view = await act(payment_desk.show, p)
    except NotFound:
        return await error_page(request, 404)
    with contextlib.suppress(TimeoutError):
        view = await asyncio.wait_for(act_outside(request, payments.check, p, gave_up=bool(cancelled)), PATIENCE)
    frame = await frame_for(request, title=_('Оплата'))
    paint('pay_return.html', frame=frame, area='cabinet', active='pay', payment=view, reason=_reason(view))
    _keep_fresh(view)
    return None


def _reason(view: PaymentView) -> str:
    return decline_words(view.decline_code) if view.decline_code else ''


def _keep_fresh(view: PaymentView) -> None:
    """Repaint when the payment goes on; while the bank is silent, ask it again now and then."""
    request, left = context.client.request, TIMES

    def show(fresh: PaymentView) -> None:
        repaint(Repaint({'payment': render('_pay_state.html', payment=fresh, reason=_reason(fresh))}))
        if not fresh.is_waiting:
            timer.deactivate()

    async def on_change(_event: PaymentChanged) -> None:
        show(await act(payment_desk.show, view.tracking_id))

    @action
    async def ask_again() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            timer.deactivate()
        show(await act_outside(request, payments.check, view.tracking_id))

    timer = ui.timer(AGAIN, ask_again, active=view.is_waiting, immediate=False)
    on_event(PaymentChanged, on_change, when=lambda event: event.payment_id == view.id)
