"""The standing claim of each contract in ERIP: made once, asked for again while the gateway is silent."""

import logging
import secrets
from datetime import timedelta
from typing import Any

from peewee import JOIN

from models.base import is_postgres
from models.contract import OPENING, Contract, ContractStatus
from models.erip import ClaimState, EripClaim
from services import limits
from services.clock import now
from services.gateways.erip_gateway import Claim, ClaimIntent
from services.gateways.payment_gateway import GatewayRefused, GatewayUnknown
from services.payments import payment_gateways
from services.payments.payment_gateways import EripService
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

BATCH = limits.count('erip_claims_at_once')
SILENCES = limits.count('bank_silences')
AGAIN_AFTER_SILENCE, AGAIN_AFTER_REFUSAL = timedelta(minutes=5), timedelta(hours=6)


def make_due() -> int:
    """Make claims for contracts that have none yet, at most BATCH; returns how many stand now.

    A claim is put off before the gateway is asked: two processes never ask for the same one.
    """
    erip = payment_gateways.erip()
    if erip is None:
        return 0
    with_connection(_begin_missing)(erip.port.service_no)
    made, silent = 0, 0
    for _ in range(BATCH):
        claim = with_connection(_take_due)()
        if claim is None or silent >= SILENCES:
            break
        is_made, was_heard = _make(claim, erip)
        made, silent = made + is_made, 0 if was_heard else silent + 1
    return made


def make(contract: Contract) -> None:
    """Make the claim of one contract now, over the network; nothing happens when it stands or is being asked for."""
    erip = payment_gateways.erip()
    claim = with_connection(_take)(contract, erip.port.service_no) if erip else None
    if erip and claim:
        _make(claim, erip)


def _make(claim: EripClaim, erip: EripService) -> tuple[bool, bool]:
    """Ask the gateway; tells whether the claim stands and whether there was an answer."""
    number = claim.contract.number
    intent = ClaimIntent(
        tracking_id=claim.tracking_id,
        account_number=number,
        description=f'Оплата услуг, договор {number}',
        notification_url=erip.hook_url,
        request_id=f'{claim.tracking_id}-{claim.refusals}',
    )
    try:
        answer = erip.port.create_claim(intent)
    except GatewayUnknown as error:
        log.warning('ERIP claim of contract %s: no answer: %s', number, error)
        return False, False
    except GatewayRefused as error:
        log.error('ERIP claim of contract %s was refused: %s %s', number, error.message, error.fields)  # noqa: TRY400 - a clear answer, no traceback needed
        with_connection(_note_refusal)(claim)
        return False, True
    with_connection(_note)(claim, answer)
    return True, True


@transactional
def _begin_missing(service_no: str) -> None:
    """Write down that claims are wanted for contracts that have none."""
    query: Any = (
        Contract.select(Contract.id)
        .join(EripClaim, JOIN.LEFT_OUTER)
        .where((Contract.status == ContractStatus.ACTIVE) & EripClaim.id.is_null())
        .order_by(Contract.id)
        .limit(BATCH)
    )
    for (contract_id,) in list(query.tuples()):
        _begin(contract_id, service_no)


def _begin(contract_id: int, service_no: str) -> None:
    moment = now()
    EripClaim.insert(
        contract=contract_id,
        state=ClaimState.ASKED,
        tracking_id=f'erip_{secrets.token_urlsafe(24)}',
        service_no=service_no,
        next_at=moment,
        created_at=moment,
        updated_at=moment,
    ).on_conflict_ignore().execute()


@transactional
def _take(contract: Contract, service_no: str) -> EripClaim | None:
    if contract.status not in OPENING:
        return None
    _begin(contract.id, service_no)
    # Taken back after the end of the contract, and wanted once more: another question, so another id.
    anew = {'state': ClaimState.ASKED, 'refusals': EripClaim.refusals + 1, 'next_at': now()}
    EripClaim.update(anew).where((EripClaim.contract == contract) & (EripClaim.state == ClaimState.CLOSED)).execute()
    return _put_off(EripClaim.contract == contract)


@transactional
def _take_due() -> EripClaim | None:
    return _put_off(EripClaim.next_at <= now())


def _put_off(which: Any) -> EripClaim | None:
    """Return a claim that is wanted and whose time has come, its next time moved on."""
    query: Any = EripClaim.select().where(which & (EripClaim.state == ClaimState.ASKED) & (EripClaim.next_at <= now()))
    query = query.order_by(EripClaim.next_at, EripClaim.id).limit(1)
    claim: EripClaim | None = (query.for_update('FOR UPDATE SKIP LOCKED') if is_postgres() else query).get_or_none()
    if claim is None:
        return None
    EripClaim.update(next_at=now() + AGAIN_AFTER_SILENCE).where(EripClaim.id == claim.id).execute()
    assert claim.contract.number  # read here: there is no connection outside
    return claim


@transactional
def _note(claim: EripClaim, answer: Claim) -> None:
    EripClaim.update(
        state=ClaimState.OPEN,
        uid=answer.uid,
        steps=list(answer.steps),
        qr=answer.qr,
        next_at=None,
        updated_at=now(),
    ).where(EripClaim.id == claim.id).execute()


@transactional
def _note_refusal(claim: EripClaim) -> None:
    again = now() + AGAIN_AFTER_REFUSAL
    EripClaim.update(refusals=EripClaim.refusals + 1, next_at=again, updated_at=now()).where(
        EripClaim.id == claim.id
    ).execute()
