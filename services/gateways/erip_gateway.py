"""The port to ERIP: a standing claim for an account number, and what was paid on it (DOMAIN §2.2.8).

Money is `Decimal` rubles here. Calls block and go over the network: never inside a transaction, never on the event
loop. Errors and the words for states are those of the card gateway.
"""

from dataclasses import dataclass
from typing import Protocol

from services.gateways.payment_gateway import Transaction


@dataclass(frozen=True, slots=True)
class ClaimIntent:
    """A standing claim: whoever types `account_number` in ERIP pays it, any sum, any number of times.

    `request_id` makes a repeat within 24 hours give the first answer.
    """

    tracking_id: str
    account_number: str
    description: str
    notification_url: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the gateway tells it. `steps` lead to it in the tree of ERIP; `qr` is base64 of a PNG, or empty."""

    uid: str
    account_number: str
    service_no: str
    test: bool
    is_open: bool
    tracking_id: str | None = None
    steps: tuple[str, ...] = ()
    qr: str = ''


@dataclass(frozen=True, slots=True)
class EripTransaction:
    """One payment on a claim. `transaction_no` is its number in ERIP, by which ERIP's register names it."""

    transaction: Transaction
    account_number: str
    service_no: str
    transaction_no: str


class EripGateway(Protocol):
    """A gateway that keeps claims in ERIP. All calls raise GatewayRefused or GatewayUnknown."""

    @property
    def service_no(self) -> str:
        """Service code of the company, as people type it in ERIP."""

    def create_claim(self, intent: ClaimIntent) -> Claim:
        """Make a standing claim."""

    def query_claim(self, uid: str) -> Claim:
        """Return a claim."""

    def cancel_claim(self, uid: str) -> Claim:
        """Take a claim back. GatewayRefused while somebody is paying it."""

    def query_erip(self, uid: str) -> EripTransaction:
        """Return one payment on a claim."""
