"""Everything we hold on one person, as plain values: for his own copy. Hashes and other secrets are not in it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.access import AccessGrant
from models.account import Account, AccountKind, Entry, Operation
from models.application import Application, ApplicationEvent
from models.chat import ChatMessage, ChatThread
from models.contract import (
    ConnectedAddOn,
    Contract,
    Document,
    EquipmentUnit,
    PromisedPayment,
    Subscriber,
    Suspension,
    TariffChange,
)
from models.equipment import EquipmentOrder, EquipmentReturn
from models.file import StoredFile
from models.payment import Payment
from models.privacy import PrivacyRequest
from models.saved_card import Autopay, SavedCard
from models.second_factor import FactorReset, Passkey, TotpSecret
from models.termination import Payout, Termination
from models.usage import TrafficUsage
from models.user import STAFF, AuditEvent, Role, Session, User
from models.visit import Visit, VisitReport
from services.accounts import bank_accounts
from services.audit import who_looked
from services.contracts import identity_papers
from services.identity import factors, vault
from services.payments import payees
from services.privacy import consents
from services.privacy.own_letters import letters_of

Facts = dict[str, Any]


def facts_of(user_id: int) -> Facts:
    """Return all facts of a login by section; values are what JSON knows, sums are rubles as text, times ISO 8601.

    The copy is the person's own, so his papers stand in it in full.
    The waiting list is not in it: it knows a phone and no person, and anybody may write any phone into his profile.
    """
    user = User.get_by_id(user_id)
    people = list(Subscriber.select().where(Subscriber.user == user).order_by(Subscriber.id))
    contracts = list(Contract.select().where(Contract.subscriber.in_(people)).order_by(Contract.id))
    applications = list(Application.select().where(Application.contract_id.in_([c.id for c in contracts])))
    found: Facts = {
        'login': _row(user, 'name first_name email email_confirmed_at phone language theme created_at'),
        'person': [_person(one) for one in people],
        'contracts': [_contract(contract) for contract in contracts],
        'applications': [_application(application) for application in applications],
        'consents': [{k: v for k, v in asdict(line).items() if k != 'id'} for line in consents.lines_of(user_id)],
        'sessions': _rows(
            Session.select().where(Session.user == user),
            'role created_at seen_at factor_at expires_at revoked_at address agent',
        ),
        'factors': _factors(user),
        'grants_given': _grants(AccessGrant.granted_by == user),
        'grants_received': _grants(AccessGrant.user == user),
        # Without the texts: a letter may hold a link that opens his account.
        'letters': _rows(letters_of(user, people, applications), 'channel recipient subject created_at sent_at'),
        'requests': _rows(
            PrivacyRequest.select().where(PrivacyRequest.user == user), 'kind state asked_at due_on answered_at answer'
        ),
        'log': _log(user, contracts, applications),
    }
    plain: Facts = _plain(found)
    return plain


def _person(subscriber: Subscriber) -> Facts:
    papers = identity_papers.kept(subscriber)
    return {
        **_row(subscriber, 'last_name first_name patronymic phone email created_at'),
        'papers': asdict(papers) if papers else None,
    }


def _contract(contract: Contract) -> Facts:
    mine = {'contract': contract}
    return {
        **_row(contract, 'number status address house_kind signed_at active_on terminated_on created_at'),
        'tariff': contract.tariff.name,
        'tv': contract.tv_package.name if contract.tv_package else None,
        'add_ons': _rows(_of(ConnectedAddOn, **mine), 'add_on.name price starts_at ends_at disconnected_at'),
        'equipment': _rows(
            _of(EquipmentUnit, **mine), 'equipment.name ownership monthly_fee serial mac installed_at returned_at'
        ),
        'equipment_orders': _rows(
            _of(EquipmentOrder, **mine), 'equipment.name ownership price holds_until state ordered_at closed_at reason'
        ),
        'equipment_returns': _rows(_of(EquipmentReturn, **mine), 'unit.serial state announced_at closed_at condition'),
        'tariff_changes': _rows(
            _of(TariffChange, **mine), 'old_tariff.name new_tariff.name effective_on state created_at'
        ),
        'suspensions': _rows(_of(Suspension, **mine), 'starts_on ends_on resumed_on created_at'),
        'promised_payments': _rows(_of(PromisedPayment, **mine), 'amount promised_at due_at fulfilled_at lapsed_at'),
        'traffic': _rows(_of(TrafficUsage, **mine), 'period used_bytes taken_at settled_at'),
        'terminations': [_termination(row) for row in _of(Termination, **mine)],
        'payouts': _rows(_of(Payout, **mine), 'amount paper state asked_at'),
        'documents': _rows(_of(Document, **mine), 'kind title sha256 is_signed created_at'),
        'operations': _operations(contract),
        'payments': _rows(
            Payment.select().where(payees.begun_in(contract)).order_by(Payment.id),  # a stranger's card is not his
            'amount currency state created_at updated_at card_brand card_last4 message receipt_url',
        ),
        'saved_cards': _rows(_of(SavedCard, **mine), 'brand last4 expires_month expires_year created_at removed_at'),
        'autopay': _rows(_of(Autopay, **mine), 'days_before below fixed month_limit is_on agreed_at changed_at'),
        'chat': _chat(contract),
        'files': _rows(
            StoredFile.select().where((StoredFile.contract == contract) & StoredFile.message.is_null(False)),
            'name kind size created_at',
        ),
    }


def _termination(row: Termination) -> Facts:
    names = 'state last_day reason words paper money requested_at cancelled_at executed_at'
    return {**_row(row, names), 'iban': bank_accounts.kept(row)}


def _operations(contract: Contract) -> list[Facts]:
    rows: Any = (
        Entry.select(Entry, Operation)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
        .order_by(Entry.id)
    )
    names = 'operation.booked_at operation.title amount balance_after operation.formula operation.basis'
    return _rows(rows, f'{names} operation.reason')


def _chat(contract: Contract) -> list[Facts]:
    rows = ChatMessage.select().join(ChatThread).where(ChatThread.contract == contract).order_by(ChatMessage.id)
    return [{'at': row.sent_at, 'by': 'operator' if row.by_operator else 'you', 'text': row.text} for row in rows]


def _application(application: Application) -> Facts:
    names = (
        'number status last_name first_name patronymic phone email locality street house entrance floor flat '
        'house_kind preferred_time comment package quote reason language created_at updated_at'
    )
    visits = Visit.select().where(Visit.application == application)
    reports = VisitReport.select().join(Visit).where(Visit.application == application)
    return {
        **_row(application, names),
        'address_note': _note(application),
        'events': _rows(
            ApplicationEvent.select().where(ApplicationEvent.application == application),
            'at kind from_status to_status note',
        ),
        'visits': _rows(visits, 'day hour status reason started_at completed_at'),
        'photos': _rows(
            StoredFile.select(StoredFile).join(Visit).where(Visit.application == application),
            'name kind size created_at',
        ),
        'reports': _rows(reports, 'line_level_dbm down_mbit up_mbit note signed_name signed_at signature_svg'),
    }


def _note(application: Application) -> str:
    if application.address_note is None:
        return ''
    place = vault.aad_of('application', application.id, 'address_note')
    return vault.unseal(bytes(application.address_note), aad=place)


def _factors(user: User) -> Facts:
    """Return which second factors he has, by name; nothing of what they are made of."""
    apps = TotpSecret.select().where((TotpSecret.user == user) & TotpSecret.sealed.is_null(False))
    return {
        'apps': _rows(apps, 'created_at'),
        'passkeys': _rows(Passkey.select().where(Passkey.user == user).order_by(Passkey.id), 'name created_at used_at'),
        'codes_left': factors.of(user.id).codes_left,
        'resets': _rows(
            FactorReset.select().where(FactorReset.user == user), 'reason asked_at confirmed_at declined_at'
        ),
    }


def _grants(which: Any) -> list[Facts]:
    rows = AccessGrant.select(AccessGrant, Contract).join(Contract).where(which).order_by(AccessGrant.id)
    names = 'contract.number name email level valid_until created_at invited_until accepted_at ended_at'
    return _rows(rows, names)


def _log(user: User, contracts: Sequence[Contract], applications: Sequence[Application]) -> list[Facts]:
    """Return who did what to his things, reading included. Employees stand here by their role, without names."""
    subjects = [f'user:{user.id}', *(name for contract in contracts for name in who_looked.subjects_of(contract))]
    subjects += [f'application:{a.number}' for a in applications]
    rows: Any = AuditEvent.select().where(AuditEvent.subject.in_(subjects)).order_by(AuditEvent.id)
    return [
        {
            'at': row.at,
            'action': row.action,
            'subject': row.subject,
            'by': _by(row, user.id),
            'address': row.address if row.actor_id == user.id else '',
        }
        for row in rows
    ]


def _by(row: Any, own_id: int) -> str:
    """Return who did it: he himself, nobody, a relative his contract is open to, or an employee in some role."""
    if row.actor_id in (None, own_id):
        return 'system' if row.actor_id is None else 'you'
    if row.role == Role.SUBSCRIBER:
        return 'relative'
    return str(row.role) if row.role in STAFF else 'employee'


def _of(model: Any, *, contract: Contract) -> Any:
    return model.select().where(model.contract == contract).order_by(model.id)


def _rows(rows: Iterable[Any], names: str) -> list[Facts]:
    return [_row(row, names) for row in rows]


def _row(row: Any, names: str) -> Facts:
    """Return these values of a row; `tariff.name` goes through a relation."""
    found: Facts = {}
    for name in names.split():
        relation, _, column = name.rpartition('.')
        key = relation if column == 'name' and relation else column
        found[key] = getattr(getattr(row, relation) if relation else row, column)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, datetime | date) else value
