"""Лицевой счёт: double-entry, append-only, whole kopecks."""

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from models.base import BaseModel
from models.contract import Contract
from models.fields import EnumField, MoneyField, UtcDateTimeField
from models.user import User


class AccountKind(StrEnum):
    """A wallet belongs to a contract; the others are ours, one of each."""

    WALLET = 'wallet'
    GATEWAY = 'gateway'
    CASH = 'cash'
    BANK = 'bank'
    ERIP = 'erip'  # ERIP's own register; what came through the gateway stands on GATEWAY
    REVENUE = 'revenue'
    ADJUSTMENT = 'adjustment'
    OPENING = 'opening'


class Account(BaseModel):
    """Счёт. `balance` is a cache of the sum of its entries; self_check compares."""

    contract_id: int | None
    contract = ForeignKeyField(Contract, null=True, backref='accounts', on_delete='RESTRICT')
    kind = EnumField(AccountKind)
    currency = CharField(max_length=3, default='BYN')
    balance = MoneyField()
    entry_count = IntegerField(default=0)

    class Meta:
        indexes = ((('contract', 'kind', 'currency'), True),)


class Quote(BaseModel):
    """Расчёт, показанный до действия: the action executes this very row, and «Почему списано?» reads it."""

    contract = ForeignKeyField(Contract, backref='quotes', on_delete='RESTRICT')
    action = CharField(max_length=32)
    request = JSONField()  # what was asked: codes, dates
    facts = CharField(max_length=64)  # SHA-256 of the snapshot it was computed from
    lines = JSONField()  # [{"on", "kind", "what", "formula", "sum", "balance"}]
    created_at = UtcDateTimeField()
    executed_at = UtcDateTimeField(null=True)


class OperationKind(StrEnum):
    """Why money moved."""

    PAYMENT = 'payment'
    REFUND = 'refund'
    PAYOUT = 'payout'
    MONTH = 'month'
    CONNECTION = 'connection'
    TARIFF = 'tariff'
    ADD_ON = 'add_on'
    EQUIPMENT = 'equipment'
    SUSPENSION = 'suspension'
    FEE = 'fee'
    ADJUSTMENT = 'adjustment'
    OPENING = 'opening'


class Operation(BaseModel):
    """Операция: one business fact, two or more entries that sum to zero. Never changed, never deleted."""

    actor_id: int | None
    quote_id: int | None
    reverses_id: int | None
    key = CharField(unique=True, max_length=120)  # from the fact, e.g. "month:100001:2026-12"
    fingerprint = CharField(max_length=64)  # same key with other content is refused
    kind = EnumField(OperationKind)
    contract_id: int | None
    contract = ForeignKeyField(Contract, null=True, backref='operations', on_delete='RESTRICT')
    title = CharField(max_length=200)  # Russian words of the line in the history
    formula = TextField(default='')  # «29,90 р. × 10 из 30 дней»
    basis = TextField(default='')  # the rule or paper behind it
    quote = ForeignKeyField(Quote, null=True, on_delete='RESTRICT')
    actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    reason = TextField(default='')
    reverses = ForeignKeyField('self', null=True, unique=True, on_delete='RESTRICT')
    booked_at = UtcDateTimeField()

    class Meta:
        indexes = ((('contract', 'booked_at'), False),)


class Entry(BaseModel):
    """Проводка: plus raises the account's balance, minus lowers it; never zero, never changed."""

    operation = ForeignKeyField(Operation, backref='entries', on_delete='RESTRICT')
    account = ForeignKeyField(Account, backref='entries', on_delete='RESTRICT')
    amount = MoneyField()
    balance_after = MoneyField()

    class Meta:
        indexes = ((('account', 'id'), False),)


class OperationLink(BaseModel):
    """The place of an operation in the chain of the books: its mark covers the operation and its entries."""

    operation = ForeignKeyField(Operation, unique=True, on_delete='RESTRICT')
    prev_hash = CharField(max_length=64, unique=True)  # two operations behind the same one would be a fork
    hash = CharField(max_length=64)


class ChargingStop(BaseModel):
    """That charging was stopped because the books do not agree; over when `lifted_at` is set."""

    stopped_at = UtcDateTimeField()
    faults = JSONField()  # lines of the self-check
    lifted_at = UtcDateTimeField(null=True)
    lifted_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
    reason = TextField(default='')  # why it went on before the check was clean; empty: it became clean


class Counter(BaseModel):
    """Next number of a sequence: contracts, applications."""

    name = CharField(unique=True, max_length=32)
    value = IntegerField()


class BillingRun(BaseModel):
    """Списание за месяц: how far the run of a month is. It is a report; what was charged is told by PeriodCharge."""

    month = DateField(unique=True)  # its 1st
    started_at = UtcDateTimeField()
    started_by_id: int | None
    started_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')  # None: by the timetable or a command
    seen_at = UtcDateTimeField(null=True)  # when it was last at work; empty: ordered, not begun
    ended_at = UtcDateTimeField(null=True)
    total = IntegerField()  # contracts: those charged by it and those that were due when it was started last
    done = IntegerField(default=0)
    blocked = IntegerField(default=0)
    charged = MoneyField()
    set_aside = JSONField(default=dict)  # number of a contract that failed: the kind of error


class PeriodCharge(BaseModel):
    """That a month of a contract was charged, even when the sum was nothing: a month is charged once."""

    contract = ForeignKeyField(Contract, backref='period_charges', on_delete='RESTRICT')
    month = DateField()  # its 1st
    charged_at = UtcDateTimeField()

    class Meta:
        indexes = ((('contract', 'month'), True),)
