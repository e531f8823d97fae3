"""Rows with sensible defaults; a test names only what it is about. Each works inside `db` and after `committed_db`."""

import functools
import itertools
from datetime import timedelta
from decimal import Decimal

from models.access import Access, AccessGrant
from models.account import OperationKind
from models.application import Application, ApplicationStatus
from models.catalogue import AddOn, Equipment, PromoCode, PromoKind, Tariff, TvPackage
from models.contract import ConnectedAddOn, Contract, ContractStatus, EquipmentUnit, Ownership, Subscriber
from models.region import Building, CoverageStatus, HouseKind, Office, OfficeKind, Region, Technology
from models.user import Role, User, UserRole
from models.visit import Visit
from services.accounts import ledger
from services.clock import now, today
from services.identity import captcha, passwords, recovery, sessions
from services.money import ZERO
from services.offers import regions
from services.runner import with_connection

PASSWORD = 'amigo-demo-2026'
PHONE = '+375291234567'
PACKAGE = {'tariff': 'I-100', 'tv': None, 'equipment': {}, 'addons': []}

_numbers = itertools.count(1)
_contracts = itertools.count(200001)


def key():
    """Return a form key nobody has used."""
    return f'key-{next(_numbers)}'


@functools.cache
def password_hash(password):
    """Return the hash of a password, made once."""
    return passwords.hash_password(password)


@with_connection
def make_region(slug='minsk', **fields):
    """Return the region with this slug, made if it is not there."""
    found = Region.get_or_none(Region.slug == slug)
    if found is None:
        found = Region.create(**{'slug': slug, 'name': slug.title(), 'name_where': f'в {slug.title()}', **fields})
        regions.forget()
    return found


@with_connection
def make_office(slug='minsk'):
    """Return an office of this town, made if it has none."""
    region = make_region(slug)
    found = Office.get_or_none(Office.region == region)
    place = {'address': 'ул. Пробная, 1', 'hours': 'Пн–Пт 9–18', 'phone': '+375170000000', 'directions': ''}
    where = {'latitude': 53.9, 'longitude': 27.5, 'scheme': 'minsk-1.svg'}
    return found or Office.create(region=region, kind=OfficeKind.OFFICE, **place, **where)


@with_connection
def make_building(house, **fields):
    """Return a new connected house in Minsk."""
    return Building.create(
        **{
            'region': make_region(),
            'locality': 'Минск',
            'street': 'ул. Пробная',
            'house': house,
            'house_kind': HouseKind.FLAT,
            'technologies': [Technology.GPON, Technology.ETHERNET],
            'status': CoverageStatus.CONNECTED,
            'free_ports': 8,
            **fields,
        }
    )


@with_connection
def make_tariff(code='I-100', **fields):
    """Return the tariff with this code, made if it is not there; a new one costs 30,00 р. for 100 Mbit/s."""
    found = Tariff.get_or_none(Tariff.code == code)
    if found is not None and not fields:
        return found
    defaults = {'name': code, 'down_kbit': 100_000, 'up_kbit': 100_000, 'monthly_fee': Decimal('30.00')}
    return Tariff.create(**{'code': code, **defaults, 'connection_fee': ZERO, **fields})


@with_connection
def make_promo_code(code, **fields):
    """Return a new promo code: half of the connection fee unless told otherwise."""
    defaults = {'title': code, 'kind': PromoKind.CONNECTION_PERCENT}
    if 'kind' not in fields:
        defaults['percent'] = 50
    return PromoCode.create(**{'code': code, **defaults, **fields})


@with_connection
def make_user(*roles, **fields):
    """Return somebody who can sign in with PASSWORD; a subscriber unless roles are given."""
    defaults = {'name': 'Проба Пробная', 'first_name': 'Проба', 'created_at': now()}
    user = User.create(**{**defaults, 'password_hash': password_hash(PASSWORD), **fields})
    for role in roles or (Role.SUBSCRIBER,):
        UserRole.create(user=user, role=role)
    return user


@with_connection
def make_subscriber(user=None, **fields):
    """Return a new subscriber, without a login unless a user is given."""
    first_name = user.first_name if user else 'Проба'
    defaults = {'last_name': 'Пробная', 'first_name': first_name, 'phone': PHONE, 'created_at': now()}
    return Subscriber.create(user=user, email=(user.email or '') if user else '', **{**defaults, **fields})


