"""What everybody can know about a person and must not stand in his password; docs/auth.yml says from where."""

import re
from collections.abc import Callable, Iterable

from models.catalogue import Tariff
from models.contract import Contract, Subscriber
from models.region import Region
from models.user import User
from services.identity.auth_rules import WordSource, get_rules


def of(user: User) -> list[str]:
    """Return the words of a person who has an account."""
    people = list(Subscriber.select().where(Subscriber.user == user))
    numbers = [row.number for row in Contract.select(Contract.number).where(Contract.subscriber.in_(people))]
    names = [user.name, *(person.full_name for person in people)]
    return _found(numbers=numbers, login=user.login or '', email=user.email or '', names=names)


def of_new(login: str, name: str, email: str) -> list[str]:
    """Return the words of a person whose account is being made."""
    return _found(numbers=(), login=login, email=email, names=(name,))


def _found(*, numbers: Iterable[str], login: str, email: str, names: Iterable[str]) -> list[str]:
    ways: dict[WordSource, Callable[[], Iterable[str]]] = {
        'contract_number': lambda: numbers,
        'login': lambda: (login,),
        'email_name': lambda: (email.split('@', maxsplit=1)[0],),
        'name': lambda: (word for name in names for word in re.split(r'[\s-]+', name)),
        'town': lambda: (row.name for row in Region.select(Region.name)),
        'tariff': lambda: (word for row in Tariff.select() for word in (row.name, row.code)),
    }
    return [word for source in get_rules().passwords.words_of for word in ways[source]()]
