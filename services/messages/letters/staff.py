"""Letters to employees about their accounts."""

from datetime import datetime

from models.user import User
from services.clock import now
from services.messages.letters import queue


def password_reissued(user: User, *, until: datetime) -> None:
    """Tell an employee that an administrator gave him a one-time password, good until then; it is not in the letter."""
    key = f'staff:{user.id}:password:{now().isoformat()}'
    queue('staff_password', user.email or '', key=key, name=user.first_name, until=until)
