"""The state machine of an application: the only function that changes its status."""

from models.application import NEEDS_REASON, Application, ApplicationEvent, ApplicationStatus
from models.base import is_postgres
from services import field_rules
from services.clock import now
from services.errors import N_, InvalidField, NotFound, WrongTransition
from services.events import ApplicationChanged, record
from services.runner import transactional

LONGEST_REASON = field_rules.most('step_reason')


@transactional
def advance(
    application_id: int,
    status: ApplicationStatus,
    *,
    actor_id: int | None,
    note: str = '',
    form_key: str | None = None,
) -> Application:
    """Move an application one step and remember who, when and why. The caller has asked whether the actor may.

    A repeat with the same `form_key` changes nothing and returns the application as it is.

    Raises:
        NotFound: no such application.
        WrongTransition: the table of transitions has no such step from here.
        InvalidField: the step needs a reason (rejection, cancelling, failure), or the reason is too long.
    """
    application = locked(application_id)
    if form_key and ApplicationEvent.select().where(ApplicationEvent.form_key == form_key).exists():
        return application
    if not application.can_become(status):
        raise WrongTransition
    if status in NEEDS_REASON and not note.strip():
        raise InvalidField('reason', N_('Напишите причину: её увидят коллеги и, если нужно, клиент.'))
    if len(note) > LONGEST_REASON:
        raise InvalidField('reason', N_('Слишком длинно: не больше {most} знаков.'), most=LONGEST_REASON)
    before = application.status
    application.status, application.updated_at = status, now()
    if status in NEEDS_REASON:
        application.reason = note
    application.save(only=[Application.status, Application.updated_at, Application.reason])
    ApplicationEvent.create(
        application=application,
        kind='status',
        from_status=before,
        to_status=status,
        actor=actor_id,
        note=note,
        form_key=form_key,
        at=now(),
    )
    record(ApplicationChanged(application.id))
    return application


def locked(application_id: int) -> Application:
    """Return an application with its row held until the end of the transaction.

    Raises:
        NotFound: no such application.
    """
    query = Application.select().where(Application.id == application_id)
    application: Application | None = (query.for_update() if is_postgres() else query).get_or_none()
    if application is None:
        raise NotFound
    return application


def locked_by_number(number: object) -> Application:
    """Return the application with this number, held until the end of the transaction.

    Raises:
        NotFound: no such application, or not the shape of a number.
    """
    if not isinstance(number, str) or len(number) > 16:
        raise NotFound
    found: Application | None = Application.select(Application.id).where(Application.number == number).get_or_none()
    if found is None:
        raise NotFound
    return locked(found.id)


def was_done(application: Application, form_key: object) -> bool:
    """Tell whether a click with this key was carried out on this application before.

    Raises:
        WrongTransition: the key has not the shape of a key, or it belongs to another application.
    """
    if not field_rules.key_of('click_key', form_key):
        raise WrongTransition
    event = ApplicationEvent.get_or_none(ApplicationEvent.form_key == form_key)
    if event is not None and event.application_id != application.id:
        raise WrongTransition
    return event is not None
