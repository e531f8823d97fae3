"""Anna, Boris and Vera with their contracts and the months behind them, booked by the rules that charge everybody."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from models.account import Counter, OperationKind
from models.catalogue import Equipment, Tariff
from models.contract import Contract, ContractStatus, DebtBlock, EquipmentUnit, Ownership, Subscriber, Suspension
from models.region import HouseKind, Region
from models.user import Role, User, UserRole
from services.accounts import billing, ledger, line_postings, subscriptions
from services.accounts.ledger import Posting
from services.clock import midnight, now, today
from services.money import ZERO
from services.quotes import suspension as suspension_quotes
from services.quotes.subscription import next_month

LAST_NUMBER = 100_004
SPARE = Decimal(40)
"""Rubles Vera keeps on her account: enough to come back on any day of a month."""


@dataclass(frozen=True)
class Person:
    """A subscriber of the demo: names in full, e-mail and phone nobody is called by."""

    last_name: str
    first_name: str
    patronymic: str
    email: str
    phone: str


PEOPLE = (
    Person('Примерова', 'Анна', 'Сергеевна', 'anna@example.by', '+375291000001'),
    Person('Образцов', 'Борис', 'Иванович', 'boris@example.by', '+375291000002'),
    Person('Демонова', 'Вера', 'Павловна', 'vera@example.by', '+375291000003'),
)


@dataclass(frozen=True)
class Home:
    """Where and what a contract is, and how many months ago it began."""

    number: str
    tariff: str
    address: str
    house_kind: HouseKind
    months: int
    units: tuple[tuple[str, Ownership, str, str], ...] = ()  # equipment, whose, serial, MAC


ANNA = Home(
    '100001', 'I-100', 'Минск, ул. Демонстрационная, 4, кв. 12', HouseKind.FLAT, 12,
    (
        ('R-AC', Ownership.RENTED, 'AC1200-004117', '02:00:5E:10:00:01'),
        ('ONT', Ownership.LENT, 'ONT-220041', '02:00:5E:20:00:01'),
    ),
)  # fmt: skip
BORIS = Home('100002', 'I-50', 'Минск, ул. Учебная, 3, кв. 45', HouseKind.FLAT, 6)
VERA = Home(
    '100003', 'I-200', 'Минск, пр-т Примерный, 23, кв. 8', HouseKind.FLAT, 8,
    (('ONT', Ownership.LENT, 'ONT-220067', '02:00:5E:20:00:02'),),
)  # fmt: skip
VERA_HOUSE = Home(
    '100004', 'I-HOME', 'аг. Примерный, ул. Садовая, 5', HouseKind.PRIVATE, 4,
    (('ONT', Ownership.LENT, 'ONT-220068', '02:00:5E:20:00:03'),),
)  # fmt: skip


def fill(hashes: list[str]) -> None:
    """Write the three people; `hashes` are their password hashes in the order of PEOPLE."""
    anna, boris, vera = (_person(person, hashed) for person, hashed in zip(PEOPLE, hashes, strict=True))
    _live(_contract(anna, ANNA), Decimal('45.10'))
    _live_in_debt(_contract(boris, BORIS), Decimal('-12.40'))
    _live_with_pause(_contract(vera, VERA))
    _live(_contract(vera, VERA_HOUSE), Decimal('61.30'))
    Counter.insert(name='contract', value=LAST_NUMBER).execute()


def _person(person: Person, password_hash: str) -> Subscriber:
    name = f'{person.last_name} {person.first_name} {person.patronymic}'
    user = User.create(
        name=name,
        first_name=person.first_name,
        email=person.email,
        email_confirmed_at=now(),
        phone=person.phone,
        password_hash=password_hash,
        created_at=now(),
    )
    UserRole.create(user=user, role=Role.SUBSCRIBER)
    return Subscriber.create(
        user=user,
        last_name=person.last_name,
        first_name=person.first_name,
        patronymic=person.patronymic,
        phone=person.phone,
        email=person.email,
        created_at=now(),
    )


def _contract(owner: Subscriber, home: Home) -> Contract:
    """A contract signed in the middle of a month, `home.months` ago, and its first charge."""
    active_on = _month(-home.months).replace(day=14)
    signed_at = midnight(active_on) + timedelta(hours=14)
    contract = Contract.create(
        number=home.number,
        subscriber=owner,
        status=ContractStatus.ACTIVE,
        region=Region.get(Region.slug == 'minsk'),
        address=home.address,
        house_kind=home.house_kind,
        tariff=Tariff.get(Tariff.code == home.tariff),
        signed_at=signed_at,
        active_on=active_on,
        created_at=signed_at,
    )
    for code, ownership, serial, mac in home.units:
        device = Equipment.get(Equipment.code == code)
        EquipmentUnit.create(
            contract=contract,
            equipment=device,
            ownership=ownership,
            monthly_fee=device.rent_fee if ownership == Ownership.RENTED else ZERO,
            serial=serial,
            mac=mac,
            installed_at=signed_at,
        )
    billing.book_activation(contract, actor_id=None, booked_at=signed_at)
    return contract


def _live(contract: Contract, balance: Decimal) -> None:
    """Pay and be charged every month up to this one; the last payment makes the balance come out exactly."""
    months = _months_since(contract)
    _pay(contract, _day(_first_day(contract), hour=16), _top_up(contract, ZERO))
    for month in months:
        due = _coming(contract, month)
        paid = balance + due - ledger.balance(contract) if month == months[-1] else _top_up(contract, due)
        _pay(contract, _day(month - timedelta(days=3), hour=18), paid)
        billing.book_month(contract, month, booked_at=_charged_at(month))


def _live_in_debt(contract: Contract, balance: Decimal) -> None:
    """The same, but the last payment was too small: a debt since the 1st, a block for three days at most.

    So coming back is still free, whatever the day of the month (rules: reconnection_free_days).
    """
    _live(contract, balance)
    charged_at = _charged_at(_month(0)) + timedelta(minutes=1)
    DebtBlock.create(contract=contract, started_at=max(charged_at, now() - timedelta(days=3)))


def _live_with_pause(contract: Contract) -> None:
    """The same, with a suspension that began ten days ago and was ordered the day before."""
    starts_on = today() - timedelta(days=10)
    ordered = _day(starts_on - timedelta(days=1), hour=20)
    _pay(contract, _day(_first_day(contract), hour=16), _top_up(contract, ZERO))
    months = _months_since(contract)
    for month in (m for m in months if m <= starts_on):
        _pay(contract, _day(month - timedelta(days=2), hour=19), _top_up(contract, _coming(contract, month)))
        billing.book_month(contract, month, booked_at=_charged_at(month))
    _pay(contract, _day(starts_on - timedelta(days=1), hour=19), SPARE)
    before = subscriptions.load(contract)
    suspension = Suspension.create(
        contract=contract,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=40),
        form_key=f'demo:{contract.number}',
        created_at=ordered,
    )
    for line in suspension_quotes.credit_lines(
        before, starts_on, suspension.ends_on, charged_until=next_month(starts_on)
    ):
        key = f'suspend:{suspension.form_key}:{line.kind}:{line.code}'
        basis = f'Договор № {contract.number}. {line.basis}'
        line_postings.book(contract, line, key=key, basis=basis, booked_at=ordered)
    for month in (m for m in months if m > starts_on):
        billing.book_month(contract, month, booked_at=_charged_at(month))


def _top_up(contract: Contract, due: Decimal) -> Decimal:
    """What a person pays: whole fives that leave five to ten rubles after the charge."""
    missing = due + 5 - ledger.balance(contract)
    return Decimal(max(1, math.ceil(missing / 5)) * 5)


def _first_day(contract: Contract) -> date:
    return cast('date', contract.active_on)


def _coming(contract: Contract, month: date) -> Decimal:
    return sum((line.sum for line in subscriptions.load(contract).month_lines(month)), ZERO)


def _pay(contract: Contract, at: datetime, amount: Decimal) -> None:
    key = f'pay:demo:{contract.number}:{at:%Y-%m-%d}'
    title, basis = 'Пополнение картой', f'Договор № {contract.number}. Оплата картой на сайте.'
    ledger.post(contract, Posting(key, OperationKind.PAYMENT, amount, title, basis=basis, booked_at=at))


def _months_since(contract: Contract) -> list[date]:
    """Firsts of the months after the one of activation, up to the running one."""
    months = [next_month(_first_day(contract))]
    while months[-1] < _month(0):
        months.append(next_month(months[-1]))
    return months


def _month(shift: int) -> date:
    """The 1st of the month that many months from now."""
    count = today().year * 12 + today().month - 1 + shift
    return date(count // 12, count % 12 + 1, 1)


def _day(day: date, *, hour: int) -> datetime:
    return midnight(day) + timedelta(hours=hour)


def _charged_at(month: date) -> datetime:
    """When the nightly run charged; on the 1st itself that may be this very minute."""
    return min(midnight(month) + timedelta(minutes=5), now())
