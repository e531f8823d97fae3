"""Snapshots of many contracts at once: the same queries for one contract and for a thousand (no query per contract)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
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
from services import rules
from services.clock import local, now, today
from services.money import ZERO
from services.offers.prices import PriceList, read_prices
from services.quotes.monthly import DatedFee, Item, LineKind, PromoEffect
from services.quotes.subscription import (
    AddOnTerms,
    DiscountTerms,
    Limit,
    Pause,
    PlannedTariff,
    Subscription,
    TariffTerms,
)
from services.rules import Rules

DOWN_FEE_CODE = 'F-DOWN'
"""The fee of a move to a cheaper tariff, charged on the day of the change (DOMAIN §6.4)."""

Grouped = dict[int, list[Any]]
"""Rows by the id of their contract."""


def load_many(contracts: Sequence[Contract]) -> dict[int, Subscription]:
    """Return what contracts pay for, as it stands now, by their ids; a dozen queries whatever their number."""
    if not contracts:
        return {}
    ids = [contract.id for contract in contracts]
    attach_catalogue(contracts)
    terms, rules_on, prices = rules.current(), cache(rules.on), read_prices()
    bundles = _bundles({contract.tv_package_id for contract in contracts} - {None})
    rents, add_ons, discounts = _rents(ids), by_contract(connected(ids)), _discounts(ids)
    pauses, planned, promises = _pauses(ids), _planned(ids), _promises(ids)
    return {
        contract.id: Subscription(
            number=contract.number,
            active_on=contract.active_on or today(),
            tariff=terms_of(contract.tariff, prices),
            tv=_tv(contract, prices),
            bundles=bundles.get(contract.tv_package_id or 0, ()),
            rents=rent_items(rents[contract.id], terms),
            add_ons=tuple(_add_on_terms(row, terms, prices) for row in add_ons[contract.id]),
            discounts=tuple(
                DiscountTerms(_effect(row), row.first_month, row.last_month) for row in discounts[contract.id]
            ),
            pauses=_pause_days(pauses[contract.id]),
            planned=_planned_terms(contract, planned[contract.id], prices, rules_on),
            debiting_order=terms.debiting_order,
            limits=_limits(promises[contract.id], add_ons[contract.id], terms),
            grace_until=contract.active_on + timedelta(days=terms.first_days_to_pay) if contract.active_on else None,
        )
        for contract in contracts
    }


def attach_catalogue(contracts: Sequence[Contract]) -> None:
    """Read the tariffs and TV packages of contracts, as their rows name them now, and hang them on."""
    tariffs = _by_id(Tariff, {contract.tariff_id for contract in contracts})
    packages = _by_id(TvPackage, {contract.tv_package_id for contract in contracts} - {None})
    for contract in contracts:
        contract.tariff = tariffs[contract.tariff_id]
        if contract.tv_package_id is not None:
            contract.tv_package = packages[contract.tv_package_id]


def terms_of(tariff: Tariff, prices: PriceList) -> TariffTerms:
    """Return a tariff as the calculator needs it, with every price it has."""
    price_now = prices.on(tariff, today())
    fees = prices.dated(tariff)
    return TariffTerms(tariff.code, tariff.name, price_now.fee, price_now.vat_rate, tariff.down_kbit, fees)


def add_on_item(row: Any, prices: PriceList) -> Item:
    """Return a connected monthly add-on: the price it was connected at, from their days on those announced since."""
    add_on, begun = row.add_on, local(row.starts_at).date()
    agreed = DatedFee(date.min, row.price, prices.on(add_on, begun).vat_rate)
    fees = (agreed, *(price for price in prices.dated(add_on) if price.since > begun))
    return Item(LineKind.ADD_ON, add_on.code, add_on.name, row.price, agreed.vat_rate, fees).on(today())


def planned_terms(
    new: Tariff,
    old: Tariff,
    on: date,
    prices: PriceList | None = None,
    rules_on: Callable[[date], Rules] = rules.on,
) -> PlannedTariff:
    """Return a coming change of tariff with its fee: only a move to a cheaper tariff costs something."""
    prices = prices or read_prices([old, new])
    fee, code = (rules_on(on).down_fee, DOWN_FEE_CODE) if is_down(old, new, on, prices) else (ZERO, '')
    return PlannedTariff(terms_of(new, prices), on, fee, code)


def is_down(old: Tariff, new: Tariff, on: date, prices: PriceList | None = None) -> bool:
    """Tell whether the new tariff is the cheaper one, by the prices of this day."""
    prices = prices or read_prices([old, new])
    return prices.fee(new, on) < prices.fee(old, on)


def credits_on(contracts: Sequence[Contract], day: date) -> dict[int, Decimal]:
    """Return how far below zero trust credits let wallets be on a day, rubles by the ids of those who have one; one
    query where nobody has."""
    rows: Any = running_credits().where(ConnectedAddOn.contract.in_([contract.id for contract in contracts]))
    having = {contract_id for (contract_id,) in rows.tuples()}
    known = load_many([contract for contract in contracts if contract.id in having])
    return {contract_id: subscription.credit_on(day) for contract_id, subscription in known.items()}


def running_credits() -> Any:
    """Return the query of the ids of the contracts that have a trust credit."""
    rows = ConnectedAddOn.select(ConnectedAddOn.contract).join(AddOn)
    return rows.where((AddOn.kind == AddOnKind.CREDIT) & _is_on())


def connected(ids: Sequence[int]) -> list[ConnectedAddOn]:
    """Return the monthly add-ons of contracts that work now, with what they are."""
    of_them = ConnectedAddOn.contract.in_(ids) & (AddOn.is_monthly == True)  # noqa: E712 - SQL
    rows: Any = ConnectedAddOn.select(ConnectedAddOn, AddOn).join(AddOn).where(of_them & _is_on())
    return list(rows.order_by(AddOn.position, ConnectedAddOn.id))


def is_credit(row: Any) -> bool:
    """Tell whether a connected add-on is a trust credit."""
    return bool(row.add_on.kind == AddOnKind.CREDIT)


def rented_units(ids: list[int]) -> list[EquipmentUnit]:
    """Return the devices contracts pay rent for, with what they are."""
    of_them = EquipmentUnit.contract.in_(ids) & (EquipmentUnit.ownership == Ownership.RENTED)
    rows = EquipmentUnit.select(EquipmentUnit, Equipment).join(Equipment)
    return list(rows.where(of_them & EquipmentUnit.returned_at.is_null()).order_by(EquipmentUnit.id))


def rent_items(rows: Iterable[Any], terms: Rules) -> tuple[Item, ...]:
    """Return what rented devices cost a month. Two of one model are one line: one rounding, one «Почему списано?»."""
    units = defaultdict(list)
    for unit in rows:
        units[unit.equipment.code].append(unit)
    items = []
    for code, same in units.items():
        times = f' × {len(same)}' if len(same) > 1 else ''
        fee = sum((unit.monthly_fee for unit in same), ZERO)
        items.append(Item(LineKind.RENT, code, f'Аренда: {same[0].equipment.name}{times}', fee, terms.vat_services))
    return tuple(items)


def by_contract(rows: Iterable[Any]) -> Grouped:
    """Return rows by the id of their contract, each contract's in the order given."""
    grouped: Grouped = defaultdict(list)
    for row in rows:
        grouped[row.contract_id].append(row)
    return grouped


