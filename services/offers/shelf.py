"""Tariffs, TV packages, monthly add-ons and rented devices as an administrator keeps them: prices, subscribers, on sale
or archived, and for which other tariffs a tariff may be changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import fn

from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.contract import ConnectedAddOn, Contract, ContractStatus, EquipmentUnit, Ownership
from models.price import CataloguePrice
from models.user import Role, User
from services import audit, rules
from services.authority import Actor, require_role
from services.clock import now, today
from services.errors import N_, InvalidField, NotFound
from services.offers.price_changes import earliest_day, find, locked, monthly_add_ons, rented_devices, subject_of
from services.offers.prices import Price, Priced, PriceList, is_of, read_prices
from services.runner import transactional


class Kind(StrEnum):
    """What stands on the shelf."""

    TARIFF = 'tariff'
    TV = 'tv'
    ADD_ON = 'add_on'
    RENT = 'rent'


KINDS = {Tariff: Kind.TARIFF, TvPackage: Kind.TV, AddOn: Kind.ADD_ON, Equipment: Kind.RENT}


@dataclass(frozen=True)
class ShelfLine:
    """One thing of the list: rubles a month; `down_kbit` of a tariff, 0 of others; `subscribers` are the active
    contracts that have it."""

    kind: Kind
    code: str
    name: str
    down_kbit: int
    fee: Decimal
    vat_rate: int
    subscribers: int
    is_on_sale: bool
    coming: Price | None


@dataclass(frozen=True)
class PriceChange:
    """One announced price; one that was taken back stays in the history."""

    id: int
    fee: Decimal
    vat_rate: int
    starts_on: date
    reason: str
    by: str
    at: datetime
    is_coming: bool
    is_withdrawn: bool


@dataclass(frozen=True)
class ShelfPage:
    """One thing with its prices, the newest first. `targets` are the codes a tariff may be changed for, none: any;
    `others` all other tariffs with their names.

    `earliest` is the first day a new price may begin, `vat_then` the VAT of services on it.
    """

    line: ShelfLine
    first_fee: Decimal
    targets: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    prices: tuple[PriceChange, ...]
    earliest: date
    vat_then: int

    @property
    def waiting(self) -> PriceChange | None:
        """Return the price that waits for its day."""
        return next((price for price in self.prices if price.is_coming and not price.is_withdrawn), None)


def list_shelf(*, actor: Actor | None) -> tuple[ShelfLine, ...]:
    """Return all tariffs, then TV packages and monthly add-ons, those on sale first, then what is rented. Ten queries.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    require_role(actor, Role.ADMINISTRATOR)
    prices, counts = read_prices(), _subscribers()
    rows: list[Any] = []
    for query in (Tariff.select(), TvPackage.select(), monthly_add_ons()):
        rows.extend(query.order_by(query.model.is_on_sale.desc(), query.model.position, query.model.id))
    rows.extend(rented_devices().order_by(Equipment.position, Equipment.id))
    return tuple(_line(row, prices, counts.get((type(row), row.id), 0)) for row in rows)


def get_page(code: str, *, actor: Actor | None) -> ShelfPage:
    """Return one tariff, TV package, monthly add-on or rented device.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: nothing with a price of its own has this code.
    """
    require_role(actor, Role.ADMINISTRATOR)
    thing: Any = find(code)
    others: Any = Tariff.select().order_by(Tariff.position, Tariff.id) if isinstance(thing, Tariff) else ()
    earliest = earliest_day()
    return ShelfPage(
        line=_line(thing, read_prices([thing]), _subscribers().get((type(thing), thing.id), 0)),
        first_fee=read_prices([]).fee(thing, today()),
        targets=tuple(thing.targets) if isinstance(thing, Tariff) else (),
        others=tuple((row.code, row.name) for row in others if row.id != thing.id),
        prices=_prices(thing),
        earliest=earliest,
        vat_then=rules.on(earliest).vat_services,
    )


@transactional
def archive(code: str, *, actor: Actor | None) -> None:
    """Take a thing off sale; those who have it keep it. One that is archived already stays so.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: nothing of ours has this code.
    """
    _put(code, on_sale=False, actor=actor)


