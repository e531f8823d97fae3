"""A visit at Nina's: steps that bring it to where a test begins."""

import itertools

from models.application import ApplicationStatus
from models.visit import Visit
from services.clock import today
from services.contracts import activation, contracts
from services.contracts.identity_papers import PapersForm
from services.runner import with_connection
from services.visits import visits
from services.visits.line_quality import LineForm
from tests import factories

PAPERS = PapersForm('МР1234567', 'Фрунзенским РУВД г. Минска', '14.02.2019', '4230790B001PB5', '23.07.1990')
LINE = LineForm(level='-18,5', down='94', up='91')
STROKE = 'M10 90' + ''.join(f'L{10 + step * 9} {90 - step % 5 * 12}' for step in range(1, 30))
SIGNATURE = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240"><path d="{STROKE}"/></svg>'

_keys = itertools.count(1)


def key():
    """Return a fresh key, as long as a page makes it."""
    return f'field-form-key-{next(_keys)}'


@with_connection
def make_case(technician, **fields):
    """Return a planned visit of today at a GPON flat: I-100 with a rented router."""
    defaults = {
        'status': ApplicationStatus.SCHEDULED,
        'house': '4',
        'package': {'equipment': {'R-AC': 'rent'}},
    }
    application = factories.make_application(**{**defaults, **fields})
    hours = itertools.count()
    taken = {row.hour for row in Visit.select().where(Visit.technician == technician.user_id)}
    hour = next(hour for hour in (9, 11, 13, 15, 17, 19) if hour not in taken and next(hours) < 6)
    return factories.make_visit(application, technician, day=today(), hour=hour)


@with_connection
def arrived(technician, **fields):
    """Return a visit whose technician is at the client; the contract is a draft."""
    visit = make_case(technician, **fields)
    visits.depart(visit.id, key(), actor=technician)
    visits.arrive(visit.id, key(), actor=technician)
    return visit


@with_connection
def record_devices(visit, technician, *, suffix='0001'):
    """Write down every device of the package."""
    visits.record_equipment(visit.id, 'R-AC', f'TP{suffix}', f'50:C7:BF:00:{suffix[:2]}:{suffix[2:]}', actor=technician)
    visits.record_equipment(visit.id, 'ONT', f'HWTC0000{suffix}', f'AC4E9100{suffix}', actor=technician)


@with_connection
def ready(technician, *, suffix='0001', papers=PAPERS, **fields):
    """Return a visit where everything is there and the client may sign."""
    visit = arrived(technician, **fields)
    record_devices(visit, technician, suffix=suffix)
    visits.record_line(visit.id, LINE, actor=technician)
    visits.fill_papers(visit.id, papers, actor=technician)
    visits.begin_signing(visit.id, key(), actor=technician)
    return visit


@with_connection
def signed(technician, *, suffix='0001', **fields):
    """Return a visit and the number of the contract that was signed there."""
    visit = ready(technician, suffix=suffix, **fields)
    return visit, activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=technician)


def draft_number(visit, actor):
    """Return the number of the contract of this visit."""
    return contracts.draft_for_application(visit.application.number, actor=actor).number
