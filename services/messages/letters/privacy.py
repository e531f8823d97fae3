"""Letters about personal data: the answers the law wants to be told."""

from collections.abc import Sequence
from datetime import date

from models.contract import Subscriber
from models.user import User
from services.messages.letters import queue, queue_sms


def erased(user: User, people: Sequence[Subscriber], *, key: str) -> None:
    """Tell a person that his data are erased; by SMS where there is no e-mail. The last thing sent to him."""
    email = user.email or next((p.email for p in people if p.email), '')
    phone = user.phone or next((p.phone for p in people if p.phone), '')
    if email:
        queue('data_erased', email, key=key, name=user.first_name)
    else:
        queue_sms('data_erased', phone, key=f'{key}.sms')


def refused(user: User, *, reason: str, key: str) -> None:
    """Tell why a request was refused."""
    queue('request_refused', user.email or '', key=key, name=user.first_name, reason=reason)


def received(user: User, *, due_on: date, key: str) -> None:
    """Confirm a request and the day by which we answer."""
    queue('request_received', user.email or '', key=key, name=user.first_name, due_on=due_on)
