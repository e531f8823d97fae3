"""Read from the database what a contract pays for: the snapshot every calculation of its money starts from."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.base import is_postgres
from models.catalogue import AddOn, AddOnKind, Bundle, Equipment, Tariff
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
from services.offers.tariff_prices import read_prices
from services.quotes.monthly import Item, LineKind, PromoEffect
from services.quotes.subscription import (
    AddOnTerms,
    DatedFee,
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


def load(contract: Contract) -> Subscription:
    """Return what a contract pays for, as it stands now; ten short queries."""
    tariff, tv, terms = contract.tariff, contract.tv_package, rules.current()
    connected = _connected(contract)
    return Subscription(
        number=contract.number,
        active_on=contract.active_on or today(),
        tariff=terms_of(tariff),
        tv=Item(LineKind.TV, tv.code, f'Телевидение «{tv.name}»', tv.monthly_fee, tv.vat_rate) if tv else None,
        bundles=_bundles(contract),
        rents=_rents(contract, terms),
        add_ons=tuple(_add_on(row, terms) for row in connected),
        discounts=_discounts(contract),
        pauses=_pauses(contract),
        planned=_planned(contract),
        debiting_order=terms.debiting_order,
        limits=(*_limits(contract, terms), *(_credit(row, terms) for row in connected if _is_credit(row))),
        grace_until=contract.active_on + timedelta(days=terms.first_days_to_pay) if contract.active_on else None,
    )


def terms_of(tariff: Tariff) -> TariffTerms:
    """Return a tariff as the calculator needs it, with every price it has; one query."""
    prices = read_prices([tariff])
    price_now = prices.on(tariff, today())
    fees = tuple(DatedFee(price.since, price.fee, price.vat_rate) for price in prices.of(tariff))
    return TariffTerms(tariff.code, tariff.name, price_now.fee, price_now.vat_rate, tariff.down_kbit, fees)


def planned_terms(new: Tariff, old: Tariff, on: date) -> PlannedTariff:
    """Return a coming change of tariff with its fee: only a move to a cheaper tariff costs something."""
    fee, code = (rules.on(on).down_fee, DOWN_FEE_CODE) if is_down(old, new, on) else (ZERO, '')
    return PlannedTariff(terms_of(new), on, fee, code)


def is_down(old: Tariff, new: Tariff, on: date) -> bool:
    """Tell whether the new tariff is the cheaper one, by the prices of this day."""
    prices = read_prices([old, new])
    return prices.fee(new, on) < prices.fee(old, on)


def open_suspension(contract: Contract) -> Suspension | None:
    """Return the suspension that runs or is still to come, if any."""
    found: Suspension | None = (
        Suspension.select()
        .where((Suspension.contract == contract) & Suspension.resumed_on.is_null() & (Suspension.ends_on > today()))
        .order_by(Suspension.starts_on)
        .first()
    )
    return found


def planned_change(contract: Contract) -> TariffChange | None:
    """Return the change of tariff that waits for its day, if any."""
    new = Tariff.alias()
    found: TariffChange | None = (
        TariffChange.select(TariffChange, new)
        .join(new, on=(TariffChange.new_tariff == new.id))
        .where((TariffChange.contract == contract) & (TariffChange.state == TariffChangeState.PLANNED))
        .get_or_none()
    )
    return found


def open_credit(contract: Contract) -> ConnectedAddOn | None:
    """Return the trust credit of a contract while it is connected: its row keeps the limit that was agreed."""
    return next((row for row in _connected(contract) if _is_credit(row)), None)


def reload_locked(contract: Contract) -> Contract:
    """Return the contract as it is now, its row held until the end of the transaction."""
    query = Contract.select().where(Contract.id == contract.id)
    fresh: Contract = (query.for_update() if is_postgres() else query).get()
    return fresh


def _bundles(contract: Contract) -> tuple[tuple[str, Decimal], ...]:
    if contract.tv_package is None:
        return ()
    rows = Bundle.select(Bundle, Tariff).join(Tariff).where(Bundle.tv_package == contract.tv_package)
    return tuple((row.tariff.code, row.monthly_fee) for row in rows)


def _rents(contract: Contract, terms: Rules) -> tuple[Item, ...]:
    """Two rented devices of one model are one line: one rounding, one «Почему списано?»."""
    rows = (
        EquipmentUnit.select(EquipmentUnit, Equipment)
        .join(Equipment)
        .where(
            (EquipmentUnit.contract == contract)
            & (EquipmentUnit.ownership == Ownership.RENTED)
            & EquipmentUnit.returned_at.is_null()
        )
        .order_by(EquipmentUnit.id)
    )
    units = defaultdict(list)
    for unit in rows:
        units[unit.equipment.code].append(unit)
    items = []
    for code, same in units.items():
        times = f' × {len(same)}' if len(same) > 1 else ''
        fee = sum((unit.monthly_fee for unit in same), ZERO)
        items.append(Item(LineKind.RENT, code, f'Аренда: {same[0].equipment.name}{times}', fee, terms.vat_services))
    return tuple(items)


def _connected(contract: Contract) -> list[ConnectedAddOn]:
    moment = now()
    rows: Any = (
        ConnectedAddOn.select(ConnectedAddOn, AddOn)
        .join(AddOn)
        .where(
            (ConnectedAddOn.contract == contract)
            & (AddOn.is_monthly == True)  # noqa: E712 - SQL
            & (ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > moment))
        )
        .order_by(AddOn.position, ConnectedAddOn.id)
    )
    return list(rows)


def _add_on(row: ConnectedAddOn, terms: Rules) -> AddOnTerms:
    item = Item(LineKind.ADD_ON, row.add_on.code, row.add_on.name, row.price, row.add_on.vat_rate)
    return AddOnTerms(item, _end_of(row), terms.credit_least_kbit if _is_credit(row) else 0)


def _credit(row: ConnectedAddOn, terms: Rules) -> Limit:
    """What the trust credit allows: the limit it was given with, until it ends or the tariff becomes too slow."""
    return Limit(row.credit_limit or ZERO, _end_of(row), row.add_on.code, terms.credit_least_kbit)


def _is_credit(row: ConnectedAddOn) -> bool:
    return bool(row.add_on.kind == AddOnKind.CREDIT)


def _end_of(row: ConnectedAddOn) -> date | None:
    return local(row.ends_at).date() if row.ends_at else None


def _discounts(contract: Contract) -> tuple[DiscountTerms, ...]:
    rows = Discount.select().where((Discount.contract == contract) & Discount.ended_at.is_null()).order_by(Discount.id)
    return tuple(DiscountTerms(_effect(row), row.first_month, row.last_month) for row in rows)


def _effect(row: Discount) -> PromoEffect:
    code = row.redemption.promo_code.code if row.redemption else ''
    title = row.redemption.promo_code.title if row.redemption else ''
    return PromoEffect(code, row.kind, title, percent=row.percent, amount=row.amount, traffic_gb=row.traffic_gb)


def _pauses(contract: Contract) -> tuple[Pause, ...]:
    rows = Suspension.select().where(Suspension.contract == contract).order_by(Suspension.starts_on)
    pauses = (Pause(row.starts_on, min(row.resumed_on or row.ends_on, row.ends_on)) for row in rows)
    return tuple(pause for pause in pauses if pause.ends_on > pause.starts_on)


def _planned(contract: Contract) -> PlannedTariff | None:
    change = planned_change(contract)
    if change is None:
        return None
    return planned_terms(change.new_tariff, contract.tariff, change.effective_on)


def _limits(contract: Contract, terms: Rules) -> tuple[Limit, ...]:
    """What may be missing without a block: always the debt the rules allow, and a promise until it is due."""
    promise = PromisedPayment.get_or_none(
        (PromisedPayment.contract == contract)
        & PromisedPayment.fulfilled_at.is_null()
        & PromisedPayment.lapsed_at.is_null()
    )
    promised = (Limit(promise.amount, local(promise.due_at).date()),) if promise else ()
    return (Limit(terms.debt_allowed), *promised)
