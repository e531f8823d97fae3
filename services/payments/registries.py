"""Реестры банка и ЕРИП: load a file, look at it, book it in one go, give what nobody knew to a contract.

The same money is booked once, whatever file it comes in: the key of a line is the business fact (registry_keys.py), and
what the gateway has told already is left out. What is shown before is judged again when it is booked.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from models.account import AccountKind, OperationKind
from models.base import is_postgres
from models.contract import OPENING, Contract, Subscriber
from models.registry import LineState, Registry, RegistryLine, RegistrySource, RegistryState
from services import audit, field_rules, rules
from services.accounts import debt_blocks, ledger, registry_keys
from services.accounts.ledger import Posting
from services.authority import Actor, locked, require_operator
from services.clock import now
from services.errors import N_, DomainError, InvalidField, NotFound
from services.identity import step_up
from services.messages import letters
from services.payments import registry_files, registry_matches
from services.runner import transactional

SIDES = {RegistrySource.ERIP: AccountKind.ERIP, RegistrySource.BANK: AccountKind.BANK}
TITLES = {RegistrySource.ERIP: 'Оплата через ЕРИП', RegistrySource.BANK: 'Оплата через банк'}


class OwnContract(DomainError):
    """Nobody gives money to himself."""

    message = N_('Это ваш собственный договор: отнести платёж на него может только коллега.')
    status = 403


class SecondPersonNeeded(DomainError):
    """A large sum nobody knew is not given away by whoever booked the file."""

    message = N_('Суммы больше {limit} относит на договор другой сотрудник, не тот, кто провёл реестр.')
    status = 403


class AssignedAlready(DomainError):
    """Somebody was faster."""

    message = N_('Этот платёж уже отнесён на договор.')
    status = 409


@transactional
def load(source: str, name: str, content: bytes, *, actor: Actor | None) -> int:
    """Keep the lines of a file to be looked at; nothing is booked. The same file again leads to the first one.

    Raises:
        SignInRequired, NotAllowed: only the console.
        InvalidField: `source`, or `file`: what cannot be read as a register.
    """
    actor = require_operator(actor)
    if not isinstance(source, str) or source not in set(RegistrySource):
        raise InvalidField('source', N_('Выберите, чей это реестр.'))
    fingerprint = hashlib.sha256(content).hexdigest()
    known = Registry.get_or_none(Registry.fingerprint == fingerprint)
    if known is not None:
        return int(known.id)
    found = registry_files.read(content)
    registry = Registry.create(
        source=RegistrySource(source),
        fingerprint=fingerprint,
        name=_name(name),
        faults=[[place, str(fault)] for place, fault in found.faults],
        loaded_by=actor.user_id,
        loaded_at=now(),
    )
    for line in found.lines:
        _keep(registry, line)
    audit.note('registry.load', f'registry:{registry.id}', actor=actor, lines=len(found.lines))
    return int(registry.id)


@transactional
def book(registry_id: int, *, actor: Actor | None) -> int:
    """Book every line of a file that has a contract and is new; returns how many. One that is booked stays booked.

    Raises:
        StepUpRequired: see `step_up`. NotFound: no such file.
    """
    actor = step_up.require_fresh(require_operator(actor))
    registry = _locked_registry(registry_id)
    if registry.state == RegistryState.BOOKED:
        return 0
    lines = registry_matches.lines_of(registry)
    for contract in sorted(registry_matches.contracts_of(lines).values(), key=lambda each: each.id):
        locked(contract)
    judged = registry_matches.judge(registry, lines)
    wanted = [(line, judged[line.id].contract) for line in lines if judged[line.id].state == LineState.NEW]
    _book([(line, contract) for line, contract in wanted if contract is not None], registry)
    for line in lines:
        if judged[line.id].state in (LineState.UNKNOWN, LineState.DUPLICATE):
            line.state = judged[line.id].state
            line.save(only=[RegistryLine.state])
    registry.state, registry.booked_by_id, registry.booked_at = RegistryState.BOOKED, actor.user_id, now()
    registry.save(only=[Registry.state, Registry.booked_by, Registry.booked_at])
    total = sum(line.amount for line, _contract in wanted)
    audit.note('registry.book', f'registry:{registry.id}', actor=actor, lines=len(wanted), amount=str(total))
    return len(wanted)


@transactional
def assign(line_id: int, number: str, *, actor: Actor | None) -> None:
    """Give a payment nobody knew to a contract, and book it; the subscriber gets the usual letter.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: no such line. InvalidField: `number`, no such contract.
        AssignedAlready, OwnContract, SecondPersonNeeded: see there.
    """
    actor = step_up.require_fresh(require_operator(actor))
    query: Any = RegistryLine.select().where(RegistryLine.id == _row_id(line_id))
    line: RegistryLine | None = (query.for_update() if is_postgres() else query).get_or_none()
    if line is None or line.registry.state != RegistryState.BOOKED or line.state == LineState.DUPLICATE:
        raise NotFound
    if line.state != LineState.UNKNOWN:
        raise AssignedAlready
    contract = _payee(number, actor)
    limit = rules.current().four_eyes_above
    if line.amount > limit and line.registry.booked_by_id == actor.user_id:
        raise SecondPersonNeeded(limit=limit)
    locked(contract)
    _book([(line, contract)], line.registry)
    line.assigned_by_id, line.assigned_at = actor.user_id, now()
    line.save(only=[RegistryLine.assigned_by, RegistryLine.assigned_at])
    audit.note('registry.assign', f'contract:{contract.number}', actor=actor, line=line.id, amount=str(line.amount))


def _name(typed: object) -> str:
    """Return the name of a file for people: without its folders and without signs nobody sees."""
    last = (typed if isinstance(typed, str) else '').replace('\\', '/').rpartition('/')[2]
    return ''.join(sign for sign in last if sign.isprintable()).strip()[: field_rules.most('file_name')] or 'реестр.csv'


def _keep(registry: Registry, line: registry_files.ReadLine) -> None:
    RegistryLine.create(
        registry=registry,
        place=line.place,
        paid_on=line.paid_on,
        account_number=line.account_number,
        amount=line.amount,
        document=line.document,
        purpose=line.purpose,
        key=registry_keys.key_of(
            registry.source, document=line.document, paid_on=line.paid_on, account_number=line.account_number
        ),
    )


def _book(wanted: Sequence[tuple[RegistryLine, Contract]], registry: Registry) -> None:
    """Book lines on wallets, all or none, and tell the owners."""
    operations = ledger.post_many([(contract, _posting(line, registry)) for line, contract in wanted])
    for (line, contract), operation in zip(wanted, operations, strict=True):
        line.state, line.contract, line.operation = LineState.BOOKED, contract, operation
        line.save(only=[RegistryLine.state, RegistryLine.contract, RegistryLine.operation])
    balances = ledger.balances([contract for _line, contract in wanted])
    for contract in {contract.id: contract for _line, contract in wanted}.values():
        debt_blocks.review(contract)
    for line, contract in wanted:
        user = contract.subscriber.user
        if user is not None:
            number, balance = contract.number, balances[contract.id]
            letters.payment_received(
                user, contract_number=number, amount=line.amount, balance=balance, paid_at=now(), key=line.key
            )


def _posting(line: RegistryLine, registry: Registry) -> Posting:
    source = registry.source
    return Posting(
        key=line.key,
        kind=OperationKind.PAYMENT,
        amount=line.amount,
        title=TITLES[source],
        basis=f'Реестр № {registry.id}, документ {line.document} от {line.paid_on:%d.%m.%Y}',
        other_side=SIDES[source],
    )


def _payee(number: object, actor: Actor) -> Contract:
    rule = field_rules.rule('contract_number')
    text = rule.brought(number)
    found: Contract | None = (
        Contract.select(Contract, Subscriber)
        .join(Subscriber)
        .where((Contract.number == text) & Contract.status.in_(OPENING))
        .get_or_none()
        if rule.fits(text)
        else None
    )
    if found is None:
        raise InvalidField('number', N_('Такого договора нет. Проверьте номер.'))
    if found.subscriber.user_id == actor.user_id:
        raise OwnContract
    return found


def _locked_registry(registry_id: object) -> Registry:
    query: Any = Registry.select().where(Registry.id == _row_id(registry_id))
    registry: Registry | None = (query.for_update() if is_postgres() else query).get_or_none()
    if registry is None:
        raise NotFound
    return registry


def _row_id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise NotFound
    return value
