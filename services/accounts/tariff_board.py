"""The tariffs a contract may move to, as its owner sees them before he chooses."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.access import Access
from models.catalogue import Tariff
from models.contract import Contract, Discount
from services import rules
from services.accounts import subscriptions
from services.accounts.tariff_refusals import why_not, why_not_now
from services.accounts.usage_view import TrafficView, traffic_of
from services.authority import Actor, own_contract
from services.clock import today
from services.errors import DomainError
from services.offers.house_lines import technologies_at
from services.offers.prices import Price, PriceList, read_prices
from services.rules import Rules


@dataclass(frozen=True)
class TariffOffer:
    """A tariff this contract may move to: rubles a month, kbit/s; `can_now` is false where only a 1st will do.

    `ends_credit` where the trust credit of the contract ends with it; `coming` is the price announced for it; an
    archived one is kept by those who have it, nobody moves to it.
    """

    code: str
    name: str
    description: str
    down_kbit: int
    up_kbit: int
    monthly_fee: Decimal
    quota_gb: int | None
    is_current: bool
    is_archived: bool
    can_now: bool
    ends_credit: bool
    coming: Price | None


@dataclass(frozen=True)
class PlannedChange:
    """The change that waits: name of the new tariff and its first day."""

    id: int
    tariff: str
    on: date


@dataclass(frozen=True)
class TariffBoard:
    """Everything the page of tariffs shows; `refusal` is why nothing can be changed now, if so; a change may be planned
    from `earliest` to `latest`; `traffic` is what of the quota is used this month, as far as it has been read."""

    current: TariffOffer
    offers: tuple[TariffOffer, ...]
    planned: PlannedChange | None
    refusal: DomainError | None
    ends_discount: bool
    earliest: date
    latest: date
    traffic: TrafficView | None
    down_fee: Decimal
    down_pause_days: int


def read_board(*, actor: Actor | None) -> TariffBoard:
    """Return the tariffs of this contract's house, the current one first."""
    contract = own_contract(actor, need=Access.MANAGE)
    current, terms = contract.tariff, rules.current()
    has_credit = subscriptions.open_credit(contract) is not None
    technologies = technologies_at(contract)
    planned = subscriptions.planned_change(contract)
    prices = read_prices()
    offers = [
        _offer(tariff, current, terms, prices, has_credit=has_credit)
        for tariff in Tariff.select().where(Tariff.is_on_sale).order_by(Tariff.id)
        if tariff.id != current.id and why_not(contract, tariff, technologies) is None
    ]
    return TariffBoard(
        current=_offer(current, current, terms, prices, has_credit=has_credit),
        offers=tuple(sorted(offers, key=lambda offer: offer.monthly_fee)),
        planned=PlannedChange(planned.id, planned.new_tariff.name, planned.effective_on) if planned else None,
        refusal=why_not_now(contract, ignore_plan=True),
        ends_discount=_has_discount(contract),
        earliest=today() + timedelta(days=1),
        latest=today() + timedelta(days=terms.tariff_ahead_days),
        traffic=next((each for each in traffic_of(contract) if each.is_running), None),
        down_fee=terms.down_fee,
        down_pause_days=terms.down_pause_days,
    )


def _offer(tariff: Tariff, current: Tariff, terms: Rules, prices: PriceList, *, has_credit: bool) -> TariffOffer:
    fee = prices.fee(tariff, today())
    return TariffOffer(
        code=tariff.code,
        name=tariff.name,
        description=tariff.description,
        down_kbit=tariff.down_kbit,
        up_kbit=tariff.up_kbit,
        monthly_fee=fee,
        quota_gb=tariff.quota_gb,
        is_current=tariff.id == current.id,
        is_archived=not tariff.is_on_sale,
        can_now=fee >= prices.fee(current, today()) or bool(terms.down_any_day),
        ends_credit=has_credit and tariff.down_kbit < terms.credit_least_kbit,
        coming=prices.coming(tariff, today()),
    )


def _has_discount(contract: Contract) -> bool:
    rows = Discount.select().where((Discount.contract == contract) & Discount.ended_at.is_null())
    return any(row.last_month >= today().replace(day=1) for row in rows)
