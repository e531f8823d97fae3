"""Letters about what happens in the cabinet: block, tariff, suspension, a new e-mail."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models.catalogue import Tariff
from models.contract import Contract, DebtBlock, Suspension, TariffChange
from models.correction import Correction
from services.messages.letters import Addressed, queue, queue_many
from services.offers.prices import fee_on


def debts_blocked(blocks: Sequence[tuple[Contract, DebtBlock, Decimal]], *, free_until: date | None) -> None:
    """Tell each that the internet stopped, how much is missing (rubles), what helps and until when for nothing."""
    addressed = [
        Addressed(_mail(contract), '', f'block:{block.id}', {'debt': debt, 'free_until': free_until, **_who(contract)})
        for contract, block, debt in blocks
    ]
    queue_many('debt_blocked', addressed)


def tariff_changed(contract: Contract, tariff: Tariff, *, on: date, charged: Decimal, form_key: str) -> None:
    """Confirm a change of tariff: from which day, and what was charged at once (rubles, may be zero)."""
    facts = {'tariff': tariff.name, 'fee': fee_on(tariff, on), 'on': on, 'charged': charged}
    queue('tariff_changed', _mail(contract), key=f'tariff:{form_key}', **facts, **_who(contract))


def tariff_called_off(contract: Contract, change: TariffChange) -> None:
    """Tell that a planned change of tariff did not happen."""
    facts = {'tariff': change.new_tariff.name, 'on': change.effective_on}
    queue('tariff_called_off', _mail(contract), key=f'tariff:{change.form_key}:called_off', **facts, **_who(contract))


def suspended(contract: Contract, suspension: Suspension, *, returned: Decimal, fee: Decimal) -> None:
    """Confirm a suspension: its days, what was returned to the balance and what it cost (rubles, may be zero)."""
    facts = {'starts_on': suspension.starts_on, 'ends_on': suspension.ends_on, 'returned': returned, 'fee': fee}
    queue('suspended', _mail(contract), key=f'suspend:{suspension.form_key}', **facts, **_who(contract))


def resumed(contract: Contract, suspension: Suspension, *, charged: Decimal, fee_back: Decimal) -> None:
    """Confirm that the service is back before its day; `charged` rubles for the days until the planned return,
    `fee_back` rubles of the fee of a suspension that was called off."""
    facts = {'charged': charged, 'fee_back': fee_back, 'on': suspension.resumed_on}
    queue('resumed', _mail(contract), key=f'resume:{suspension.form_key}', **facts, **_who(contract))


def corrected(contract: Contract, correction: Correction, *, balance: Decimal) -> None:
    """Tell what was put right on the wallet and why; `balance` in rubles after it."""
    facts = {'amount': correction.amount, 'reason': correction.reason, 'balance': balance}
    facts['reversed'] = correction.reverses.title if correction.reverses else ''
    queue('corrected', _mail(contract), key=f'correction:{correction.id}', **facts, **_who(contract))


def email_changed(old_email: str, *, name: str, new_email: str, key: str) -> None:
    """Tell the old address that letters go to a new one, shown only in part; and the new one that they come to it."""
    local, _, domain = new_email.partition('@')
    queue('email_changed', old_email, key=key, name=name, hidden=f'{local[:1]}***@{domain}')
    email_bound(new_email, name=name, key=key)


def email_bound(email: str, *, name: str, key: str) -> None:
    """Tell an address that from now on letters come to it, so that a stranger's is noticed."""
    queue('email_bound', email, key=f'{key}:new', name=name)


def _mail(contract: Contract) -> str:
    owner = contract.subscriber
    return (owner.user.email if owner.user else '') or owner.email or ''


def _who(contract: Contract) -> dict[str, object]:
    return {'name': contract.subscriber.first_name, 'contract': contract.number}
