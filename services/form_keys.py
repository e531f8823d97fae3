"""The key a form gets when it is drawn: with it a repeated click changes once."""

from services import field_rules
from services.errors import N_, DomainError


class BrokenForm(DomainError):
    """The form did not come from a page of ours, or a very old one."""

    message = N_('Страница устарела. Обновите её и попробуйте снова.')


def checked(form_key: object) -> str:
    """Return the key as it came, if it looks like one of ours.

    Raises:
        BrokenForm: it does not.
    """
    key = field_rules.key_of('form_key', form_key)
    if not key:
        raise BrokenForm
    return key


def of_message(key: object) -> str:
    """Return the key a browser gave its message.

    Raises:
        BrokenForm: it cannot be one.
    """
    known = field_rules.key_of('message_key', key)
    if not known:
        raise BrokenForm
    return known
