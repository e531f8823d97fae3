"""/operator/visits: a week of visits by technician."""

from datetime import date, timedelta

from babel.dates import format_date
from nicegui import ui

from components.application_words import visit_word
from components.guards import requires
from components.i18n import _, language
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from services import clock
from services.events import VisitChanged
from services.visits import visit_week
from services.visits.visit_week import Week


@ui.page('/operator/visits')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def visits_page(week: str = '') -> None:
    """Show the week a day lies in; `week` is that day, `2026-11-23`, this week by default."""
    asked = _day(week)
    shown = await act(visit_week.list_week, asked)
    async with shell(_('Выезды'), area='operator', active='visits'):
        with ui.element('div').classes('desk dense'):
            ui.html(_head(shown), sanitize=False)
            grid = ui.html(_grid(shown), sanitize=False).classes('desk__list')

    async def reread(_event: VisitChanged) -> None:
        grid.set_content(_grid(await act(visit_week.list_week, asked)))

    on_event(VisitChanged, reread)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _head(week: Week) -> str:
    return render(
        '_visit_week_head.html',
        first=week.monday,
        last=week.days[-1],
        before=week.monday - timedelta(days=7),
        after=week.monday + timedelta(days=7),
        is_now=clock.today() in week.days,
    )


def _grid(week: Week) -> str:
    return render('_visit_week.html', week=week, today=clock.today(), weekday=_weekday, visit_word=visit_word)


def _weekday(day: date) -> str:
    """Return «Пн, 23 ноября»."""
    return format_date(day, 'EEEEEE, d MMMM', locale=language()).capitalize()
