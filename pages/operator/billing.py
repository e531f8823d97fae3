"""/operator/billing: the monthly run: what it would do, the button that starts it, how far it is."""

from datetime import date

from nicegui import context, ui
from starlette.responses import Response

from components import billing_words
from components.action import action
from components.books_strip import BooksStrip
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, month_name, plural
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from pages.errors import error_page
from services.accounts import billing_desk, books_desk
from services.accounts.billing_desk import BillingDesk
from services.errors import NotFound
from services.events import BillingRunChanged, BooksChanged


@ui.page('/operator/billing')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def billing_page(month: str = '') -> Response | None:
    """Show the run of a month; the preview is counted when the page is there already."""
    try:
        desk = await act(billing_desk.show, month)
        strip = BooksStrip(await act(books_desk.show))
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Списание за месяц'), area='operator', active='billing'):
        OpenBilling(desk, strip).open()
    return None


class OpenBilling:
    """The run of one month on one open page."""

    def __init__(self, desk: BillingDesk, strip: BooksStrip) -> None:
        self._desk, self._strip, self._month = desk, strip, f'{desk.month:%Y-%m}'

    def open(self) -> None:
        """Draw how far the run is, and below what it would do."""
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Списание за месяц'), tag='h1', sanitize=False)
                ui.html(render('_billing_months.html', desk=self._desk), sanitize=False)
            self._strip.open()
            self._run = ui.html(sanitize=False).classes('measure')
            with ui.button(_('Начать списание'), on_click=self._ask, color=None) as self._button:
                ui.html(str(icon('check')), sanitize=False).classes('button__icon')
            self._button.classes('button--green').props('no-caps unelevated')
            self._preview = ui.html(sanitize=False).classes('stack')
        self._draw()
        if self._desk.due:
            self._preview.set_content(f'<p class="muted" role="status">{_("Считаем, что спишется…")}</p>')
            ui.timer(0, action(self._count), once=True)
        on_event(BillingRunChanged, self._reread)
        on_event(BooksChanged, self._reread)

    def _draw(self) -> None:
        desk = self._desk
        self._run.set_content(render('_billing_run.html', desk=desk))
        is_running = desk.run is not None and desk.run.ended_at is None
        self._button.set_visibility(
            desk.may_run and desk.has_begun and bool(desk.due) and not is_running and not desk.is_stopped
        )

    async def _count(self) -> None:
        preview = await act(billing_desk.preview, self._month)
        self._preview.set_content(render('_billing_preview.html', preview=preview, words=billing_words))

    async def _reread(self, _event: BillingRunChanged | BooksChanged) -> None:
        self._desk = await act(billing_desk.show, self._month)
        self._draw()
        if not self._desk.due:
            self._preview.set_content('')

    async def _ask(self) -> None:
        contracts = plural(self._desk.due, 'договора', 'договоров', 'договоров')
        words = _('Спишем деньги с {contracts}. Списание нельзя отменить разом, только по одному договору.')
        title = _('Списать за {month}').format(month=_lower(self._desk.month))
        confirm_dialog(title, words.format(contracts=contracts), _('Начать списание'), self._start, picture='check')

    async def _start(self) -> None:
        await act(billing_desk.start, self._month)
        self._desk = await act(billing_desk.show, self._month)
        self._draw()


def _lower(month: date) -> str:
    name = month_name(month)
    return name[:1].lower() + name[1:]
