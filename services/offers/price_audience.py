"""Whom a price of a tariff touches: those who have it on its day, and those who are going to."""

from datetime import date
from typing import Any

from peewee import JOIN

from models.catalogue import Bundle, Tariff
from models.contract import Contract, ContractStatus, Subscriber, TariffChange, TariffChangeState
from models.user import User
from services.messages.letters.prices import Touched


def touched_by(tariff: Tariff, on: date) -> list[Touched]:
    """Return the contracts that will pay for this tariff on a day; two queries, whatever their number."""
    bundles: Any = Bundle.select().where(Bundle.tariff == tariff)
    together = {row.tv_package_id: row.monthly_fee for row in bundles}
    rows: Any = (
        Contract.select(
            Contract.number,
            Contract.tv_package,
            Subscriber.id,
            Subscriber.first_name,
            Subscriber.phone,
            Subscriber.email,
            User.email,
        )
        .join(Subscriber)
        .join(User, JOIN.LEFT_OUTER)
        .where((Contract.status == ContractStatus.ACTIVE) & _will_have(tariff, on))
        .order_by(Contract.id)
    )
    return [
        Touched(number, who, name, login_email or email or '', phone, together.get(tv))
        for number, tv, who, name, phone, email, login_email in rows.tuples()
    ]


def _will_have(tariff: Tariff, on: date) -> Any:
    waits = (TariffChange.state == TariffChangeState.PLANNED) & (TariffChange.effective_on <= on)
    leaving = TariffChange.select(TariffChange.contract).where(waits)
    coming = leaving.where(TariffChange.new_tariff == tariff)
    return ((Contract.tariff == tariff) & Contract.id.not_in(leaving)) | Contract.id.in_(coming)
