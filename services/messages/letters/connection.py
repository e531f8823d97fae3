"""Letters and messages on the way from an application to the visit."""

from models.application import Application
from models.user import User
from models.visit import Visit
from services.messages import letters


def application_rejected(application: Application) -> None:
    """Tell the person politely that we cannot connect him, and why."""
    letters.queue(
        'application_rejected',
        application.email,
        key=f'application:{application.number}:rejected',
        name=application.first_name,
        number=application.number,
        address=application.address,
        reason=application.reason,
        language=application.language,
    )


def visit_scheduled(visit: Visit, application: Application, technician: User) -> None:
    """Tell when the technician comes, by SMS always and by letter when there is an e-mail."""
    facts: dict[str, object] = {
        'language': application.language,
        'name': application.first_name,
        'number': application.number,
        'address': application.address,
        'technician': technician.first_name or technician.name,
        'day': visit.day,
        'begins': visit.hour,
        'ends': visit.hour + 2,
    }
    letters.queue('visit_scheduled', application.email, key=f'visit:{visit.id}:scheduled', **facts)
    letters.queue_sms('visit_scheduled', application.phone, key=f'visit:{visit.id}:scheduled:sms', **facts)


def visit_cancelled(visit: Visit, application: Application) -> None:
    """Confirm that the client called his visit off himself, by letter and SMS: he sees it if it was not he."""
    facts: dict[str, object] = {
        'language': application.language,
        'name': application.first_name,
        'number': application.number,
        'day': visit.day,
        'begins': visit.hour,
        'ends': visit.hour + 2,
        'price_until': application.price_until,
    }
    letters.queue('visit_cancelled', application.email, key=f'visit:{visit.id}:cancelled', **facts)
    letters.queue_sms('visit_cancelled', application.phone, key=f'visit:{visit.id}:cancelled:sms', **facts)


def no_answer(application: Application) -> None:
    """Ask the person by SMS to call back: three calls found nobody (DOMAIN §5.2)."""
    letters.queue_sms(
        'application_no_answer',
        application.phone,
        key=f'application:{application.number}:no-answer',
        number=application.number,
        language=application.language,
    )
