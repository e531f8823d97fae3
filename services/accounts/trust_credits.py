"""Кредит доверия: for a small fee a month the wallet may go below zero. A monthly add-on that is a limit too."""

from collections.abc import Sequence
from decimal import Decimal

from models.catalogue import Tariff
from models.contract import ConnectedAddOn, Contract
from services import rules
from services.accounts import contract_rows, debt_blocks, ledger, subscriptions
from services.accounts.add_on_refusals import (
    AddOnRefused,
    CreditAfterBrokenPromise,
    CreditAfterDebt,
    CreditForFasterTariffs,
    CreditOwed,
    CreditWouldEnd,
)
from services.clock import now
from services.money import ZERO
from services.quotes.subscription import Limit


def terms(code: str) -> Limit:
    """Return the limit a trust credit would have if it were connected today; `code` is that of the add-on."""
    current = rules.current()
    return Limit(current.credit_limit, None, code, current.credit_least_kbit)


def fee() -> Decimal:
    """Return what a month of it costs today, rubles."""
    return rules.current().credit_fee


def why_not(contract: Contract) -> AddOnRefused | None:
    """Return why this contract cannot have a trust credit now, or None."""
    current = rules.current()
    if contract.tariff.down_kbit < current.credit_least_kbit:
        return CreditForFasterTariffs(mbit=current.credit_least_mbit)
    planned = subscriptions.planned_change(contract)
    if planned and planned.new_tariff.down_kbit < current.credit_least_kbit:
        return CreditWouldEnd(on=planned.effective_on, mbit=current.credit_least_mbit)
    balance = ledger.balance(contract)
    if balance < ZERO:
        return CreditAfterDebt(debt=-balance)
    again_at = debt_blocks.trusted_again_at(contract, current)
    return CreditAfterBrokenPromise(on=again_at) if again_at else None


def why_not_leave(contract: Contract) -> AddOnRefused | None:
    """Return why the trust credit cannot be given up now, or None: the debt is paid first."""
    balance = ledger.balance(contract)
    return CreditOwed(debt=-balance) if balance < ZERO else None


def ends_with(contract: Contract, tariff: Tariff) -> bool:
    """Tell whether the contract has a trust credit that this tariff is too slow for."""
    is_slow = tariff.down_kbit < rules.current().credit_least_kbit
    return is_slow and subscriptions.open_credit(contract) is not None


def end_below(contract_ids: Sequence[int], tariff: Tariff) -> None:
    """End the trust credits of contracts whose new tariff is too slow for them; their paid month is not returned."""
    if tariff.down_kbit >= rules.current().credit_least_kbit:
        return
    running = [row for row in contract_rows.connected(contract_ids) if contract_rows.is_credit(row)]
    moment = now()
    which = ConnectedAddOn.id.in_([row.id for row in running])
    ConnectedAddOn.update(disconnected_at=moment).where(which & ConnectedAddOn.disconnected_at.is_null()).execute()
    ConnectedAddOn.update(ends_at=moment).where(which).execute()
