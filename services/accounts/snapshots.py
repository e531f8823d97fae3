"""Snapshots of many contracts at once: the same queries for one contract and for a thousand (no query per contract)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from models.catalogue import Tariff
from models.contract import (
    ConnectedAddOn,
    Contract,
)
from services import rules
from services.accounts import contract_rows
from services.clock import local, today
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


def load_many(contracts: Sequence[Contract]) -> dict[int, Subscription]:
    """Return what contracts pay for, as it stands now, by their ids; a dozen queries whatever their number."""
    if not contracts:
        return {}
    ids = [contract.id for contract in contracts]
    contract_rows.attach_catalogue(contracts)
    terms, rules_on, prices = rules.current(), cache(rules.on), read_prices()
    bundles = contract_rows.bundles({contract.tv_package_id for contract in contracts} - {None})
    rents, add_ons, discounts = (
        contract_rows.rents(ids),
        contract_rows.by_contract(contract_rows.connected(ids)),
        contract_rows.discounts(ids),
    )
    pauses, planned, promises = contract_rows.pauses(ids), contract_rows.planned(ids), contract_rows.promises(ids)
    return {
        contract.id: Subscription(
            number=contract.number,
            active_on=contract.active_on or today(),
            tariff=terms_of(contract.tariff, prices),
            tv=_tv(contract, prices),
            bundles=bundles.get(contract.tv_package_id or 0, ()),
            rents=rent_items(rents[contract.id], terms, prices),
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
    rows: Any = contract_rows.running_credits().where(
        ConnectedAddOn.contract.in_([contract.id for contract in contracts])
    )
    having = {contract_id for (contract_id,) in rows.tuples()}
    known = load_many([contract for contract in contracts if contract.id in having])
    return {contract_id: subscription.credit_on(day) for contract_id, subscription in known.items()}


def rent_items(rows: Iterable[Any], terms: Rules, prices: PriceList) -> tuple[Item, ...]:
    """Return what rented devices cost a month. Two of one model are one line: one rounding, one «Почему списано?»."""
    units = defaultdict(list)
    for unit in rows:
        units[unit.equipment.code].append(unit)
    items = []
    for code, same in units.items():
        each = [unit_item(unit, terms, prices) for unit in same]
        days = sorted({price.since for item in each for price in item.fees})
        fees = tuple(_together([item.on(day) for item in each], day) for day in days)
        times = f' × {len(same)}' if len(same) > 1 else ''
        name = f'Аренда: {same[0].equipment.name}{times}'
        items.append(Item(LineKind.RENT, code, name, fees[0].fee, fees[0].vat_rate, fees).on(today()))
    return tuple(items)


def unit_item(unit: Any, terms: Rules, prices: PriceList) -> Item:
    """Return a rented device: the price it was handed over at, from their days on those announced since."""
    device, begun = unit.equipment, local(unit.installed_at).date() if unit.installed_at else today()
    agreed = DatedFee(date.min, unit.monthly_fee, terms.vat_services)
    later = (DatedFee(each.since, each.fee, each.vat_rate) for each in prices.announced(device) if each.since > begun)
    return Item(LineKind.RENT, device.code, device.name, agreed.fee, agreed.vat_rate, (agreed, *later)).on(today())


def _together(items: list[Item], day: date) -> DatedFee:
    return DatedFee(day, sum((item.fee for item in items), ZERO), items[-1].vat_rate)


def _tv(contract: Contract, prices: PriceList) -> Item | None:
    tv = contract.tv_package
    if tv is None:
        return None
    fees = prices.dated(tv)
    return Item(LineKind.TV, tv.code, f'Телевидение «{tv.name}»', tv.monthly_fee, tv.vat_rate, fees).on(today())


def _add_on_terms(row: Any, terms: Rules, prices: PriceList) -> AddOnTerms:
    return AddOnTerms(
        add_on_item(row, prices), _end_of(row), terms.credit_least_kbit if contract_rows.is_credit(row) else 0
    )


def _end_of(row: Any) -> date | None:
    return local(row.ends_at).date() if row.ends_at else None


def _effect(row: Any) -> PromoEffect:
    code = row.redemption.promo_code.code if row.redemption else ''
    title = row.redemption.promo_code.title if row.redemption else ''
    return PromoEffect(code, row.kind, title, percent=row.percent, amount=row.amount, traffic_gb=row.traffic_gb)


def _pause_days(rows: list[Any]) -> tuple[Pause, ...]:
    pauses = (Pause(row.starts_on, min(row.resumed_on or row.ends_on, row.ends_on)) for row in rows)
    return tuple(pause for pause in pauses if pause.ends_on > pause.starts_on)


def _planned_terms(
    contract: Contract, rows: list[Any], prices: PriceList, rules_on: Callable[[date], Rules]
) -> PlannedTariff | None:
    for change in rows:
        return planned_terms(change.new_tariff, contract.tariff, change.effective_on, prices, rules_on)
    return None


def _limits(promises: list[Any], add_ons: list[Any], terms: Rules) -> tuple[Limit, ...]:
    """What may be missing without a block: the debt the rules allow, a promise until it is due, a trust credit."""
    promised = (Limit(each.amount, local(each.due_at).date()) for each in promises)
    trusted = (_credit(row, terms) for row in add_ons if contract_rows.is_credit(row))
    return (Limit(terms.debt_allowed), *promised, *trusted)


def _credit(row: Any, terms: Rules) -> Limit:
    """What the trust credit allows: the limit it was given with, until it ends or the tariff becomes too slow."""
    return Limit(row.credit_limit or ZERO, _end_of(row), row.add_on.code, terms.credit_least_kbit)
