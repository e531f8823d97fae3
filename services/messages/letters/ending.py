"""Letters about the end of a contract: it was asked for, taken back, it is over, money went out."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from models.contract import Contract
from models.termination import MoneyGoes, Payout, Termination
from services.messages.letters import queue


def requested(contract: Contract, request: Termination, *, rest: Decimal, devices: Sequence[str]) -> None:
    """Confirm a request: the last day, what will be left (rubles, minus is debt), which devices come back."""
    facts = {'last_day': request.last_day, 'rest': rest, 'devices': list(devices), 'paper': request.paper}
    _queue('termination_requested', contract, f'terminate:{request.form_key}', facts)


def rest_redirected(contract: Contract, request: Termination, *, at: datetime) -> None:
    """Tell that the rest of the money goes elsewhere than was said, so that a stranger's change is noticed."""
    to_account = request.money == MoneyGoes.ACCOUNT
    facts = {'to_account': to_account, 'target': request.target.number if request.target else ''}
    _queue('termination_redirected', contract, f'terminate:{request.form_key}:money:{at:%Y%m%d%H%M%S%f}', facts)


def withdrawn(contract: Contract, request: Termination) -> None:
    """Tell that the contract goes on."""
    _queue('termination_withdrawn', contract, f'terminate:{request.form_key}:withdrawn', {})


def ended(
    contract: Contract, request: Termination, *, returned: Decimal, rest: Decimal, devices: Sequence[str]
) -> None:
    """Tell that the contract is over: what was returned for paid days, what is left and where it goes, the devices."""
    facts: dict[str, object] = {
        'last_day': request.last_day,
        'returned': returned,
        'rest': rest,
        'devices': list(devices),
        'recounted': request.was_recounted,
        'to_account': request.money == MoneyGoes.ACCOUNT,
        'target': request.target.number if request.target and not rest else '',
    }
    _queue('termination_ended', contract, f'terminate:{request.form_key}:ended', facts)


def paid_out(contract: Contract, payout: Payout) -> None:
    """Tell that the rest of the money was sent."""
    facts = {'amount': payout.amount, 'paper': payout.paper}
    _queue('termination_paid_out', contract, f'payout:{payout.id}', facts)


def device_charged(contract: Contract, *, unit_id: int, name: str, price: Decimal, reason: str) -> None:
    """Tell that a device that did not come back was charged, and why."""
    facts = {'device': name, 'price': price, 'reason': reason}
    _queue('device_charged', contract, f'unreturned:{unit_id}', facts)


def _queue(letter: str, contract: Contract, key: str, facts: dict[str, object]) -> None:
    owner = contract.subscriber
    mail = (owner.user.email if owner.user else '') or owner.email or ''
    queue(letter, mail, key=key, name=owner.first_name, contract=contract.number, **facts)
