"""The rest of a wallet goes out to the bank, after the contract is over; a large sum waits for a second employee."""

from decimal import Decimal
from typing import Any

from models.account import OperationKind
from models.contract import Contract, ContractStatus
from models.correction import CorrectionState
from models.termination import Payout
from services import audit, form_keys
from services.accounts import correction_input, four_eyes, ledger, termination_requests
from services.accounts.ledger import Posting
from services.accounts.termination_refusals import MoreThanThere, NotEnded, PayoutDecided, PayoutWaits
from services.authority import Actor, locked, require_operator
from services.clock import now
from services.errors import InvalidField, InvalidForm, NotFound, gathered
from services.identity import step_up
from services.input_text import clean_text
from services.messages.letters import ending as letters
from services.money import KOPECK, ZERO
from services.payments.payments import read_amount
from services.runner import transactional


@transactional
def pay_out(number: str, amount: str, paper: str, form_key: str, *, actor: Actor | None) -> CorrectionState:
    """Record that money of a wallet was sent to the bank; tells whether it is booked or waits for a second employee.

    The same key again does nothing twice.

    Args:
        amount: as typed, «13,20»; `paper` is the number of the payment order.

    Raises:
        InvalidForm: what is wrong in `amount`, `paper`.
        NotFound: no such contract. OwnContract: one's own.
        NotEnded, MoreThanThere, PayoutWaits: nothing is booked.
        StepUpRequired: see `step_up`.
    """
    actor = step_up.require_fresh(require_operator(actor))
    contract = own_of(number, actor)
    form_key = form_keys.checked(form_key)
    rubles, order = _read(amount, paper)
    locked(contract)
    done = four_eyes.asked_before(Payout, form_key, contract, rubles)
    if done is not None:
        return done
    _refuse_wrong(contract, rubles)
    if waiting_of(contract):
        raise PayoutWaits
    fields = {'amount': rubles, 'paper': order, 'form_key': form_key, 'asked_by': actor.user_id, 'asked_at': now()}
    payout = Payout.create(contract=contract, **fields)
    if four_eyes.needs_second(payout):
        _note('payout.ask', payout, actor)
        return CorrectionState.WAITING
    _book(payout, actor, 'payout.book')
    return CorrectionState.BOOKED


@transactional
def approve(payout_id: int, *, actor: Actor | None) -> None:
    """Book what a colleague asked for; the person gets a letter. One that is booked stays booked.

    Raises:
        NotFound: no such payout. SecondPersonNeeded, OwnContract: the wrong person.
        PayoutDecided: it was refused meanwhile. MoreThanThere: the wallet holds less by now.
        StepUpRequired: see `step_up`.
    """
    actor = step_up.require_fresh(require_operator(actor))
    payout = four_eyes.to_decide(Payout, payout_id, actor.user_id, CorrectionState.BOOKED, PayoutDecided)
    if payout is None:
        return
    _refuse_wrong(payout.contract, payout.amount)
    four_eyes.sign(payout, actor.user_id)
    _book(payout, actor, 'payout.approve')


@transactional
def refuse(payout_id: int, reason: str, *, actor: Actor | None) -> None:
    """Say no to what a colleague asked for: nothing is booked. One that is refused stays refused.

    Raises:
        InvalidField: no reason.
        NotFound: no such payout. SecondPersonNeeded, OwnContract: the wrong person.
        PayoutDecided: it was booked meanwhile.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    payout = four_eyes.to_decide(Payout, payout_id, actor.user_id, CorrectionState.REFUSED, PayoutDecided)
    if payout is None:
        return
    four_eyes.refuse(payout, why, actor.user_id)
    _note('payout.refuse', payout, actor)


def waiting_of(contract: Contract) -> Payout | None:
    """Return the payout of a contract that waits for a second employee, if any."""
    waits = (Payout.contract == contract) & (Payout.state == CorrectionState.WAITING)
    found: Payout | None = Payout.get_or_none(waits)
    return found


def own_of(number: object, actor: Actor) -> Contract:
    """Return the contract an employee named, which must not be his own.

    Raises:
        NotFound: no such contract. OwnContract: it is his.
    """
    is_number = isinstance(number, str) and len(number) <= 16
    contract = correction_input.contract_of(Contract.number == number) if is_number else None
    if contract is None:
        raise NotFound
    four_eyes.refuse_own(contract, actor.user_id)
    return contract


def _read(amount: object, paper: object) -> tuple[Decimal, str]:
    errors: dict[str, InvalidField] = {}
    rubles, order = ZERO, ''
    with gathered(errors):
        rubles = read_amount(amount, least=KOPECK, most=correction_input.MOST)
    with gathered(errors):
        order = clean_text('paper', paper, rule='paper_number', required=True)
    if errors:
        raise InvalidForm(errors)
    return rubles, order


def _refuse_wrong(contract: Contract, rubles: Decimal) -> None:
    if Contract.get_by_id(contract.id).status != ContractStatus.TERMINATED:
        raise NotEnded
    balance = ledger.balance(contract)
    if rubles > balance:
        raise MoreThanThere(balance=balance)


def _book(payout: Payout, actor: Actor, action: str) -> None:
    posting = Posting(
        key=f'payout:{payout.id}',
        kind=OperationKind.PAYOUT,
        amount=-payout.amount,
        title='Возврат остатка на счёт в банке',
        basis=f'Платёжное поручение № {payout.paper}',
        actor_id=payout.asked_by_id,
    )
    four_eyes.book(payout, ledger.post(payout.contract, posting))
    letters.paid_out(payout.contract, payout)
    _note(action, payout, actor)


def _note(action: str, payout: Payout, actor: Actor) -> None:
    facts: dict[str, Any] = {
        'amount': str(payout.amount),
        'payout': payout.id,
        'paper': payout.paper,
        'reason': payout.refusal,
    }
    audit.note(action, f'contract:{payout.contract.number}', actor=actor, **facts)
    termination_requests.tell(payout.contract)
