"""What many contracts have, read at once and grouped by contract: no query per contract."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from models.application import Redemption
from models.catalogue import AddOn, AddOnKind, Bundle, Equipment, PromoCode, Tariff, TvPackage
from models.contract import (
    ConnectedAddOn,
    Contract,
    Discount,
    EquipmentUnit,
    Ownership,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from services.clock import now

Grouped = dict[int, list[Any]]
"""Rows by the id of their contract."""


def attach_catalogue(contracts: Sequence[Contract]) -> None:
    """Read the tariffs and TV packages of contracts, as their rows name them now, and hang them on."""
    tariffs = _by_id(Tariff, {contract.tariff_id for contract in contracts})
    packages = _by_id(TvPackage, {contract.tv_package_id for contract in contracts} - {None})
    for contract in contracts:
        contract.tariff = tariffs[contract.tariff_id]
        if contract.tv_package_id is not None:
            contract.tv_package = packages[contract.tv_package_id]


def connected(ids: Sequence[int]) -> list[ConnectedAddOn]:
    """Return the monthly add-ons of contracts that work now, with what they are."""
    of_them = ConnectedAddOn.contract.in_(ids) & (AddOn.is_monthly == True)  # noqa: E712 - SQL
    rows: Any = ConnectedAddOn.select(ConnectedAddOn, AddOn).join(AddOn).where(of_them & _is_on())
    return list(rows.order_by(AddOn.position, ConnectedAddOn.id))


def is_credit(row: Any) -> bool:
    """Tell whether a connected add-on is a trust credit."""
    return bool(row.add_on.kind == AddOnKind.CREDIT)


def running_credits() -> Any:
    """Return the query of the ids of the contracts that have a trust credit."""
    rows = ConnectedAddOn.select(ConnectedAddOn.contract).join(AddOn)
    return rows.where((AddOn.kind == AddOnKind.CREDIT) & _is_on())


def rented_units(ids: list[int]) -> list[EquipmentUnit]:
    """Return the devices contracts pay rent for, with what they are."""
    of_them = EquipmentUnit.contract.in_(ids) & (EquipmentUnit.ownership == Ownership.RENTED)
    rows = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment)
    return list(rows.where(of_them & EquipmentUnit.returned_at.is_null()).order_by(EquipmentUnit.id))


def by_contract(rows: Iterable[Any]) -> Grouped:
    """Return rows by the id of their contract, each contract's in the order given."""
    grouped: Grouped = defaultdict(list)
    for row in rows:
        grouped[row.contract_id].append(row)
    return grouped


def bundles(packages: set[Any]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    if packages:
        rows: Any = Bundle.select(Bundle, Tariff).join(Tariff).where(Bundle.tv_package.in_(packages))
        for row in rows:
            found[row.tv_package_id].append((row.tariff.code, row.monthly_fee))
    return {package: tuple(prices) for package, prices in found.items()}


def rents(ids: list[int]) -> Grouped:
    return by_contract(rented_units(ids))


def discounts(ids: list[int]) -> Grouped:
    rows = Discount.select(Discount, Redemption, PromoCode).left_outer_join(Redemption).left_outer_join(PromoCode)
    return by_contract(rows.where(Discount.contract.in_(ids) & Discount.ended_at.is_null()).order_by(Discount.id))


def pauses(ids: list[int]) -> Grouped:
    return by_contract(Suspension.select().where(Suspension.contract.in_(ids)).order_by(Suspension.starts_on))


def planned(ids: list[int]) -> Grouped:
    new = Tariff.alias()
    rows = TariffChange.select(TariffChange, new).join(new, on=(TariffChange.new_tariff == new.id))
    waits = TariffChange.state == TariffChangeState.PLANNED
    return by_contract(rows.where(TariffChange.contract.in_(ids) & waits))


def promises(ids: list[int]) -> Grouped:
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    return by_contract(PromisedPayment.select().where(PromisedPayment.contract.in_(ids) & is_open))


def _by_id(model: Any, ids: set[Any]) -> dict[int, Any]:
    return {row.id: row for row in model.select().where(model.id.in_(ids))} if ids else {}


def _is_on() -> Any:
    return ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > now())
