"""Phone, e-mail and address of an open application, corrected by an operator."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.application import Application, ApplicationEvent
from services import audit
from services.applications.application_steps import locked_by_number, was_done
from services.authority import Actor, require_operator
from services.clock import now
from services.contact_fields import clean_email, clean_phone
from services.errors import InvalidField, InvalidForm, WrongTransition
from services.events import ApplicationChanged, record
from services.input_text import clean_text
from services.runner import transactional

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Contacts:
    """Phone, e-mail and address as an operator corrects them; any text may stand in a field."""

    phone: str
    locality: str
    street: str
    house: str
    email: str = ''
    entrance: str = ''
    floor: str = ''
    flat: str = ''


@transactional
def correct_contacts(number: str, contacts: Contacts, form_key: str, *, actor: Actor | None) -> None:
    """Correct phone, e-mail and address of an open application; the history keeps what stood there before.

    Raises:
        NotFound: no such application.
        WrongTransition: the application is closed.
        InvalidForm: fields that are wrong, by their names.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    if application.is_closed:
        raise WrongTransition
    changed = {name: value for name, value in _clean(contacts).items() if getattr(application, name) != value}
    if not changed:
        return
    before = '; '.join(f'{name}: {getattr(application, name) or "—"} → {changed[name] or "—"}' for name in changed)
    Application.update(**changed, updated_at=now()).where(Application.id == application.id).execute()
    ApplicationEvent.create(
        application=application, kind='contacts', actor=actor.user_id, note=before, form_key=form_key, at=now()
    )
    audit.note('application.correct', f'application:{application.number}', actor=actor, fields=sorted(changed))
    record(ApplicationChanged(application.id))


def _clean(contacts: Contacts) -> dict[str, str]:
    """Return the fields as they will stand in the database, or every error at once."""
    rules: dict[str, Callable[[], str]] = {
        'phone': lambda: clean_phone('phone', contacts.phone),
        'email': lambda: clean_email('email', contacts.email),
        'locality': lambda: clean_text('locality', contacts.locality, most=80, required=True),
        'street': lambda: clean_text('street', contacts.street, most=120, required=True),
        'house': lambda: clean_text('house', contacts.house, most=20, required=True),
        'entrance': lambda: clean_text('entrance', contacts.entrance, most=10),
        'floor': lambda: clean_text('floor', contacts.floor, most=10),
        'flat': lambda: clean_text('flat', contacts.flat, most=10),
    }
    clean, errors = {}, {}
    for name, rule in rules.items():
        try:
            clean[name] = rule()
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    return clean
