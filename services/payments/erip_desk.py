"""What a subscriber needs to pay through ERIP: the codes, the way, the picture, and what has arrived."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.access import Access
from models.contract import Contract
from models.erip import ClaimState, EripClaim
from models.payment import Payment, PaymentState
from services.accounts import ledger
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import NotFound
from services.payments import erip_answers, erip_claims, payment_gateways
from services.runner import with_connection

SHOWN_FOR = timedelta(hours=1)
"""How long money that has come is told on the page."""


@dataclass(frozen=True)
class Arrived:
    """One payment that has come through ERIP; rubles."""

    id: int
    tracking_id: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True)
class EripDesk:
    """How to pay a contract through ERIP. `qr` is base64 of a PNG, empty while there is none; `is_ready`: the claim
    stands; `demo_page` leads to the pretended banking app, only in a demo."""

    contract_id: int
    service_no: str
    account_number: str
    steps: tuple[str, ...]
    qr: str
    is_ready: bool
    balance: Decimal
    coming: tuple[Arrived, ...]
    arrived: tuple[Arrived, ...]
    demo_page: str


def show(*, actor: Actor | None) -> EripDesk:
    """Return what the page of ERIP shows; quick, no network.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`; NotFound as well where ERIP is not set up.
    """
    contract = _own(actor)
    erip = payment_gateways.erip()
    if erip is None:
        raise NotFound
    claim: EripClaim | None = EripClaim.get_or_none(EripClaim.contract == contract)
    is_ready = claim is not None and claim.state == ClaimState.OPEN
    return EripDesk(
        contract_id=contract.id,
        service_no=erip.port.service_no,
        account_number=contract.number,
        steps=tuple(claim.steps) if claim and is_ready else (),
        qr=claim.qr if claim and is_ready else '',
        is_ready=is_ready,
        balance=ledger.balance(contract),
        coming=_payments(contract, PaymentState.PROCESSING),
        arrived=_payments(contract, PaymentState.SUCCEEDED),
        demo_page=f'{erip.demo_page}/{claim.uid}' if erip.demo_page and claim and is_ready else '',
    )


def prepare(*, actor: Actor | None) -> EripDesk:
    """Make the claim if it does not stand yet, over the network, and return what the page shows then."""
    erip_claims.make(with_connection(_own)(actor))
    return with_connection(show)(actor=actor)


def _own(actor: Actor | None) -> Contract:
    return own_contract(actor, need=Access.PAY)


def _payments(contract: Contract, state: PaymentState) -> tuple[Arrived, ...]:
    which = (Payment.contract == contract) & (Payment.gateway == erip_answers.GATEWAY) & (Payment.state == state)
    rows: Any = Payment.select().where(which & (Payment.created_at > now() - SHOWN_FOR)).order_by(Payment.id.desc())
    return tuple(Arrived(row.id, row.tracking_id, row.amount, row.updated_at) for row in rows.limit(5))
