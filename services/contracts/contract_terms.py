"""What stands in a contract about money and devices: from the application's package, before anything is charged."""

from dataclasses import dataclass
from decimal import Decimal

from models.application import Application, Redemption, RedemptionState
from models.catalogue import AddOn, Bundle, Equipment
from models.contract import Contract, Ownership
from services.clock import today
from services.errors import N_
from services.money import ZERO
from services.offers.prices import Priced, PriceList, read_prices
from services.offers.promo_codes import effect_of
from services.quotes.subscription import rubles
from services.visits.equipment import Device, devices_of

OWNERSHIP_WORDS = {
    Ownership.SOLD: N_('продано'),
    Ownership.RENTED: N_('в аренде'),
    Ownership.LENT: N_('в пользовании, бесплатно'),
    Ownership.OWN: N_('своё'),
}


@dataclass(frozen=True)
class Price:
    """One priced thing: rubles with VAT; minus is a discount."""

    name: str
    sum: Decimal


@dataclass(frozen=True)
class Terms:
    """Monthly and once-only prices with their totals, the promo code's words, the devices."""

    tariff: str
    down_kbit: int
    up_kbit: int
    monthly: tuple[Price, ...]
    once: tuple[Price, ...]
    promo: str
    devices: tuple[Device, ...]

    @property
    def monthly_total(self) -> Decimal:
        """Return rubles a month, without the promo code of the first months."""
        return sum((price.sum for price in self.monthly), ZERO)

    @property
    def once_total(self) -> Decimal:
        """Return rubles to be paid once, at the connection."""
        return sum((price.sum for price in self.once), ZERO)


def terms_of(contract: Contract, application: Application) -> Terms:
    """Return the terms of a contract that comes from this application."""
    devices = devices_of(application, contract)
    return Terms(
        tariff=contract.tariff.name,
        down_kbit=contract.tariff.down_kbit,
        up_kbit=contract.tariff.up_kbit,
        monthly=tuple(_monthly(contract, application, devices)),
        once=tuple(_once(application)),
        promo=_promo_title(application),
        devices=devices,
    )


def _promo_title(application: Application) -> str:
    row = Redemption.get_or_none(Redemption.application == application)
    if row is None or row.state == RedemptionState.RELEASED:
        return ''
    return effect_of(row.effect).title


def chosen_add_ons(application: Application) -> list[AddOn]:
    """Return the add-ons of the package in the order of the catalogue."""
    codes = list(application.package.get('addons', []))
    return list(AddOn.select().where(AddOn.code.in_(codes)).order_by(AddOn.position)) if codes else []


def _monthly(contract: Contract, application: Application, devices: tuple[Device, ...]) -> list[Price]:
    tariff, tv, known = contract.tariff, contract.tv_package, read_prices()
    prices = [_price(f'Интернет «{tariff.name}»', tariff, known)]
    if tv is not None:
        prices.append(_price(f'Телевидение «{tv.name}»', tv, known))
        bundle = Bundle.get_or_none((Bundle.tariff == tariff) & (Bundle.tv_package == tv))
        apart = known.fee(tariff, today()) + known.fee(tv, today())
        if bundle is not None and bundle.monthly_fee < apart:
            prices.append(Price('Скидка пакета', bundle.monthly_fee - apart))
    rented = [device.code for device in devices if device.ownership == Ownership.RENTED]
    if rented:
        rows = {row.code: row for row in Equipment.select().where(Equipment.code.in_(rented))}
        prices += [_price(f'Аренда: {rows[code].name}', rows[code], known) for code in rented]
    prices += [_price(each.name, each, known) for each in chosen_add_ons(application) if each.is_monthly]
    return prices


def _price(name: str, thing: Priced, known: PriceList) -> Price:
    """Return a price of today; one that is announced is signed with it."""
    coming = known.coming(thing, today())
    later = f', с {coming.since:%d.%m.%Y} — {rubles(coming.fee)}' if coming else ''
    return Price(f'{name}{later}', known.fee(thing, today()))


def _once(application: Application) -> list[Price]:
    """The price seen is the price given: sums come from the quote the application was sent with."""
    lines = application.quote.get('once_lines', [])
    prices = (Price(_once_name(line), Decimal(line['sum'])) for line in lines)
    return [price for price in prices if price.sum]


def _once_name(line: dict[str, str]) -> str:
    formula = line.get('formula', '')
    return f'{line["title"]} ({formula})' if formula else line['title']
