"""A planned tariff comes into force: with the charge of its month, or inside a month on its own day."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from models.account import Quote
from models.catalogue import Tariff
from models.contract import Contract, Discount, TariffChange, TariffChangeState
from services.accounts import books, debt_blocks, ending, ledger, subscriptions, trust_credits
from services.accounts.line_postings import book
from services.clock import now, today
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.quotes.subscription import total
from services.quotes.switching import switch_lines
from services.runner import transactional

log = logging.getLogger(__name__)


@transactional
def apply(contract: Contract) -> bool:
    """Make the change that was planned for a day inside a month, if its day has come; tells whether one was due.

    What it costs is charged with it. Without the money, or while the internet is stopped, the change is called off and
    a letter says so: nobody is blocked for having wished a faster tariff.

    Raises:
        ChargingStopped: one is due, but the books do not agree.
    """
    contract = subscriptions.reload_locked(contract)
    change = subscriptions.planned_change(contract)
    if change is None or change.effective_on > today() or change.effective_on.day == 1:
        return False
    if ending.ids_over_before([contract], change.effective_on):
        return False  # it falls away with the contract
    books.require_open()
    snapshot = subscriptions.load(contract)
    planned = snapshot.planned
    assert planned is not None  # it is the change that was just read
    lines = [*switch_lines(snapshot, planned.tariff, planned.on), *planned.fee_lines()]
    due = total(lines)
    is_stopped = debt_blocks.open_block(contract) or subscriptions.open_suspension(contract)
    if is_stopped or due > max(ledger.balance(contract), ZERO):
        _call_off(contract, change)
    else:
        quote = _shown_quotes([contract.id]).get(contract.id)
        for line in lines:
            key = f'tariff:{change.form_key}:{line.kind}:{line.code}'
            book(contract, line, key=key, basis=f'Договор № {contract.number}. {line.basis}', quote=quote)
        _apply(contract, change)
        key = f'{change.form_key}:applied'
        letters.tariff_changed(contract, change.new_tariff, on=change.effective_on, charged=due, form_key=key)
    record(ContractChanged(contract.id))
    debt_blocks.review(contract)
    return True


def run_due() -> int:
    """Make all changes of tariff whose day has come, none while charging is stopped; returns how many.

    Safe to run at any time and twice.
    """
    if books.is_stopped():
        log.warning('Charging is stopped: the books do not agree')
        return 0
    due: Any = TariffChange.select(TariffChange, Contract).join(Contract)
    waits = (TariffChange.state == TariffChangeState.PLANNED) & (TariffChange.effective_on <= today())
    done = 0
    for change in list(due.where(waits).order_by(TariffChange.id)):
        try:
            done += apply(change.contract)
        except Exception:
            log.exception('The planned tariff of %s failed', change.contract.number)
    return done


def begin_month(contracts: Sequence[Contract], month: date) -> dict[int, Quote]:
    """Put the tariffs planned for this 1st or before into force, each contract held; returns the quotes that were shown
    for them by the ids of the contracts."""
    waits = (TariffChange.state == TariffChangeState.PLANNED) & (TariffChange.effective_on <= month)
    changes: Any = TariffChange.select().where(TariffChange.contract.in_([each.id for each in contracts]) & waits)
    by_tariff = defaultdict(list)
    for change in changes:
        by_tariff[change.new_tariff_id].append(change.contract_id)
    changed = [contract_id for ids in by_tariff.values() for contract_id in ids]
    if not changed:
        return {}
    tariffs: Any = Tariff.select().where(Tariff.id.in_(list(by_tariff)))
    for tariff in list(tariffs):
        trust_credits.end_below(by_tariff[tariff.id], tariff)
    for tariff_id, ids in by_tariff.items():
        Contract.update(tariff=tariff_id).where(Contract.id.in_(ids)).execute()
    _end_discounts(changed)
    TariffChange.update(state=TariffChangeState.APPLIED).where(TariffChange.contract.in_(changed) & waits).execute()
    return _shown_quotes(changed)


def put_into_force(contract: Contract, new: Tariff) -> None:
    """Give a contract another tariff; the discounts of a promo code, and a trust credit, may end with the old one."""
    trust_credits.end_below([contract.id], new)
    contract.tariff = new
    contract.save(only=[Contract.tariff])
    _end_discounts([contract.id])


def _end_discounts(ids: list[int]) -> None:
    Discount.update(ended_at=now()).where(Discount.contract.in_(ids) & Discount.ended_at.is_null()).execute()


def _apply(contract: Contract, change: TariffChange) -> None:
    put_into_force(contract, change.new_tariff)
    TariffChange.update(state=TariffChangeState.APPLIED).where(TariffChange.id == change.id).execute()


def _call_off(contract: Contract, change: TariffChange) -> None:
    TariffChange.update(state=TariffChangeState.CANCELLED).where(TariffChange.id == change.id).execute()
    letters.tariff_called_off(contract, change)


def _shown_quotes(ids: list[int]) -> dict[int, Quote]:
    """Return the quotes by which the waiting changes were ordered: the latest of each contract that was executed."""
    was_executed = (Quote.action == 'tariff') & Quote.executed_at.is_null(False)
    rows: Any = Quote.select().where(Quote.contract.in_(ids) & was_executed)
    return {quote.contract_id: quote for quote in rows.order_by(Quote.executed_at, Quote.id)}
