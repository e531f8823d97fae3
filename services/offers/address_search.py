"""Town, street, house: what fits to what is typed, and the house behind three fields. Any spelling finds its house.

Nothing is kept in memory: the names of a town come from one index of the building base, so that a change made by
another process is seen at once.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from models.region import Building, Region
from services import field_rules, limits
from services.offers.houses import HouseView, read_house
from services.offers.regions import get_region, list_regions
from services.offers.spellings import house_words, street_words, town_words

MOST_FOUND = limits.count('addresses_found')
MOST_HOUSES = limits.count('houses_listed')
LIKENESS = 0.72
"""How alike a misspelt street is, of 1; found by trying misspellings."""
_BEFORE_A_HOUSE = re.compile(r'[ ,]+(?:д\.? ?|дом )?(?=\d)')
_CUTS_TRIED = 3
"""A street with a number, a house, its corpus: nobody writes more, and each is looked for in the whole town."""


@dataclass(frozen=True)
class Town:
    """A town or village of a region; `value` is what stands in the field, with the region where it is another one."""

    region: str
    locality: str
    value: str


@dataclass(frozen=True)
class Looked:
    """What three typed fields mean. What is not clear has its candidates; `house` is there when all is clear.

    `street` is the street's name in the building base once it is known, '' before.
    """

    town: Town | None
    street: str = ''
    house: HouseView | None = None
    towns: tuple[Town, ...] = ()
    streets: tuple[str, ...] = ()
    houses: tuple[str, ...] = ()


def suggest(part: str, text: str, *, region: str, town: str = '', street: str = '') -> tuple[str, ...]:
    """Return what fits to the beginning of a name, the best first.

    Args:
        part: town | street | house; anything else has no names.
        region: slug of the page's region; its towns come first.
        town, street: what stands in the fields before.

    Raises:
        NotFound: no such region.
    """
    get_region(region)
    if part == 'town':
        return tuple(found.value for found in _towns_like(_short(text, 'locality'), region)[:MOST_FOUND])
    looked = look(region, town, street if part == 'house' else '')
    if looked.town is None or part not in ('street', 'house'):
        return ()
    if part == 'street':
        return _streets_like(looked.town, _short(text, 'street'))[:MOST_FOUND]
    return _houses_like(looked.town, looked.street, _short(text, 'house'))[:MOST_FOUND] if looked.street else ()


def look(region: str, town: str, street: str = '', house: str = '') -> Looked:
    """Return what typed fields mean; an empty town is the main one of the region.

    Raises:
        NotFound: no such region.
    """
    get_region(region)
    town, street, house = _short(town, 'locality'), _short(street, 'street'), _short(house, 'house')
    towns = _towns_like(town, region)
    here = _clear(town, towns, lambda each: each.value, town_words) if town else towns[0] if towns else None
    if here is None:
        return Looked(None, towns=tuple(towns[:MOST_FOUND]))
    if not street:
        return Looked(here)
    if not house and not _streets_like(here, street, is_strict=True):
        street, house = _apart(here, street)
    streets = _streets_like(here, street)
    named = _clear(street, streets, str, street_words)
    if named is None:
        return Looked(here, streets=streets[:MOST_FOUND])
    if not house:
        return Looked(here, named)
    numbers = _houses_of(here, named)
    number = _clear(house, numbers, str, house_words, is_alone_clear=False)
    if number is None:
        return Looked(here, named, houses=tuple(numbers[:MOST_HOUSES]))
    return Looked(here, named, read_house(here.region, here.locality, named, number))


def _short(typed: object, rule: str) -> str:
    return ' '.join(typed.split())[: field_rules.most(rule)] if isinstance(typed, str) else ''


def _apart(town: Town, text: str) -> tuple[str, str]:
    """Return a street and the house that was written behind it: «Учебная 3», «9 Мая, 3»."""
    cuts = [(text[: cut.start()], text[cut.end() :]) for cut in _BEFORE_A_HOUSE.finditer(text, 1)]
    known = (cut for cut in cuts[: -_CUTS_TRIED - 1 : -1] if _streets_like(town, cut[0], is_strict=True))
    return next(known, cuts[0] if cuts else (text, ''))


def _clear(
    typed: str,
    found: Iterable[Any],
    name: Callable[[Any], str],
    words: Callable[[str], Any],
    *,
    is_alone_clear: bool = True,
) -> Any | None:
    """Return the one that is meant: written exactly so, else the only one of its spelling, else the only one found."""
    candidates = list(found)
    exact = [each for each in candidates if name(each) == typed]
    same = [each for each in candidates if words(name(each)) == words(typed)]
    for group in (exact, same, candidates if is_alone_clear else []):
        if len(group) == 1:
            return group[0]
        if group:
            return None
    return None


def _towns_like(text: str, region: str) -> list[Town]:
    """Return towns that fit, this region's first, its main one before its villages; all of them for no text."""
    names = {known.slug: known.name for known in list_regions()}
    rows: Any = Building.select(Region.slug, Building.locality).join(Region).distinct().tuples()
    towns = [Town(slug, locality, _value(region, slug, locality, names[slug])) for slug, locality in rows]
    towns.sort(key=lambda town: (town.region != region, town.locality != names[town.region], town.locality))
    mine = [town for town in towns if town.region == region]
    if not text:
        return mine
    with_region = ',' in text
    return _best(town_words(text), [(town_words(t.value if with_region else t.locality), t) for t in towns])


