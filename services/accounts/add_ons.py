"""Add-ons of a contract: monthly ones, packages of traffic, and the speed boost that ends by itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.access import Access
from models.catalogue import AddOn, AddOnKind
from models.contract import ConnectedAddOn, Contract
from services import audit, form_keys
from services.accounts import (
    add_on_terms,
    billing,
    ending,
    shown_quotes,
    snapshots,
    trust_credits,
)
from services.accounts.add_on_refusals import (
    AddOnRefused,
    NotConnected,
)
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, own_contract
from services.clock import local, midnight, now, today
from services.errors import NotFound
from services.events import ContractChanged, record
from services.offers.prices import PriceList, read_prices
from services.quotes import add_on as quotes
from services.quotes.subscription import next_month
from services.runner import transactional


@dataclass(frozen=True)
class AddOnView:
    """One add-on: rubles (a month or once). `ends_at` is when it stops by itself; `paid_to` the last day of one that
    was disconnected and is paid. A trust credit has its `limit`, rubles, and why it cannot be had or left, if so."""

    code: str
    name: str
    description: str
    kind: AddOnKind
    price: Decimal
    is_monthly: bool
    is_on: bool
    starts_at: datetime | None
    ends_at: datetime | None
    paid_to: date | None
    limit: Decimal | None
    refusal: AddOnRefused | None


@dataclass(frozen=True)
class AddOnBoard:
    """All add-ons this contract may have; `boost` is the one that runs now; `is_stopped`: nothing can be connected."""

    monthly: tuple[AddOnView, ...]
    once: tuple[AddOnView, ...]
    boost: AddOnView | None
    is_stopped: bool


def board(*, actor: Actor | None) -> AddOnBoard:
    """Return the add-ons of the contract with their prices; what the tariff cannot use is left out."""
    contract = own_contract(actor, need=Access.SEE)
    running, prices = add_on_terms.running(contract), read_prices()
    rows = AddOn.select().where(AddOn.is_on_sale | AddOn.id.in_([row.add_on.id for row in running.values()]))
    views = [
        _view(contract, a, running.get(a.code), prices)
        for a in rows.order_by(AddOn.position, AddOn.id)
        if add_on_terms.suits(contract, a)
    ]
    return AddOnBoard(
        monthly=tuple(v for v in views if v.is_monthly),
        once=tuple(v for v in views if not v.is_monthly),
        boost=next((v for v in views if v.kind == AddOnKind.BOOST and v.is_on), None),
        is_stopped=add_on_terms.is_stopped(contract),
    )


@transactional
def quote(code: str, *, actor: Actor | None) -> ShownQuote:
    """Return and store the price of connecting an add-on now.

    Raises:
        NotFound: no such add-on.
        AddOnRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    return shown_quotes.show(contract, add_on_terms.compute(contract, add_on_terms.on_sale(code)), {'code': code})


@transactional
def connect(quote_id: int, form_key: str, *, actor: Actor | None) -> str:
    """Connect what a shown quote is about, at once, and return its name; the same key again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        QuoteChanged, NotEnoughMoney, AddOnRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    done = ConnectedAddOn.get_or_none(ConnectedAddOn.form_key == form_key)
    if done is not None:
        if done.contract.id != contract.id:
            raise NotFound
        return str(done.add_on.name)
    row = shown_quotes.find(contract, quote_id, quotes.ACTION)
    add_on = add_on_terms.on_sale(row.request['code'])
    billing.catch_up(contract)
    fresh = add_on_terms.compute(contract, add_on)
    user_id = actor.user_id if actor else 0
    shown_quotes.book(contract, row, fresh, key=f'addon:{form_key}', actor_id=user_id)
    _connect(contract, add_on, form_key)
    audit.note('addon.connect', f'contract:{contract.number}', actor=actor, code=add_on.code, charged=str(fresh.due))
    record(ContractChanged(contract.id))
    return add_on.name


@transactional
def disconnect(code: str, *, actor: Actor | None) -> date:
    """Disconnect a monthly add-on: it works to the end of the paid month, whose last day is returned; no money back.

    Disconnecting it twice is the same as once.

    Raises:
        NotConnected: it is not connected, or it is a one-off that ends by itself.
        CreditOwed: a trust credit that is in use; the debt comes first.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    ending.require_going_on(contract)
    row = add_on_terms.running(contract).get(code) if isinstance(code, str) else None
    if row is None or not row.add_on.is_monthly:
        raise NotConnected
    billing.catch_up(contract)
    until = next_month(today())
    if row.ends_at is None:
        if row.add_on.kind == AddOnKind.CREDIT and (owed := trust_credits.why_not_leave(contract)):
            raise owed
        ConnectedAddOn.update(ends_at=midnight(until), disconnected_at=now()).where(
            ConnectedAddOn.id == row.id
        ).execute()
        audit.note('addon.disconnect', f'contract:{contract.number}', actor=actor, code=code)
        record(ContractChanged(contract.id))
    return until - timedelta(days=1)


def _connect(contract: Contract, add_on: AddOn, form_key: str) -> None:
    same = add_on_terms.running(contract).get(add_on.code)
    limit = trust_credits.terms(add_on.code).amount if add_on.kind == AddOnKind.CREDIT else None
    fee = add_on_terms.item_of(add_on, read_prices([add_on])).fee
    terms: dict[str, Any] = {'price': fee, 'credit_limit': limit, 'form_key': form_key}
    if add_on.is_monthly and same is not None:
        restored = ConnectedAddOn.update(ends_at=None, disconnected_at=None, **terms)
        restored.where(ConnectedAddOn.id == same.id).execute()
        return
    ConnectedAddOn.create(contract=contract, add_on=add_on, starts_at=now(), ends_at=_end(add_on), **terms)


def _end(add_on: AddOn) -> datetime | None:
    """A boost lasts its days to the minute, a package of traffic to the end of the month."""
    if add_on.is_monthly:
        return None
    return now() + timedelta(days=add_on.days) if add_on.days else midnight(next_month(today()))


def _view(contract: Contract, add_on: AddOn, row: ConnectedAddOn | None, prices: PriceList) -> AddOnView:
    ends_at = row.ends_at if row else None
    is_credit = add_on.kind == AddOnKind.CREDIT
    limit = (row.credit_limit if row else trust_credits.terms(add_on.code).amount) if is_credit else None
    is_ending = row is not None and add_on.is_monthly and ends_at is not None
    return AddOnView(
        code=add_on.code,
        name=add_on.name,
        description=add_on.description,
        kind=add_on.kind,
        price=_price_of(add_on, row, prices),
        is_monthly=add_on.is_monthly,
        is_on=row is not None,
        starts_at=row.starts_at if row else None,
        ends_at=ends_at,
        paid_to=local(ends_at).date() - timedelta(days=1) if is_ending and ends_at else None,
        limit=limit,
        refusal=_why_not(contract, is_on=row is not None and not is_ending) if is_credit else None,
    )


def _why_not(contract: Contract, *, is_on: bool) -> AddOnRefused | None:
    """Why a trust credit cannot be left where it is on, or had where it is not."""
    return trust_credits.why_not_leave(contract) if is_on else trust_credits.why_not(contract)


def _price_of(add_on: AddOn, row: ConnectedAddOn | None, prices: PriceList) -> Decimal:
    """What it costs him who has it, else who connects it now."""
    if row is not None and add_on.is_monthly:
        return snapshots.add_on_item(row, prices).fee
    return add_on_terms.item_of(add_on, prices).fee
