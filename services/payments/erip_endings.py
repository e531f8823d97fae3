"""Claims of contracts that are over: taken back from ERIP, so that nobody pays what is not owed."""

import logging
from typing import Any

from models.account import Account, AccountKind
from models.contract import Contract, ContractStatus
from models.erip import ClaimState, EripClaim
from services import limits
from services.clock import now
from services.gateways.payment_gateway import GatewayRefused, GatewayUnknown
from services.money import ZERO
from services.payments import payment_gateways
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

BATCH = limits.count('erip_claims_at_once')


def close_due() -> int:
    """Take back claims of ended contracts that owe nothing, at most BATCH; returns how many.

    One that somebody is paying at this moment stays until the next run; money that comes late is credited all the same.
    """
    erip = payment_gateways.erip()
    closed = 0
    for claim in with_connection(_ended)() if erip else ():
        try:
            assert erip is not None
            erip.port.cancel_claim(claim.uid or '')
        except GatewayUnknown as error:
            log.warning('ERIP claim %s: no answer: %s', claim.id, error)
            break
        except GatewayRefused as error:
            if not error.is_not_found:
                continue
        with_connection(_note)(claim)
        closed += 1
    return closed


def _ended() -> list[EripClaim]:
    owing = Account.select(Account.contract).where((Account.kind == AccountKind.WALLET) & (Account.balance < ZERO))
    query: Any = EripClaim.select(EripClaim).join(Contract)
    over = (Contract.status == ContractStatus.TERMINATED) & Contract.id.not_in(owing)
    return list(query.where((EripClaim.state == ClaimState.OPEN) & over).order_by(EripClaim.id).limit(BATCH))


@transactional
def _note(claim: EripClaim) -> None:
    EripClaim.update(state=ClaimState.CLOSED, updated_at=now()).where(EripClaim.id == claim.id).execute()
