"""Phone, e-mail and address of an open application, corrected by an operator."""

from dataclasses import asdict, dataclass

from models.application import Application, ApplicationEvent
from services import audit
from services.applications.application_form import clean_each
from services.applications.application_steps import locked_by_number, was_done
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import WrongTransition
from services.events import ApplicationChanged, record
from services.runner import transactional


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
    changed = {
        name: value for name, value in clean_each(asdict(contacts)).items() if getattr(application, name) != value
    }
    if not changed:
        return
    before = '; '.join(f'{name}: {getattr(application, name) or "—"} → {changed[name] or "—"}' for name in changed)
    Application.update(**changed, updated_at=now()).where(Application.id == application.id).execute()
    ApplicationEvent.create(
        application=application, kind='contacts', actor=actor.user_id, note=before, form_key=form_key, at=now()
    )
    audit.note('application.correct', f'application:{application.number}', actor=actor, fields=sorted(changed))
    record(ApplicationChanged(application.id))
