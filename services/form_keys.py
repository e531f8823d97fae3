"""The key a form gets when it is drawn: with it a repeated click changes once."""

import re

from services.errors import N_, DomainError

_KEY = re.compile(r'[A-Za-z0-9_-]{3,48}\Z')


class BrokenForm(DomainError):
    """The form did not come from a page of ours, or a very old one."""

    message = N_('Страница устарела. Обновите её и попробуйте снова.')


def checked(form_key: object) -> str:
    """Return the key as it came, if it looks like one of ours.

    Raises:
        BrokenForm: it does not.
    """
    if not isinstance(form_key, str) or not _KEY.fullmatch(form_key):
        raise BrokenForm
    return form_key