@with_connection
def make_contract(number=None, *, user=None, subscriber=None, tariff='I-100', balance=ZERO, **fields):
    """Return a signed contract in Minsk, active since the 1st of this month; `balance` is booked as opening.

    `tariff` and `tv_package` are codes or rows; `user` is the owner's login, a new one unless given.
    """
    owner = subscriber or make_subscriber(user or make_user())
    package = fields.pop('tv_package', None)
    if isinstance(package, str):
        package = TvPackage.get(TvPackage.code == package)
    defaults = {
        'status': ContractStatus.ACTIVE,
        'region': make_region(),
        'address': 'Минск, ул. Демонстрационная, 5, кв. 7',
        'house_kind': HouseKind.FLAT,
        'signed_at': now(),
        'active_on': today().replace(day=1),
        'created_at': now(),
    }
    contract = Contract.create(
        number=number or str(next(_contracts)),
        subscriber=owner,
        tariff=make_tariff(tariff) if isinstance(tariff, str) else tariff,
        tv_package=package,
        **{**defaults, **fields},
    )
    if balance:
        top_up(contract, balance)
    return contract


@with_connection
def top_up(contract, amount, **fields):
    """Book an opening balance: plus or minus, rubles."""
    defaults = {'key': f'opening:{contract.number}:{next(_numbers)}', 'title': 'Начальный остаток'}
    return ledger.post(contract, ledger.Posting(kind=OperationKind.OPENING, amount=amount, **{**defaults, **fields}))


@with_connection
def make_unit(contract, code='R-AC', ownership=Ownership.RENTED, **fields):
    """Return a device at the subscriber's, rented at the catalogue's price."""
    device = Equipment.get(Equipment.code == code)
    fee = device.rent_fee if ownership == Ownership.RENTED else ZERO
    defaults = {'monthly_fee': fee, 'serial': f'SN{next(_numbers):06}', 'installed_at': now()}
    return EquipmentUnit.create(contract=contract, equipment=device, ownership=ownership, **{**defaults, **fields})


@with_connection
def connect_add_on(contract, code='A-IP', **fields):
    """Return a connected add-on at the catalogue's price."""
    add_on = AddOn.get(AddOn.code == code)
    ends_at = None if add_on.is_monthly or not add_on.days else now() + timedelta(days=add_on.days)
    defaults = {'price': add_on.price, 'starts_at': now(), 'ends_at': ends_at, 'form_key': key()}
    return ConnectedAddOn.create(contract=contract, add_on=add_on, **{**defaults, **fields})


@with_connection
def make_application(**fields):
    """Return a new application for I-100 in a flat in Minsk."""
    number = next(_numbers)
    package = {**PACKAGE, **fields.pop('package', {})}
    defaults = {
        'number': f'{number:06}',
        'tracker_hash': f'{number:064x}',
        'form_key': key(),
        'status': ApplicationStatus.NEW,
        'region': make_region(),
        'last_name': 'Новикова',
        'first_name': 'Нина',
        'phone': PHONE,
        'email': 'nina@example.by',
        'locality': 'Минск',
        'street': 'ул. Демонстрационная',
        'house': '5',
        'flat': '12',
        'house_kind': HouseKind.FLAT,
        'package': package,
        'quote': {'lines': [], 'monthly': '29.90', 'once': '0.00'},
        'price_until': today() + timedelta(days=30),
        'consent_version': '1',
        'created_at': now(),
        'updated_at': now(),
    }
    return Application.create(**{**defaults, **fields})


@with_connection
def make_visit(application, technician, **fields):
    """Return a planned visit tomorrow at nine; `technician` is an Actor or a User."""
    who = getattr(technician, 'user_id', None) or technician.id
    defaults = {'day': today() + timedelta(days=1), 'hour': 9, 'form_key': key(), 'created_at': now()}
    return Visit.create(application=application, technician=who, **{**defaults, **fields})


@with_connection
def actor(user, role, contract=None):
    """Open a session for a person in this role and return the Actor it gives."""
    token = sessions.open_session(
        user, role, address='127.0.0.1', agent='tests', contract_id=contract.id if contract else None
    )
    return sessions.resolve(token)


@with_connection
def open_access(contract, receiver, level='see', **fields):
    """Return an accepted access: the owner of the contract opened it to the receiver (an Actor), without an end."""
    defaults = {
        'granted_by': contract.subscriber.user_id,
        'name': receiver.name,
        'email': f'relative-{next(_numbers)}@example.by',
        'user': receiver.user_id,
        'form_key': key(),
        'created_at': now(),
        'token_hash': key(),
        'invited_until': now() + timedelta(days=7),
        'accepted_at': now(),
    }
    return AccessGrant.create(contract=contract, level=Access(level), **{**defaults, **fields})


@with_connection
def working_with(person, contract):
    """Return the Actor of a new session of this person in which this contract is chosen."""
    return actor(User.get_by_id(person.user_id), Role.SUBSCRIBER, contract)


@with_connection
def ask_recovery(number, email, *, address='192.0.2.7'):
    """Ask for a new password as the form does, and let the job write the letter, if there is one to write."""
    recovery.request(number, email, captcha.issue('recovery').token, '12345', address=address)
    recovery.write_due()
