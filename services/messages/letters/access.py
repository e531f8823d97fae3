"""Letters about access of relatives: the invitation, what became of it, a login of one's own, the end."""

from datetime import datetime

from models.access import AccessGrant
from models.user import User
from services.messages.letters import queue
from services.settings import get_settings


def invited(grant: AccessGrant, *, token: str) -> None:
    """Invite a person to a contract; the link works once, until `invited_until`."""
    link = f'{get_settings().url}/my/access/accept#{token}'
    facts = {'name': grant.name, 'link': link, 'until': grant.invited_until, **_what(grant)}
    queue('access_invited', grant.email, key=f'access:{grant.token_hash}', **facts)


def accepted(grant: AccessGrant, by: User) -> None:
    """Tell the owner who has accepted his invitation, and how to end it."""
    owner = grant.granted_by
    facts = {'name': owner.first_name, 'by': by.name, 'called': grant.name, **_what(grant)}
    queue('access_accepted', owner.email or '', key=f'access:{grant.token_hash}:accepted', **facts)


def login_made(user: User, *, number: str) -> None:
    """Tell a person without a contract by what number he signs in; the password is not in it."""
    queue('access_login', user.email or '', key=f'access:login:{number}', name=user.first_name, number=number)


def changed(grant: AccessGrant, *, at: datetime) -> None:
    """Tell a person that he may do more or less than before, or for another time."""
    facts = {'name': grant.name, **_what(grant)}
    queue('access_changed', grant.email, key=f'access:{grant.id}:{at.isoformat()}', **facts)


def ended(grant: AccessGrant) -> None:
    """Tell a person that a contract is closed to him."""
    facts = {'name': grant.name, **_what(grant)}
    queue('access_ended', grant.email, key=f'access:{grant.id}:ended', **facts)


def given_up(grant: AccessGrant, by: User) -> None:
    """Tell the owner that a person has given up what was opened to him."""
    owner = grant.granted_by
    facts = {'name': owner.first_name, 'by': by.name, 'called': grant.name, **_what(grant)}
    queue('access_given_up', owner.email or '', key=f'access:{grant.id}:given-up', **facts)


def _what(grant: AccessGrant) -> dict[str, object]:
    return {
        'owner': grant.contract.subscriber.short_name,
        'contract': grant.contract.number,
        'level': str(grant.level),
        'last_day': grant.valid_until,
    }
