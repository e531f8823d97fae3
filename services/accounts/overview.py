"""The first page of the cabinet: balance, state in one word, the next charge, what is connected."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from models.access import Access
from models.contract import Contract
from services.accounts import billing, debt_blocks, ending, ledger, reconnections, subscriptions
from services.accounts.billing import NextCharge
from services.accounts.promised_payments import PromiseView
from services.accounts.promised_payments import view as promise_view
from services.accounts.suspensions import SuspensionView
from services.accounts.usage_view import TrafficView, traffic_of
from services.authority import Actor, own_contract
from services.clock import local, today
from services.identity.chosen_contract import ContractChoice, list_choices
from services.money import ZERO
from services.quotes.promo import RunningPromo, down_kbit_in, extra_gb_in, promos_in
from services.quotes.subscription import Subscription


class ServiceState(StrEnum):
    """What the internet of a contract does today."""

    WORKS = 'works'
    FIRST_DAYS = 'first_days'  # below zero, but just connected
    PROMISED = 'promised'  # below zero, covered by a promise
    CREDIT = 'credit'  # below zero, within the trust credit
    BLOCKED = 'blocked'
    PAUSED = 'paused'
    NOT_ACTIVE = 'not_active'
    ENDED = 'ended'


@dataclass(frozen=True)
class ServiceLine:
    """One thing connected: `kind` tariff | tv | rent | add_on; rubles a month without promo and bundle."""

    kind: str
    name: str
    fee: Decimal


@dataclass(frozen=True)
class ComingPrice:
    """What a thing will cost from a day on, rubles a month; what is dearer then may be left for free."""

    kind: str
    name: str
    on: date
    fee: Decimal
    is_dearer: bool


@dataclass(frozen=True)
class Overview:
    """Everything the page shows. `until` is the last day that is paid for (works, promise) or the day before the
    internet comes back (paused); `debt` is rubles, zero when there is none; `credit_limit` how large it may be.
    `to_reconnect` brings a blocked internet back: debt and `reconnection_fee`, which is zero up to `free_until`.
    `last_day` is that of a contract whose end was asked for or has come.
    A promo code is in `down_kbit`; `extra_gb` is what one adds to the traffic of this month; `traffic` is used."""

    contract_id: int
    number: str
    address: str
    first_name: str
    balance: Decimal
    debt: Decimal
    state: ServiceState
    until: date | None
    last_day: date | None
    blocked_at: datetime | None
    reconnection_fee: Decimal
    free_until: date | None
    to_reconnect: Decimal
    suspension: SuspensionView | None
    next_charge: NextCharge
    missing_for_next: Decimal
    credit_limit: Decimal
    tariff: str
    down_kbit: int
    up_kbit: int
    extra_gb: int
    traffic: tuple[TrafficView, ...]
    promos: tuple[RunningPromo, ...]
    services: tuple[ServiceLine, ...]
    planned_tariff: str
    planned_on: date | None
    coming_prices: tuple[ComingPrice, ...]
    promise: PromiseView
    contracts: tuple[ContractChoice, ...]
    access: Access

    @property
    def is_own(self) -> bool:
        """Tell whether the actor owns the contract."""
        return self.access == Access.OWNER

    @property
    def may_pay(self) -> bool:
        """Tell whether money may be paid in, and promised."""
        return self.access.allows(Access.PAY)

    @property
    def may_manage(self) -> bool:
        """Tell whether tariff and services may be changed."""
        return self.access.allows(Access.MANAGE)


def get_overview(*, actor: Actor | None) -> Overview:
    """Return the first page of the actor's chosen contract."""
    contract = own_contract(actor, need=Access.SEE)
    balance = ledger.balance(contract)
    snapshot = subscriptions.load(contract)
    coming = billing.next_charge(contract, snapshot)
    block = debt_blocks.open_block(contract)
    fee = reconnections.fee_of(block)
    suspension = subscriptions.open_suspension(contract)
    planned = subscriptions.planned_change(contract)
    state = _state(contract, balance, is_blocked=block is not None)
    contracts = list_choices(actor=actor)
    running = suspension is not None and suspension.starts_on <= today()
    return Overview(
        contract_id=contract.id,
        number=contract.number,
        address=contract.address,
        first_name=contract.subscriber.first_name,
        balance=balance,
        debt=max(ZERO, -balance),
        state=state,
        until=_until(contract, state, snapshot),
        last_day=ending.last_day_of(contract),
        blocked_at=block.started_at if block else None,
        reconnection_fee=fee,
        free_until=reconnections.free_until(block),
        to_reconnect=max(ZERO, fee - balance) if block else ZERO,
        suspension=SuspensionView(suspension.id, suspension.starts_on, suspension.ends_on, running)
        if suspension
        else None,
        next_charge=coming,
        missing_for_next=max(ZERO, coming.sum - balance),
        credit_limit=debt_blocks.limit_without_promise(contract),
        tariff=contract.tariff.name,
        down_kbit=down_kbit_in(snapshot, contract.tariff.down_kbit, today()),
        up_kbit=contract.tariff.up_kbit,
        extra_gb=extra_gb_in(snapshot, today()),
        traffic=traffic_of(contract),
        promos=promos_in(snapshot, today()),
        services=_services(snapshot) if state != ServiceState.ENDED else (),
        planned_tariff=planned.new_tariff.name if planned else '',
        planned_on=planned.effective_on if planned else None,
        coming_prices=_coming_prices(snapshot),
        promise=promise_view(actor=actor),
        contracts=contracts,
        access=next((choice.access for choice in contracts if choice.is_chosen), Access.SEE),
    )


