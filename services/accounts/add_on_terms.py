"""What an add-on costs a contract now, and what keeps the contract from it."""

from models.catalogue import AddOn, AddOnKind
from models.contract import ConnectedAddOn, Contract
from services.accounts import debt_blocks, ending, ledger, subscriptions, trust_credits
from services.accounts.add_on_refusals import AlreadyConnected, BoostRuns, NotForTariff, ServiceStopped
from services.clock import now, today
from services.errors import NotFound
from services.offers.prices import PriceList, read_prices
from services.quotes import add_on as quotes
from services.quotes.monthly import Item, LineKind
from services.quotes.quote import Quote


def running(contract: Contract) -> dict[str, ConnectedAddOn]:
    """Return what is connected now, by codes; of two with one code the later."""
    rows = (
        ConnectedAddOn.select(ConnectedAddOn, AddOn)
        .join(AddOn)
        .where(
            (ConnectedAddOn.contract == contract)
            & (ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > now()))
        )
        .order_by(ConnectedAddOn.id)
    )
    return {row.add_on.code: row for row in rows}


def on_sale(code: object) -> AddOn:
    """Return the add-on of this code, or raise NotFound when nobody can have it anew."""
    found: AddOn | None = AddOn.get_or_none(AddOn.code == code) if isinstance(code, str) else None
    if found is None or not found.is_on_sale:
        raise NotFound
    return found


def compute(contract: Contract, add_on: AddOn) -> Quote:
    """Return the price of connecting an add-on now.

    Raises:
        AddOnRefused: it is not possible; the class says why.
    """
    ending.require_going_on(contract)
    if is_stopped(contract):
        raise ServiceStopped
    if not suits(contract, add_on):
        raise NotForTariff
    _refuse_second(running(contract), add_on)
    if add_on.kind == AddOnKind.CREDIT and (refusal := trust_credits.why_not(contract)):
        raise refusal
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    item = item_of(add_on, read_prices([add_on]))
    if not add_on.is_monthly:
        return quotes.quote_once(subscription, item, balance=balance, today=today())
    limit = trust_credits.terms(add_on.code) if add_on.kind == AddOnKind.CREDIT else None
    return quotes.quote_monthly(subscription, item, balance=balance, today=today(), limit=limit)


def item_of(add_on: AddOn, prices: PriceList) -> Item:
    """Return it with its price of today, and those to come: the trust credit by the rules, else by the catalogue."""
    if add_on.kind == AddOnKind.CREDIT:
        return Item(LineKind.ADD_ON, add_on.code, add_on.name, trust_credits.fee(), add_on.vat_rate)
    fees = prices.dated(add_on)
    return Item(LineKind.ADD_ON, add_on.code, add_on.name, add_on.price, add_on.vat_rate, fees).on(today())


def _refuse_second(running: dict[str, ConnectedAddOn], add_on: AddOn) -> None:
    """A disconnected one that is still paid may be taken back; a boost waits for the one before it."""
    same = running.get(add_on.code)
    if add_on.is_monthly and same is not None and same.ends_at is None:
        raise AlreadyConnected
    boosts = [row for row in running.values() if row.add_on.kind == AddOnKind.BOOST]
    if add_on.kind == AddOnKind.BOOST and boosts:
        raise BoostRuns(until=boosts[0].ends_at)


def suits(contract: Contract, add_on: AddOn) -> bool:
    """Tell whether the tariff and the TV package of the contract can use it."""
    if add_on.kind == AddOnKind.TRAFFIC:
        return contract.tariff.quota_gb is not None
    if add_on.kind == AddOnKind.TV_OPTION:
        return contract.tv_package is not None
    return True


def is_stopped(contract: Contract) -> bool:
    """Tell whether the contract ends, is blocked or paused: nothing can be connected."""
    return (
        ending.why_not(contract) is not None
        or debt_blocks.open_block(contract) is not None
        or subscriptions.open_suspension(contract) is not None
    )
