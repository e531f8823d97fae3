"""The first day of the list of lines: what was blocked before it began is off already, and is not to be cut again."""

from models.line import LineState, LineTick
from services import audit
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_
from services.events import LinesChanged, record
from services.network import line_facts
from services.network.line_list import ROLES
from services.network.line_ticks import TickRefused
from services.network.lines import work_of
from services.runner import transactional

NOTE = 'Было сделано до начала списка'
ROWS_AT_ONCE = 200


class ListBegan(TickRefused):
    """Somebody has ticked a line off: from then on each line is ticked off by itself."""

    message = N_('По списку уже работают: теперь отмечайте каждую линию отдельно.')


def may_settle(*, actor: Actor | None) -> bool:
    """Tell whether nothing was ever ticked off: then the list may begin with what stands in it as done.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
    """
    require_role(actor, *ROLES)
    return not LineTick.select().exists()


@transactional
def settle(*, actor: Actor | None) -> int:
    """Write down that all lines are as they should be, done on the hardware before; returns how many there were.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
        ListBegan: lines are ticked off one by one by now.
    """
    actor = require_role(actor, *ROLES)
    if LineTick.select().exists():
        raise ListBegan
    works = [(line, todo) for line in line_facts.read() if (todo := work_of(line.facts)) is not None]
    rows = [
        {
            'contract': line.contract_id,
            'work': str(todo.work),
            'state': LineState.ON if todo.speed else LineState.OFF,
            'down_kbit': todo.speed.down if todo.speed else None,
            'up_kbit': todo.speed.up if todo.speed else None,
            'note': NOTE,
            'form_key': f'before:{line.contract_id}',
            'done_at': now(),
            'done_by': actor.user_id,
        }
        for line, todo in works
    ]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        LineTick.insert_many(rows[first : first + ROWS_AT_ONCE]).on_conflict_ignore().execute()
    if rows:
        audit.note('line.settle', 'list:lines', actor=actor, lines=len(rows))
        record(LinesChanged())
    return len(rows)