def _state(contract: Contract, balance: Decimal, *, is_blocked: bool) -> ServiceState:
    suspension = subscriptions.open_suspension(contract)
    if ending.why_not(contract):
        return ServiceState.ENDED
    if not contract.is_active:
        return ServiceState.NOT_ACTIVE
    if suspension is not None and suspension.starts_on <= today():
        return ServiceState.PAUSED
    if is_blocked:
        return ServiceState.BLOCKED
    if balance + debt_blocks.limit_without_promise(contract) >= ZERO:
        return ServiceState.CREDIT if balance < ZERO else ServiceState.WORKS
    return ServiceState.PROMISED if debt_blocks.open_promise(contract) else ServiceState.FIRST_DAYS


def _until(contract: Contract, state: ServiceState, snapshot: Subscription) -> date | None:
    if state in {ServiceState.WORKS, ServiceState.CREDIT}:
        return billing.works_until(contract, snapshot)
    if state == ServiceState.PAUSED:
        suspension = subscriptions.open_suspension(contract)
        return suspension.ends_on - timedelta(days=1) if suspension else None
    if state == ServiceState.PROMISED:
        promise = debt_blocks.open_promise(contract)
        return local(promise.due_at).date() if promise else None
    rest = debt_blocks.first_days_until(contract)
    return today() + rest - timedelta(days=1) if state == ServiceState.FIRST_DAYS and rest else None


def _coming_prices(snapshot: Subscription) -> tuple[ComingPrice, ...]:
    """Return the prices announced for what the contract will still have on their days."""
    planned, tv = snapshot.planned, (snapshot.tv,) if snapshot.tv else ()
    ends = [(snapshot.tariff.item, planned.on if planned else None)]
    ends += [
        *((item, None) for item in (*tv, *snapshot.rents)),
        *((each.item, each.until) for each in snapshot.add_ons),
    ]
    found = []
    for item, end in ends:
        coming = next((price for price in item.fees if price.since > today()), None)
        if coming is not None and (end is None or end > coming.since):
            found.append(ComingPrice(str(item.kind), item.name, coming.since, coming.fee, coming.fee > item.fee))
    return tuple(found)


def _services(snapshot: Subscription) -> tuple[ServiceLine, ...]:
    items = snapshot.services_in(today()).items
    return tuple(ServiceLine(str(item.kind), item.name, item.fee) for item in items)
