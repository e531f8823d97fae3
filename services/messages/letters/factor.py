"""Letters about the second factor: every change, every use of a recovery code, and a sign-in that stopped half-way."""

from datetime import datetime

from models.user import User
from services.clock import now
from services.messages.letters import queue


def factor_changed(user: User, what: str, *, detail: str = '') -> None:
    """Tell a person that his second factor changed.

    Args:
        what: app_added | app_replaced | app_removed | passkey_added | passkey_removed | codes_made | code_used |
            reset_asked | reset_done.
        detail: the name of the passkey, or how many recovery codes are left.
    """
    key = f'factor:{user.id}:{what}:{now().isoformat()}'
    queue('factor_changed', user.email or '', key=key, name=user.first_name, what=what, detail=detail)


def second_step_failed(user: User, *, is_staff: bool, at: datetime, address: str) -> None:
    """Tell a person that somebody knew his password and stopped at the second step; staff have another way."""
    key = f'factor:{user.id}:failed:{at.isoformat()}'
    facts = {'name': user.first_name, 'is_staff': is_staff, 'at': at, 'address': address}
    queue('second_step_failed', user.email or '', key=key, **facts)
