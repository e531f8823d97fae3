"""The tariffs as an administrator keeps them: prices, subscribers, on sale or archived, where one may move to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import fn

from models.catalogue import Tariff
from models.contract import Contract, ContractStatus
from models.price import TariffPrice
from models.user import Role, User
from services import audit, rules
from services.authority import Actor, require_role
from services.clock import today
from services.errors import N_, InvalidField, NotFound
from services.offers.price_changes import earliest_day, locked_tariff
from services.offers.tariff_prices import Price, PriceList, read_prices
from services.runner import transactional


@dataclass(frozen=True)
class TariffLine:
    """One tariff of the list: rubles a month; `subscribers` are the active contracts that have it."""

    code: str
    name: str
    down_kbit: int
    fee: Decimal
    vat_rate: int
    subscribers: int
    is_on_sale: bool
    coming: Price | None


@dataclass(frozen=True)
class PriceChange:
    """One announced price; one that was taken back stays in the history."""

    id: int
    fee: Decimal
    vat_rate: int
    starts_on: date
    reason: str
    by: str
    at: datetime
    is_coming: bool
    is_withdrawn: bool


@dataclass(frozen=True)
class TariffPage:
    """One tariff with its prices, the newest first. `targets` are the codes it may be changed for, none: any.

    `earliest` is the first day a new price may begin, `vat_then` the VAT of services on it.
    """

    line: TariffLine
    first_fee: Decimal
    targets: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    prices: tuple[PriceChange, ...]
    earliest: date
    vat_then: int

    @property
    def waiting(self) -> PriceChange | None:
        """Return the price that waits for its day."""
        return next((price for price in self.prices if price.is_coming and not price.is_withdrawn), None)


def list_tariffs(*, actor: Actor | None) -> tuple[TariffLine, ...]:
    """Return all tariffs, those on sale first. Three queries.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    require_role(actor, Role.ADMINISTRATOR)
    rows = Tariff.select().order_by(Tariff.is_on_sale.desc(), Tariff.position, Tariff.id)
    prices, counts = read_prices(), _subscribers()
    return tuple(_line(row, prices, counts.get(row.id, 0)) for row in rows)


def get_tariff(code: str, *, actor: Actor | None) -> TariffPage:
    """Return one tariff.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such tariff.
    """
    require_role(actor, Role.ADMINISTRATOR)
    rows: list[Any] = list(Tariff.select().order_by(Tariff.position, Tariff.id))
    tariff = next((row for row in rows if row.code == code), None)
    if tariff is None:
        raise NotFound
    earliest = earliest_day()
    return TariffPage(
        line=_line(tariff, read_prices([tariff]), _subscribers().get(tariff.id, 0)),
        first_fee=tariff.monthly_fee,
        targets=tuple(tariff.targets),
        others=tuple((row.code, row.name) for row in rows if row.id != tariff.id),
        prices=_prices(tariff),
        earliest=earliest,
        vat_then=rules.on(earliest).vat_services,
    )


@transactional
def archive(code: str, *, actor: Actor | None) -> None:
    """Take a tariff off sale; those who have it keep it. One that is archived already stays so.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such tariff.
    """
    _put(code, on_sale=False, actor=actor)


@transactional
def put_on_sale(code: str, *, actor: Actor | None) -> None:
    """Sell a tariff again.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such tariff.
    """
    _put(code, on_sale=True, actor=actor)


@transactional
def set_targets(code: str, targets: Iterable[str], *, actor: Actor | None) -> None:
    """Say for which tariffs this one may be changed; none: for any that the house can have.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such tariff.
        InvalidField: `targets` names something that is no other tariff.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    tariff = locked_tariff(code)
    rows: Any = Tariff.select(Tariff.code).order_by(Tariff.position, Tariff.id)
    known = [row.code for row in rows]
    wanted = list(targets) if isinstance(targets, list | tuple | set) else [None]
    if any(each not in known or each == tariff.code for each in wanted):
        raise InvalidField('targets', N_('Отметьте тарифы из списка.'))
    chosen = [each for each in known if each in wanted]
    if chosen != tariff.targets:
        before, tariff.targets = tariff.targets, chosen
        tariff.save(only=[Tariff.targets])
        audit.note('tariff.targets', f'tariff:{tariff.code}', actor=actor, before=before, targets=chosen)


def _put(code: str, *, on_sale: bool, actor: Actor | None) -> None:
    actor = require_role(actor, Role.ADMINISTRATOR)
    tariff = locked_tariff(code)
    if tariff.is_on_sale != on_sale:
        tariff.is_on_sale = on_sale
        tariff.save(only=[Tariff.is_on_sale])
        audit.note('tariff.sell' if on_sale else 'tariff.archive', f'tariff:{tariff.code}', actor=actor)


def _line(row: Any, prices: PriceList, subscribers: int) -> TariffLine:
    price = prices.on(row, today())
    return TariffLine(
        code=row.code,
        name=row.name,
        down_kbit=row.down_kbit,
        fee=price.fee,
        vat_rate=price.vat_rate,
        subscribers=subscribers,
        is_on_sale=row.is_on_sale,
        coming=prices.coming(row, today()),
    )


def _subscribers() -> dict[int, int]:
    rows: Any = Contract.select(Contract.tariff, fn.COUNT(Contract.id)).where(Contract.status == ContractStatus.ACTIVE)
    return dict(rows.group_by(Contract.tariff).tuples())


def _prices(tariff: Tariff) -> tuple[PriceChange, ...]:
    rows: Any = TariffPrice.select(TariffPrice, User).join(User, on=TariffPrice.set_by)
    return tuple(
        PriceChange(
            id=row.id,
            fee=row.monthly_fee,
            vat_rate=row.vat_rate,
            starts_on=row.starts_on,
            reason=row.reason,
            by=row.set_by.name,
            at=row.announced_at,
            is_coming=row.starts_on > today(),
            is_withdrawn=row.withdrawn_at is not None,
        )
        for row in rows.where(TariffPrice.tariff == tariff).order_by(TariffPrice.id.desc())
    )