def _value(region: str, slug: str, locality: str, name: str) -> str:
    return locality if slug == region or locality == name else f'{locality}, {name}'


def _streets_like(town: Town, text: str, *, is_strict: bool = False) -> tuple[str, ...]:
    """Return streets that fit; where none does and one need not be strict, those that are spelt much alike."""
    rows = _in(town, Building.select(Building.street)).distinct().order_by(Building.street).tuples()
    names = [street for (street,) in rows]
    wanted = street_words(text)
    keyed = [(street_words(street), street) for street in names]
    found = _best(wanted, keyed)
    if found or not text or is_strict:
        return tuple(found)
    spelt = {' '.join(words): street for words, street in keyed}
    near = difflib.get_close_matches(' '.join(wanted)[:40], spelt, n=3, cutoff=LIKENESS)
    return tuple(spelt[key] for key in near)


def _houses_of(town: Town, street: str) -> list[str]:
    rows = _in(town, Building.select(Building.house)).where(Building.street == street).tuples()
    return sorted((house for (house,) in rows), key=_in_order)


def _houses_like(town: Town, street: str, text: str) -> tuple[str, ...]:
    wanted = house_words(text)
    return tuple(house for house in _houses_of(town, street) if house_words(house).startswith(wanted))


def _in_order(house: str) -> tuple[int, str]:
    """Sort houses as they stand in the street: 2 before 12, 12 before 12А."""
    key = house_words(house)
    digits = key[: len(key) - len(key.lstrip('0123456789'))]
    return (int(digits[:9] or 0), key)


def _in(town: Town, query: Any) -> Any:
    return query.join(Region).where((Region.slug == town.region) & (Building.locality == town.locality))


def _best(wanted: tuple[str, ...], keyed: list[tuple[tuple[str, ...], Any]]) -> list[Any]:
    """Return what fits, the whole name before its beginning, the beginning before a part; else in the order given."""
    ranked = [(rank, place) for place, (words, _each) in enumerate(keyed) if (rank := _rank(wanted, words)) is not None]
    return [keyed[place][1] for _rank_of, place in sorted(ranked)]


def _rank(wanted: tuple[str, ...], words: tuple[str, ...]) -> int | None:
    if wanted == words:
        return 0
    if ' '.join(words).startswith(' '.join(wanted)):
        return 1
    if all(any(word.startswith(typed) for word in words) for typed in wanted):
        return 2
    return 3 if all(typed in ' '.join(words) for typed in wanted) else None
