"""Letters: one function per letter, each fills an outbox row and sends nothing."""

import hashlib

from models.outbox import Channel, OutgoingMessage
from models.user import User
from services.clock import now
from services.events import MailQueued, record
from services.letters.render import render_letter


def queue(letter: str, recipient: str, *, key: str, **facts: object) -> None:
    """Write one e-mail into the outbox, in the transaction of its reason; a key already there queues nothing.

    Args:
        letter: name of the template `templates/<letter>.<language>.txt`: subject line, empty line, text.
        key: the business fact, e.g. `application:000042:received`.
        facts: what the template shows.
    """
    if not recipient:
        return
    subject, text, html = render_letter(letter, facts)
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    moment = now()
    created = OutgoingMessage.insert(
        channel=Channel.EMAIL,
        key=key,
        recipient=recipient,
        subject=subject,
        text=text,
        html=html,
        next_at=moment,
        created_at=moment,
        message_id=f'<{digest}@amigo>',
    ).on_conflict_ignore()
    created.execute()
    record(MailQueued())


def password_changed(user: User) -> None:
    """Tell a person that his password was changed, and what to do if it was not him."""
    queue('password_changed', user.email or '', key=f'password:{user.id}:{now().isoformat()}', name=user.first_name)
