"""/field/: the technician's visits of a day; a new or moved one appears by itself."""

from datetime import date, timedelta
from urllib.parse import quote

from nicegui import ui

from components.guards import requires
from components.i18n import _, long_date
from components.live import on_event
from components.session import act, page_actor
from components.shell import shell
from components.templating import render
from components.visit_words import hours, state_badge
from models.user import Role
from services.clock import today
from services.events import VisitChanged
from services.visits import visit_cards
from services.visits.visit_week import FARTHEST


@ui.page('/field/')
@requires(Role.TECHNICIAN)
async def day_page(day: str = '') -> None:
    """Show one day; an unreadable day in the address is today."""
    shown = asked_day(day)
    me = page_actor()

    async def draw() -> str:
        rows = await act(visit_cards.list_day, shown)
        title = _('Выезды: {day}').format(day=long_date(shown))
        return render(
            '_field_day.html',
            rows=rows,
            title=title,
            is_today=shown == today(),
            before=shown - timedelta(days=1),
            after=shown + timedelta(days=1),
            state_badge=state_badge,
            hours=hours,
            map_link=map_link,
        )

    async with shell(_('Выезды'), area='technician', active='day'):
        block = ui.html(await draw(), sanitize=False).classes('tablet tablet--day')

    async def refresh(_event: VisitChanged) -> None:
        block.set_content(await draw())

    on_event(VisitChanged, refresh, when=lambda event: me is not None and event.technician_id == me.user_id)


def asked_day(text: str) -> date:
    """Return the day of the address, today for anything that is no day within a year."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return today()
    return day if abs(day - today()) <= FARTHEST else today()


def map_link(address: str) -> str:
    """Return where OpenStreetMap looks for an address."""
    return f'https://www.openstreetmap.org/search?query={quote(address.split(", кв.", maxsplit=1)[0])}'
