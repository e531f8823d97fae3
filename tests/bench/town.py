"""A town of any size for benches: contracts written in bulk, each with its tariff, some with TV, rent and add-ons."""

from datetime import timedelta
from decimal import Decimal

from models.account import AccountKind, OperationKind
from models.base import insert_rows, next_ids
from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.contract import ConnectedAddOn, Contract, EquipmentUnit, Subscriber
from models.region import Region
from services.accounts import ledger
from services.accounts.ledger import MOST_AT_ONCE, Posting
from services.clock import now, today
from services.runner import transactional

SUBSCRIBER = ('id', 'last_name', 'first_name', 'patronymic', 'phone', 'email', 'created_at')
CONTRACT = (
    'id', 'number', 'subscriber_id', 'status', 'region_id', 'address', 'house_kind', 'tariff_id', 'tv_package_id',
    'active_on', 'created_at',
)  # fmt: skip
UNIT = ('contract_id', 'equipment_id', 'ownership', 'monthly_fee')
ADD_ON = ('contract_id', 'add_on_id', 'price', 'starts_at', 'form_key')
IN_DEBT = 20
"""Every so many-th contract has not enough money: it is blocked and gets a letter."""


def build(count):
    """Write so many contracts, active since the month before, with money on their wallets."""
    for start in range(0, count, MOST_AT_ONCE):
        _write(start, min(MOST_AT_ONCE, count - start))


@transactional
def _write(start, count):
    moment = now().replace(tzinfo=None)
    active_on = (today().replace(day=1) - timedelta(days=20)).replace(day=1)
    region = Region.get(Region.slug == 'minsk').id
    tariffs = [row.id for row in Tariff.select().where(Tariff.code.in_(('I-50', 'I-100', 'I-200')))]
    tv = TvPackage.get(TvPackage.code == 'T-BASE').id
    router, add_on = Equipment.get(Equipment.code == 'R-AC'), AddOn.get(AddOn.code == 'A-IP')
    owners, ids = next_ids(Subscriber, count), next_ids(Contract, count)
    places = range(start, start + count)
    insert_rows(
        Subscriber,
        SUBSCRIBER,
        [
            (o, f'Улица{n}', 'Проба', '', '+375290000000', f'p{n}@example.by', moment)
            for o, n in zip(owners, places, strict=True)
        ],
    )
    insert_rows(
        Contract,
        CONTRACT,
        [
            (i, str(500_000 + n), o, 'active', region, f'ул. Пробная, {n}', 'flat', tariffs[n % 3],
             tv if n % 5 == 0 else None, active_on, moment)
            for i, o, n in zip(ids, owners, places, strict=True)
        ],
    )  # fmt: skip
    insert_rows(
        EquipmentUnit, UNIT, [(i, router.id, 'rented', 450) for i, n in zip(ids, places, strict=True) if n % 4 == 0]
    )
    rows = [(i, add_on.id, 600, moment, f'bench:{n}') for i, n in zip(ids, places, strict=True) if n % 6 == 0]
    insert_rows(ConnectedAddOn, ADD_ON, rows)
    ledger.post_many([(Contract(id=i), _opening(n)) for i, n in zip(ids, places, strict=True)])


def _opening(number):
    rubles = Decimal('5.00') if number % IN_DEBT == 0 else Decimal('500.00')
    return Posting(
        f'opening:{number}', OperationKind.OPENING, rubles, 'Начальный остаток', other_side=AccountKind.OPENING
    )
