"""Whom a price touches: those who have the tariff, the TV package, the add-on or the device on its day, and who are
going to."""

from datetime import date
from typing import Any

from peewee import JOIN, fn

from models.catalogue import AddOn, Bundle, Equipment, Tariff, TvPackage
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    EquipmentUnit,
    Ownership,
    Subscriber,
    TariffChange,
    TariffChangeState,
)
from models.user import User
from services.clock import midnight
from services.messages.letters.prices import Touched
from services.offers.prices import Priced


def count_touched(thing: Priced, on: date) -> int:
    """Return how many subscribers will pay for this thing on a day."""
    return int(_contracts(thing, on).select(fn.COUNT(Contract.subscriber.distinct())).scalar() or 0)


def touched_by(thing: Priced, on: date, *, after: int, most: int) -> list[Touched]:
    """Return the contracts that will pay for this thing on a day, of so many subscribers after the one with this id.

    Three queries, whatever their number; all contracts of a subscriber come together, in the order of subscribers.
    """
    having = _contracts(thing, on).where(Contract.subscriber > after)
    people: Any = having.select(Contract.subscriber).distinct().order_by(Contract.subscriber).limit(most)
    ids = [subscriber_id for (subscriber_id,) in people.tuples()]
    together = _bundles(thing)
    rows: Any = (
        _contracts(thing, on)
        .select(
            Contract.number,
            Contract.tariff,
            Contract.tv_package,
            Subscriber.id,
            Subscriber.first_name,
            Subscriber.phone,
            Subscriber.email,
            User.email,
        )
        .join(Subscriber)
        .join(User, JOIN.LEFT_OUTER)
        .where(Contract.subscriber.in_(ids))
        .order_by(Subscriber.id, Contract.id)
    )
    return [
        Touched(number, who, name, login_email or email or '', phone, together.get((tariff, tv)))
        for number, tariff, tv, who, name, phone, email, login_email in rows.tuples()
    ]


def _contracts(thing: Priced, on: date) -> Any:
    return Contract.select().where((Contract.status == ContractStatus.ACTIVE) & _will_have(thing, on))


def _will_have(thing: Priced, on: date) -> Any:
    if isinstance(thing, TvPackage):
        return Contract.tv_package == thing
    if isinstance(thing, AddOn):
        goes_on = ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > midnight(on))
        rows = ConnectedAddOn.select(ConnectedAddOn.contract)
        return Contract.id.in_(rows.where((ConnectedAddOn.add_on == thing) & goes_on))
    if isinstance(thing, Equipment):
        rented = (EquipmentUnit.equipment == thing) & (EquipmentUnit.ownership == Ownership.RENTED)
        units = EquipmentUnit.select(EquipmentUnit.contract).where(rented & EquipmentUnit.returned_at.is_null())
        return Contract.id.in_(units)
    waits = (TariffChange.state == TariffChangeState.PLANNED) & (TariffChange.effective_on <= on)
    leaving = TariffChange.select(TariffChange.contract).where(waits)
    coming = leaving.where(TariffChange.new_tariff == thing)
    return ((Contract.tariff == thing) & Contract.id.not_in(leaving)) | Contract.id.in_(coming)


def _bundles(thing: Priced) -> dict[tuple[int, int], Any]:
    """Return the prices of the bundles this thing is in, by tariff and TV package."""
    if isinstance(thing, AddOn | Equipment):
        return {}
    of_it = Bundle.tariff == thing if isinstance(thing, Tariff) else Bundle.tv_package == thing
    rows: Any = Bundle.select().where(of_it)
    return {(row.tariff_id, row.tv_package_id): row.monthly_fee for row in rows}
