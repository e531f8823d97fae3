"""The visit on the page of an application: when it is, and what its client may do about it."""

from datetime import date, timedelta

from babel.dates import format_date

from components.i18n import _, language, long_date, plural
from services.applications.tracker import TrackerView
from services.clock import today
from services.visits.client_visits import OpenDay, Refusal, VisitDesk

SHOWN_AT_ONCE = 4
"""Days that are seen before «Другие дни» is opened."""


def slot_words(view: TrackerView) -> str:
    """Return when the technician comes, empty while nothing is planned."""
    if view.visit_day is None or view.visit_hour is None:
        return ''
    return _('{day}, с {start}:00 до {end}:00').format(
        day=long_date(view.visit_day), start=view.visit_hour, end=view.visit_hour + 2
    )


def visit_facts(view: TrackerView, desk: VisitDesk | None) -> dict[str, object]:
    """Return what `_tracker_visit.html` shows."""
    return {
        'desk': desk,
        'slot': slot_words(view),
        'visit_note': _note(desk) if desk else '',
        'first_days': [(_day_words(day.day), day) for day in _first(desk)],
        'other_days': [(_day_words(day.day), day) for day in desk.days[SHOWN_AT_ONCE:]] if desk else [],
    }


def _first(desk: VisitDesk | None) -> tuple[OpenDay, ...]:
    return desk.days[:SHOWN_AT_ONCE] if desk else ()


def _note(desk: VisitDesk) -> str:
    words = {
        Refusal.TOO_LATE: _('До визита меньше четырёх часов. Если планы изменились, позвоните нам.'),
        Refusal.MOVED_ENOUGH: _('Вы переносили визит дважды. Если нужно ещё раз, позвоните, подберём время вместе.'),
        Refusal.NOTHING_FREE: _('На ближайшие две недели всё занято. Позвоните нам, что-нибудь придумаем.'),
    }
    if desk.refusal:
        return words[desk.refusal]
    if not desk.is_planned:
        return _('Выберите удобные два часа. Изменить их можно будет не позже чем за четыре часа до начала.')
    times = plural(desk.moves_left, 'раз', 'раза', 'раз')
    return _('Перенести визит можно ещё {times}, отменить — тоже, не позже чем за четыре часа до начала.').format(
        times=times
    )


def _day_words(day: date) -> str:
    words = format_date(day, 'EEEE, d MMMM', locale=language())
    soon = {today(): _('сегодня'), today() + timedelta(days=1): _('завтра')}
    text = f'{soon[day]}, {words}' if day in soon else words
    return text[:1].upper() + text[1:]
