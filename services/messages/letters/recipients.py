"""The language of whoever a letter goes to, by the address it goes to."""

from collections.abc import Iterable

from models.user import User

AT_ONCE = 200
"""Addresses in one question: both databases take this many."""


def languages_of(addresses: Iterable[str]) -> dict[str, str]:
    """Return the language for each e-mail or phone whose owner chose another than Russian."""
    asked = sorted(set(filter(None, addresses)))
    chosen: dict[str, str] = {}
    for first in range(0, len(asked), AT_ONCE):
        part = asked[first : first + AT_ONCE]
        people = User.select(User.email, User.phone, User.language).where(
            User.language != 'ru', User.email.in_(part) | User.phone.in_(part)
        )
        for person in people:
            chosen |= {address: person.language for address in (person.email, person.phone) if address}
    return chosen


def language_of(address: str) -> str:
    """Return the language in which to write to one address; Russian where nobody chose."""
    return languages_of([address]).get(address, 'ru')