@transactional
def put_on_sale(code: str, *, actor: Actor | None) -> None:
    """Sell a thing again.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: nothing of ours has this code.
    """
    _put(code, on_sale=True, actor=actor)


@transactional
def set_targets(code: str, targets: Iterable[str], *, actor: Actor | None) -> None:
    """Say for which tariffs this one may be changed; none: for any that the house can have.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: nothing of ours has this code.
        InvalidField: `targets` names something that is no other tariff.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    tariff = locked(code)
    if not isinstance(tariff, Tariff):
        raise NotFound
    rows: Any = Tariff.select(Tariff.code).order_by(Tariff.position, Tariff.id)
    known = [row.code for row in rows]
    wanted = list(targets) if isinstance(targets, list | tuple | set) else [None]
    if any(each not in known or each == tariff.code for each in wanted):
        raise InvalidField('targets', N_('Отметьте тарифы из списка.'))
    chosen = [each for each in known if each in wanted]
    if chosen != tariff.targets:
        before, tariff.targets = tariff.targets, chosen
        tariff.save(only=[Tariff.targets])
        audit.note('tariff.targets', f'tariff:{tariff.code}', actor=actor, before=before, targets=chosen)


def _put(code: str, *, on_sale: bool, actor: Actor | None) -> None:
    actor = require_role(actor, Role.ADMINISTRATOR)
    thing = locked(code)
    if isinstance(thing, Equipment):  # a device is sold, rented or lent: no shelf of ours to take it off
        raise NotFound
    if thing.is_on_sale != on_sale:
        thing.is_on_sale = on_sale
        thing.save(only=[type(thing).is_on_sale])
        audit.note('catalogue.sell' if on_sale else 'catalogue.archive', subject_of(thing), actor=actor)


def _line(row: Any, prices: PriceList, subscribers: int) -> ShelfLine:
    price = prices.on(row, today())
    return ShelfLine(
        kind=KINDS[type(row)],
        code=row.code,
        name=row.name,
        down_kbit=row.down_kbit if isinstance(row, Tariff) else 0,
        fee=price.fee,
        vat_rate=price.vat_rate,
        subscribers=subscribers,
        is_on_sale=isinstance(row, Equipment) or row.is_on_sale,
        coming=prices.coming(row, today()),
    )


def _subscribers() -> dict[tuple[type, int], int]:
    """Return how many active contracts have what, by its kind and id."""
    is_active = Contract.status == ContractStatus.ACTIVE
    works = ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > now())
    add_ons: Any = ConnectedAddOn.select(ConnectedAddOn.add_on, fn.COUNT(ConnectedAddOn.contract.distinct()))
    units: Any = EquipmentUnit.select(EquipmentUnit.equipment, fn.COUNT(EquipmentUnit.contract.distinct()))
    rented = (EquipmentUnit.ownership == Ownership.RENTED) & EquipmentUnit.returned_at.is_null()
    counted: dict[type, Any] = {
        Tariff: Contract.select(Contract.tariff, fn.COUNT(Contract.id)).where(is_active).group_by(Contract.tariff),
        TvPackage: Contract.select(Contract.tv_package, fn.COUNT(Contract.id))
        .where(is_active & Contract.tv_package.is_null(False))
        .group_by(Contract.tv_package),
        Equipment: units.join(Contract).where(is_active & rented).group_by(EquipmentUnit.equipment),
        AddOn: add_ons.join(Contract).where(is_active & works).group_by(ConnectedAddOn.add_on),
    }
    return {(kind, key): count for kind, query in counted.items() for key, count in query.tuples()}


def _prices(thing: Priced) -> tuple[PriceChange, ...]:
    rows: Any = CataloguePrice.select(CataloguePrice, User).join(User, on=CataloguePrice.set_by)
    return tuple(
        PriceChange(
            id=row.id,
            fee=row.monthly_fee,
            vat_rate=row.vat_rate,
            starts_on=row.starts_on,
            reason=row.reason,
            by=row.set_by.name,
            at=row.announced_at,
            is_coming=row.starts_on > today(),
            is_withdrawn=row.withdrawn_at is not None,
        )
        for row in rows.where(is_of(thing)).order_by(CataloguePrice.id.desc())
    )
