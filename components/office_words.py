"""Offices in words and for search engines: «Открыто до 20:00», and the same place by schema.org."""

from dataclasses import dataclass
from datetime import datetime, time

from components.i18n import _, clock_time, language, long_date
from components.templating import ASSETS
from services import clock
from services.offers.offices import OfficeView
from services.offers.opening_hours import OpenNow, Week, read_hours
from services.settings import get_settings

SCHEMA_DAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')


@dataclass(frozen=True)
class OfficeState:
    """A badge: kind good | attention | neutral, and its words."""

    kind: str
    words: str


def office_state(hours: str) -> OfficeState | None:
    """Say what an office with these hours is doing now; None when its hours are not written in days and times."""
    week = read_hours(hours)
    return _state(week.at(clock.now())) if week else None


def _state(now: OpenNow) -> OfficeState:
    if now.is_open and now.changes_at:
        return OfficeState('good', _('Открыто до {time}').format(time=clock_time(now.changes_at)))
    if now.is_break and now.changes_at:
        return OfficeState('attention', _('Перерыв до {time}').format(time=clock_time(now.changes_at)))
    if not now.changes_at:
        return OfficeState('neutral', _('Закрыто'))
    return OfficeState(
        'neutral',
        _('Закрыто, откроется {day} в {time}').format(day=_day(now.changes_at), time=clock_time(now.changes_at)),
    )


def _day(instant: datetime) -> str:
    """Say the day as one would: «сегодня», «завтра», then its date."""
    days = (clock.local(instant).date() - clock.today()).days
    return {0: _('сегодня'), 1: _('завтра')}.get(days) or long_date(instant)


def scheme_of(office: OfficeView) -> str:
    """Return the drawn way to an office, in the language of the page; one that nobody translated, as it was drawn."""
    translated = f'schemes/{language()}/{office.scheme}'
    return translated if (ASSETS / translated).exists() else f'schemes/{office.scheme}'


def structured(office: OfficeView, *, city: str, page: str) -> dict[str, object]:
    """Return an office for search engines (schema.org LocalBusiness); `page` is the absolute address of its page."""
    settings = get_settings()
    told: dict[str, object] = {
        '@type': 'LocalBusiness',
        '@id': f'{settings.url}/#office-{office.scheme.removesuffix(".svg")}',
        'name': settings.company_name,
        'url': page,
        'image': f'{settings.url}/assets/img/share.png',
        'telephone': office.phone,
        'email': settings.company_mail,
        'address': {
            '@type': 'PostalAddress',
            'streetAddress': office.address,
            'addressLocality': city,
            'addressCountry': 'BY',
        },
        'geo': {'@type': 'GeoCoordinates', 'latitude': office.latitude, 'longitude': office.longitude},
        'hasMap': office.map_url,
        'parentOrganization': {'@id': f'{settings.url}/#organization'},
    }
    week = read_hours(office.hours)
    return told | {'openingHoursSpecification': _specification(week)} if week else told


def _specification(week: Week) -> list[dict[str, object]]:
    """Return the opening hours, days with the same hours together; a break makes two of one day."""
    days: dict[tuple[time, time], list[str]] = {}
    for day, hours in zip(SCHEMA_DAYS, week.days, strict=True):
        if hours is None:
            continue
        rest = week.rest
        for part in [(hours[0], rest[0]), (rest[1], hours[1])] if rest else [hours]:
            days.setdefault(part, []).append(day)
    return [
        {
            '@type': 'OpeningHoursSpecification',
            'dayOfWeek': names,
            'opens': f'{opens:%H:%M}',
            'closes': f'{closes:%H:%M}',
        }
        for (opens, closes), names in days.items()
    ]
