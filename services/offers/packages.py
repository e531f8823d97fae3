"""The package a visitor builds: read from an address that anybody may have written, and always possible to connect.

What cannot be is replaced by what can, and the change is told; nothing here raises on hostile input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from models.catalogue import AddOnKind, EquipmentKind, Signal
from models.region import HouseKind
from services import field_rules, limits
from services.offers.catalogue import Catalogue, EquipmentCard, TariffCard, TvCard

MOST_ADD_ONS = limits.count('package_add_ons')
OWN = 'own'
OBLIGATORY_CHANNELS = 9
"""The social package; whoever asks for «digital» means more than that."""
TV_SIGNALS: dict[HouseKind, tuple[Signal, ...]] = {
    HouseKind.FLAT: (Signal.DIGITAL,),
    HouseKind.PRIVATE: (Signal.DIGITAL, Signal.SATELLITE),
    HouseKind.VILLAGE: (Signal.SATELLITE,),
}
"""A dish on the front of a block of flats is not allowed; over the air there is no room for digital TV."""


class Way(StrEnum):
    """How a device comes to the person."""

    RENT = 'rent'
    BUY = 'buy'


class Unavailable(StrEnum):
    """Why something cannot be chosen; the page puts it into words."""

    NOT_IN_REGION = 'not_in_region'
    NOT_FOR_FLAT = 'not_for_flat'
    NOT_FOR_PRIVATE = 'not_for_private'
    NOT_FOR_VILLAGE = 'not_for_village'
    NO_DISH_ON_FLATS = 'no_dish_on_flats'
    ONLY_SATELLITE = 'only_satellite'
    NEEDS_TV = 'needs_tv'


@dataclass(frozen=True)
class Device:
    """One device of the package: code from the catalogue and how it comes."""

    code: str
    way: Way


@dataclass(frozen=True)
class Package:
    """What was chosen. `router` and `receiver` are None when the person has his own; `promo` is as typed."""

    house: HouseKind
    tariff: str
    tv: str | None = None
    router: Device | None = None
    receiver: Device | None = None
    add_ons: tuple[str, ...] = ()
    promo: str = ''
    building: int | None = None  # id of the house in the building base, once it was chosen

    @property
    def query(self) -> str:
        """The address query that brings this package back."""
        promo = f'&{urlencode({"promo": self.promo})}' if self.promo else ''
        return self.query_without_promo + promo

    @property
    def query_without_promo(self) -> str:
        """The same without the promo code, for a form that has its own field for it."""
        pairs = [
            ('house', str(self.house)),
            ('internet', self.tariff),
            ('tv', self.tv or 'none'),
            ('equipment', _device_words(self.router)),
        ]
        if self.tv:
            pairs.append(('receiver', _device_words(self.receiver)))
        pairs += [('addons', code) for code in self.add_ons]
        pairs += [('building', str(self.building))] if self.building else []
        return urlencode(pairs, safe=':')

    @property
    def equipment(self) -> dict[str, str]:
        """The devices as a contract keeps them: {"R-AC": "rent"}."""
        return {device.code: str(device.way) for device in (self.router, self.receiver) if device}

    def as_snapshot(self) -> dict[str, object]:
        """The package as an application keeps it (models/application.py)."""
        return {'tariff': self.tariff, 'tv': self.tv, 'equipment': self.equipment, 'addons': list(self.add_ons)}


@dataclass(frozen=True)
class Chosen:
    """A package that can be connected, and which of the asked names had to be changed: house, internet, tv, …"""

    package: Package
    changed: tuple[str, ...] = ()


Query = Mapping[str, Sequence[str]]
"""An address query: every name with all its values."""


def why_not_tariff(tariff: TariffCard, region: str, house: HouseKind) -> Unavailable | None:
    """Return why a tariff cannot be connected there, or None."""
    if not tariff.is_for_house(house):
        return {
            HouseKind.FLAT: Unavailable.NOT_FOR_FLAT,
            HouseKind.PRIVATE: Unavailable.NOT_FOR_PRIVATE,
            HouseKind.VILLAGE: Unavailable.NOT_FOR_VILLAGE,
        }[house]
    return None if tariff.is_in_region(region) else Unavailable.NOT_IN_REGION


def why_not_tv(tv: TvCard, house: HouseKind) -> Unavailable | None:
    """Return why a TV package cannot be connected in this kind of house, or None."""
    if tv.signal in TV_SIGNALS[house]:
        return None
    return Unavailable.NO_DISH_ON_FLATS if tv.signal == Signal.SATELLITE else Unavailable.ONLY_SATELLITE


def why_not_add_on(kind: AddOnKind, tv: str | None) -> Unavailable | None:
    """Return why an add-on cannot be chosen, or None: thematic channels need a TV package."""
    return Unavailable.NEEDS_TV if kind == AddOnKind.TV_OPTION and tv is None else None


def receivers(catalogue: Catalogue, tv: TvCard | None) -> tuple[EquipmentCard, ...]:
    """Return what this television is received with: a set-top box, or a dish with its receiver."""
    if tv is None:
        return ()
    kind = EquipmentKind.SATELLITE if tv.signal == Signal.SATELLITE else EquipmentKind.STB
    return catalogue.of_kind(kind)


def choose(query: Query, catalogue: Catalogue, region: str) -> Chosen | None:
    """Return the nearest possible package for an address query; None when nothing at all is sold in this region.

    The default is the first tariff of a flat, with nothing else.
    """
    house, is_house_known = _house(query)
    changed = [] if is_house_known else ['house']
    tariff = _tariff(_one(query, 'internet'), catalogue, region, house)
    if tariff is None:
        # No tariff for this kind of house in this town: what is sold to a flat is sold everywhere.
        changed.append('house')
        house = HouseKind.FLAT
        tariff = _tariff(_one(query, 'internet'), catalogue, region, house)
        if tariff is None:
            return None
    tv = _tv(_one(query, 'tv'), catalogue, house)
    router, is_router_known = _device(_one(query, 'equipment'), catalogue.of_kind(EquipmentKind.ROUTER))
    receiver, is_receiver_known = _receiver(query, router, tv, catalogue)
    add_ons, is_all_known = _add_ons(query, catalogue, tv)
    package = Package(
        house=house,
        tariff=tariff.code,
        tv=tv.code if tv else None,
        router=router,
        receiver=receiver,
        add_ons=add_ons,
        promo=_one(query, 'promo').strip(),
    )
    changed += [] if _one(query, 'internet') in {'', tariff.code} else ['internet']
    changed += [] if _is_same_tv(_one(query, 'tv'), tv) else ['tv']
    changed += [] if is_router_known and is_receiver_known else ['equipment']
    changed += [] if is_all_known else ['addons']
    return Chosen(package, tuple(dict.fromkeys(changed)))


def _one(query: Query, name: str) -> str:
    values = query.get(name) or ('',)
    last = values[-1]
    return last[: field_rules.most('package_value') + 1] if isinstance(last, str) else ''


def _house(query: Query) -> tuple[HouseKind, bool]:
    asked = _one(query, 'house')
    try:
        return HouseKind(asked or HouseKind.FLAT), True
    except ValueError:
        return HouseKind.FLAT, False


def _tariff(asked: str, catalogue: Catalogue, region: str, house: HouseKind) -> TariffCard | None:
    possible = [t for t in catalogue.tariffs if why_not_tariff(t, region, house) is None]
    for tariff in possible:
        if tariff.code == asked:
            return tariff
    # Nobody is put on a tariff that asks for a document unless there is no other.
    return next((t for t in possible if not t.needs_entitlement), possible[0] if possible else None)


def _tv(asked: str, catalogue: Catalogue, house: HouseKind) -> TvCard | None:
    tv = catalogue.find_tv(asked)
    if tv is None and asked in set(Signal):
        tv = next((t for t in catalogue.tv if t.signal == asked and t.channels > OBLIGATORY_CHANNELS), None)
    return tv if tv is not None and why_not_tv(tv, house) is None else None


def _is_same_tv(asked: str, tv: TvCard | None) -> bool:
    return asked in ({'', 'none'} if tv is None else {tv.code, str(tv.signal)})


def _device(asked: str, models: Sequence[EquipmentCard]) -> tuple[Device | None, bool]:
    """Read `own`, `rent`, `buy`, `R-AX:rent`; the short words mean the first model."""
    if asked in {'', OWN, 'none'} or not models:
        return None, asked in {'', OWN, 'none'}
    code, _, way = asked.rpartition(':')
    if way not in set(Way):
        return None, False
    model = next((m for m in models if not code or m.code == code), None)
    if model is None or (model.rent_fee if way == Way.RENT else model.buy_price) is None:
        return None, False
    return Device(model.code, Way(way)), True


def _receiver(
    query: Query, router: Device | None, tv: TvCard | None, catalogue: Catalogue
) -> tuple[Device | None, bool]:
    """A set-top box not spoken of comes as the router does: many televisions need none. A dish everybody needs."""
    models = receivers(catalogue, tv)
    if tv is None or not models:
        return None, True
    unspoken = Way.RENT if tv.signal == Signal.SATELLITE else router.way if router else OWN
    asked = _one(query, 'receiver') or str(unspoken)
    code, _, way = asked.rpartition(':')
    if code not in {model.code for model in models} and catalogue.find_equipment(code):
        asked = str(unspoken) if way == OWN else way  # it was chosen for the other kind of television
    return _device(asked, models)


def _device_words(device: Device | None) -> str:
    return f'{device.code}:{device.way}' if device else OWN


def _add_ons(query: Query, catalogue: Catalogue, tv: TvCard | None) -> tuple[tuple[str, ...], bool]:
    asked = [part for value in query.get('addons', ())[:MOST_ADD_ONS] for part in value.split(',')[:MOST_ADD_ONS]]
    wanted = {part.strip() for part in asked if part.strip()}
    known = {
        card.code
        for card in catalogue.add_ons
        if card.in_constructor and card.code in wanted and why_not_add_on(card.kind, tv.code if tv else None) is None
    }
    return tuple(card.code for card in catalogue.add_ons if card.code in known), known == wanted
