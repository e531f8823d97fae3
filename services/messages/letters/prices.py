"""Letters about prices: a coming one, and that it was taken back. To everybody it touches."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.price import CataloguePrice
from services.messages.letters import Addressed, queue_many

Priced = Tariff | TvPackage | AddOn | Equipment
KINDS: dict[type, str] = {Tariff: 'tariff', TvPackage: 'tv', AddOn: 'add_on', Equipment: 'rent'}
"""What the words of the letters are chosen by."""


@dataclass(frozen=True)
class Touched:
    """A contract that a price touches. `together` is the price of its bundle with TV, which stays, or None."""

    number: str
    subscriber_id: int
    name: str
    email: str
    phone: str
    together: Decimal | None


def price_announced(price: CataloguePrice, thing: Priced, touched: Iterable[Touched], *, before: Decimal) -> int:
    """Tell each subscriber once what it will cost; `before` is what it costs until then, rubles."""
    facts = {**_names(thing), 'on': price.starts_on, 'fee': price.monthly_fee, 'before': before}
    return queue_many('price_announced', _addressed(f'price:{price.id}:announced', touched, facts))


def price_withdrawn(price: CataloguePrice, thing: Priced, touched: Iterable[Touched], *, before: Decimal) -> int:
    """Tell the same people that the price stays as it is."""
    facts = {**_names(thing), 'on': price.starts_on, 'fee': before}
    return queue_many('price_withdrawn', _addressed(f'price:{price.id}:withdrawn', touched, facts))


def _names(thing: Priced) -> dict[str, object]:
    return {'kind': KINDS[type(thing)], 'thing': thing.name}


def _addressed(key: str, touched: Iterable[Touched], facts: dict[str, object]) -> list[Addressed]:
    """One letter for a subscriber, whatever number of contracts he has."""
    by_subscriber: dict[int, list[Touched]] = defaultdict(list)
    for contract in touched:
        by_subscriber[contract.subscriber_id].append(contract)
    return [
        Addressed(same[0].email, same[0].phone, f'{key}:{who}', {**facts, 'name': same[0].name, 'contracts': same})
        for who, same in by_subscriber.items()
    ]
