"""The page behind the secret link: where an application is now. Before the code it says nothing about the person."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.application import Application, ApplicationEvent, ApplicationStatus
from models.user import User
from models.visit import Visit, VisitStatus
from services import field_rules, limits
from services.applications.applying import tracker_hash
from services.clock import now
from services.errors import N_, DomainError, InvalidField, NotFound
from services.identity.keys import keys_for
from services.rate_limits import forget, network, spend

UNLOCKED_FOR = limits.span('tracker_pass')
MOST_TRIES, TRIES_WINDOW = limits.rate('tracker_tries')
MOST_BY_ADDRESS, ADDRESS_WINDOW = limits.rate('tracker_tries_of_address')
OPEN_VISITS = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE, VisitStatus.STARTED)


class Stage(StrEnum):
    """The five steps a person sees."""

    RECEIVED = 'received'
    AGREED = 'agreed'
    SCHEDULED = 'scheduled'
    VISIT = 'visit'
    CONNECTED = 'connected'


_S = ApplicationStatus
PRESENT: dict[ApplicationStatus, Stage] = {
    _S.NEW: Stage.AGREED,
    _S.IN_REVIEW: Stage.AGREED,
    _S.NO_ANSWER: Stage.AGREED,
    _S.FEASIBILITY_CHECK: Stage.AGREED,
    _S.SURVEY: Stage.AGREED,
    _S.NOT_FEASIBLE: Stage.AGREED,
    _S.WAITLIST: Stage.AGREED,
    _S.CONFIRMED: Stage.SCHEDULED,
    _S.SCHEDULED: Stage.SCHEDULED,
    _S.RESCHEDULED: Stage.SCHEDULED,
    _S.NO_ACCESS: Stage.SCHEDULED,
    _S.FAILED: Stage.SCHEDULED,
    _S.EN_ROUTE: Stage.VISIT,
    _S.INSTALLING: Stage.VISIT,
    _S.CONTRACT_SIGNING: Stage.VISIT,
    _S.ACTIVATED: Stage.CONNECTED,
}
"""The step that goes on now; those before it are done. A rejected or cancelled application has none."""
_DONE_BY: dict[Stage, tuple[ApplicationStatus, ...]] = {
    Stage.RECEIVED: (_S.NEW,),
    Stage.AGREED: (_S.CONFIRMED,),
    Stage.SCHEDULED: (_S.SCHEDULED,),
    Stage.VISIT: (_S.INSTALLING,),
    Stage.CONNECTED: (_S.ACTIVATED,),
}


class PassNeeded(DomainError):
    """The digits of the phone were given too long ago, or never."""

    message = N_('Введите последние четыре цифры телефона ещё раз.')
    status = 403


@dataclass(frozen=True)
class StageView:
    """One step: when it was done, None while it is not."""

    stage: Stage
    done_at: datetime | None
    is_present: bool


@dataclass(frozen=True)
class TrackerView:
    """What the person sees after the code. Sums are rubles; `visit_hour` is the first of the two hours, Minsk time."""

    number: str
    first_name: str
    status: ApplicationStatus
    stages: tuple[StageView, ...]
    monthly: Decimal
    monthly_later: Decimal
    promo_months: int
    once: Decimal
    price_until: date
    address: str
    operator: str
    visit_day: date | None
    visit_hour: int | None
    technician: str
    reason: str
    state: str

    @property
    def is_stopped(self) -> bool:
        """Tell whether nothing more will happen to it and nothing was connected."""
        return self.status in {ApplicationStatus.REJECTED, ApplicationStatus.CANCELLED}


def number_of(token: str) -> str:
    """Return the number of the application behind a link.

    Raises:
        NotFound: there is none.
    """
    return str(_application(token).number)


def unlock(token: str, digits: object, *, address: str) -> str:
    """Check the last four digits of the phone; returns a pass for `view`, good for two hours.

    Raises:
        NotFound: no such link.
        InvalidField: `code`: not these digits.
        TooManyRequests: five wrong tries within an hour.
    """
    application = _application(token)
    wanted = field_rules.rule('tracker_digits')
    typed = wanted.brought(digits)
    typed = typed if wanted.fits(typed) else ''
    spend('tracker', application.tracker_hash, most=MOST_TRIES, window=TRIES_WINDOW)
    spend('tracker-address', network(address), most=MOST_BY_ADDRESS, window=ADDRESS_WINDOW)
    if not hmac.compare_digest(typed.encode(), application.phone[-4:].encode()):
        raise InvalidField('code', N_('Это не те цифры. Нужны последние четыре цифры телефона из заявки.'))
    forget('tracker', application.tracker_hash)
    until = int((now() + UNLOCKED_FOR).timestamp())
    return f'{until}.{_mac(_keys()[0], application, until)}'


def view(token: str, unlocked: str | None) -> TrackerView | None:
    """Return the state of an application, or None while the pass is missing, old or not for it.

    Raises:
        NotFound: no such link.
    """
    application = _application(token)
    if not _is_unlocked(application, unlocked):
        return None
    status, quote = application.status, application.quote
    visit: Any = (
        Visit.select()
        .where((Visit.application == application) & (Visit.status.in_(OPEN_VISITS)))
        .order_by(Visit.id.desc())
        .first()
    )
    operator: Any = User.get_or_none(User.id == application.operator_id)
    return TrackerView(
        number=application.number,
        first_name=application.first_name,
        status=status,
        stages=_stages(application),
        monthly=Decimal(quote['monthly']),
        monthly_later=Decimal(quote.get('monthly_later', quote['monthly'])),
        promo_months=int(quote.get('promo_months') or 0),
        once=Decimal(quote['once']),
        price_until=application.price_until,
        address=application.address,
        operator=operator.first_name if operator else '',
        visit_day=visit.day if visit else None,
        visit_hour=visit.hour if visit else None,
        technician=(visit.technician.first_name or visit.technician.name) if visit else '',
        reason=application.reason if status == ApplicationStatus.REJECTED else '',
        state=_state(application, visit),
    )


def opened(token: str, unlocked: str | None) -> Any:
    """Return the application of a link whose pass is good; what changes it asks here first.

    Raises:
        NotFound: no such link.
        PassNeeded: the pass is missing, old or not for it.
    """
    application = _application(token)
    if not _is_unlocked(application, unlocked):
        raise PassNeeded
    return application


def _application(token: str) -> Any:
    found = None
    if known := field_rules.key_of('tracker_token', token):
        found = Application.get_or_none(Application.tracker_hash == tracker_hash(known))
    if found is None:
        raise NotFound
    return found


def _stages(application: Any) -> tuple[StageView, ...]:
    reached: dict[ApplicationStatus, datetime] = {
        event.to_status: event.at
        for event in ApplicationEvent.select()
        .where((ApplicationEvent.application == application) & ApplicationEvent.to_status.is_null(False))
        .order_by(ApplicationEvent.at, ApplicationEvent.id)
    }
    reached.setdefault(ApplicationStatus.NEW, application.created_at)
    present = PRESENT.get(application.status)
    order = list(Stage)
    now_at = order.index(present) if present else -1
    is_connected = application.status == ApplicationStatus.ACTIVATED
    rows = []
    for index, stage in enumerate(order):
        done_at = max((reached[s] for s in _DONE_BY[stage] if s in reached), default=None)
        is_done = index < now_at or is_connected or (present is None and done_at is not None)
        moment = (done_at or application.updated_at) if is_done else None
        rows.append(StageView(stage, moment, index == now_at and not is_connected))
    return tuple(rows)


def _state(application: Any, visit: Any) -> str:
    """A short mark that differs whenever the page would."""
    facts = f'{application.status}|{application.updated_at}|{visit.day if visit else ""}|{visit.hour if visit else ""}'
    return hashlib.sha256(f'{facts}|{visit.status if visit else ""}'.encode()).hexdigest()[:16]


def _is_unlocked(application: Any, unlocked: str | None) -> bool:
    if not isinstance(unlocked, str) or len(unlocked) > 128 or not unlocked.isascii():
        return False
    until, _, mac = unlocked.partition('.')
    if not until.isdigit() or len(until) > 12:
        return False
    is_ours = any(hmac.compare_digest(mac, _mac(key, application, int(until))) for key in _keys())
    return is_ours and datetime.fromtimestamp(int(until), UTC) > now()


def _keys() -> tuple[bytes, ...]:
    return keys_for('tracker-pass')


def _mac(key: bytes, application: Any, until: int) -> str:
    facts = f'{application.tracker_hash}|{application.phone}|{until}'
    return hmac.new(key, facts.encode(), hashlib.sha256).hexdigest()