def _by_id(model: Any, ids: set[Any]) -> dict[int, Any]:
    return {row.id: row for row in model.select().where(model.id.in_(ids))} if ids else {}


def _tv(contract: Contract, prices: PriceList) -> Item | None:
    tv = contract.tv_package
    if tv is None:
        return None
    fees = prices.dated(tv)
    return Item(LineKind.TV, tv.code, f'Телевидение «{tv.name}»', tv.monthly_fee, tv.vat_rate, fees).on(today())


def _bundles(packages: set[Any]) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    if packages:
        rows: Any = Bundle.select(Bundle, Tariff).join(Tariff).where(Bundle.tv_package.in_(packages))
        for row in rows:
            found[row.tv_package_id].append((row.tariff.code, row.monthly_fee))
    return {package: tuple(prices) for package, prices in found.items()}


def _rents(ids: list[int]) -> Grouped:
    return by_contract(rented_units(ids))


def _is_on() -> Any:
    return ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > now())


def _add_on_terms(row: Any, terms: Rules, prices: PriceList) -> AddOnTerms:
    return AddOnTerms(add_on_item(row, prices), _end_of(row), terms.credit_least_kbit if is_credit(row) else 0)


def _end_of(row: Any) -> date | None:
    return local(row.ends_at).date() if row.ends_at else None


def _discounts(ids: list[int]) -> Grouped:
    rows = Discount.select(Discount, Redemption, PromoCode).left_outer_join(Redemption).left_outer_join(PromoCode)
    return by_contract(rows.where(Discount.contract.in_(ids) & Discount.ended_at.is_null()).order_by(Discount.id))


def _effect(row: Any) -> PromoEffect:
    code = row.redemption.promo_code.code if row.redemption else ''
    title = row.redemption.promo_code.title if row.redemption else ''
    return PromoEffect(code, row.kind, title, percent=row.percent, amount=row.amount, traffic_gb=row.traffic_gb)


def _pauses(ids: list[int]) -> Grouped:
    return by_contract(Suspension.select().where(Suspension.contract.in_(ids)).order_by(Suspension.starts_on))


def _pause_days(rows: list[Any]) -> tuple[Pause, ...]:
    pauses = (Pause(row.starts_on, min(row.resumed_on or row.ends_on, row.ends_on)) for row in rows)
    return tuple(pause for pause in pauses if pause.ends_on > pause.starts_on)


def _planned(ids: list[int]) -> Grouped:
    new = Tariff.alias()
    rows = TariffChange.select(TariffChange, new).join(new, on=(TariffChange.new_tariff == new.id))
    waits = TariffChange.state == TariffChangeState.PLANNED
    return by_contract(rows.where(TariffChange.contract.in_(ids) & waits))


def _planned_terms(
    contract: Contract, rows: list[Any], prices: PriceList, rules_on: Callable[[date], Rules]
) -> PlannedTariff | None:
    for change in rows:
        return planned_terms(change.new_tariff, contract.tariff, change.effective_on, prices, rules_on)
    return None


def _promises(ids: list[int]) -> Grouped:
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    return by_contract(PromisedPayment.select().where(PromisedPayment.contract.in_(ids) & is_open))


def _limits(promises: list[Any], add_ons: list[Any], terms: Rules) -> tuple[Limit, ...]:
    """What may be missing without a block: the debt the rules allow, a promise until it is due, a trust credit."""
    promised = (Limit(each.amount, local(each.due_at).date()) for each in promises)
    trusted = (_credit(row, terms) for row in add_ons if is_credit(row))
    return (Limit(terms.debt_allowed), *promised, *trusted)


def _credit(row: Any, terms: Rules) -> Limit:
    """What the trust credit allows: the limit it was given with, until it ends or the tariff becomes too slow."""
    return Limit(row.credit_limit or ZERO, _end_of(row), row.add_on.code, terms.credit_least_kbit)
