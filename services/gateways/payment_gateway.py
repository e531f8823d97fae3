"""The port to a card gateway: what Amigo asks of any of them, and in which words they answer.

Money is `Decimal` rubles here; an adapter turns it into what its wire wants. Calls block and go over the network:
never inside a transaction, never on the event loop (SECURITY §2.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from services.gateways.kept_card import KeptCard


class GatewayStatus(StrEnum):
    """State of a checkout or of one transaction, in our words."""

    CREATED = 'created'  # nobody has tried to pay yet
    PROCESSING = 'processing'  # 3-D Secure or the bank is at work, or a word we do not know: never a failure
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'
    EXPIRED = 'expired'
    CANCELLED = 'cancelled'


class TransactionKind(StrEnum):
    """What a transaction does with the money; OTHER is a kind this house does not use."""

    PAYMENT = 'payment'
    REFUND = 'refund'
    OTHER = 'other'


class NoticeKind(StrEnum):
    """The two shapes of a webhook."""

    TRANSACTION = 'transaction'
    CHECKOUT_EXPIRED = 'checkout_expired'


class RefusalReason(StrEnum):
    """Why a webhook was not believed; for the log and the counters, never for the answer."""

    WRONG_CREDENTIALS = 'wrong_credentials'
    NO_SIGNATURE = 'no_signature'
    WRONG_SIGNATURE = 'wrong_signature'
    UNREADABLE = 'unreadable'
    OTHER_SHOP = 'other_shop'


@dataclass(frozen=True, slots=True)
class CheckoutIntent:
    """What is to be paid. `amount` in rubles with whole kopecks; `tracking_id` unique per intent, of
    latin letters, digits, `-` and `_`, at most 64; times aware.

    The customer comes back to `return_url` whatever the outcome, and to `cancel_url` if he gave up. The return proves
    nothing: ask the gateway.
    """

    tracking_id: str
    amount: Decimal
    description: str
    expires_at: datetime
    return_url: str
    cancel_url: str
    notification_url: str
    contract_number: str
    email: str | None = None
    currency: str = 'BYN'
    language: str = 'ru'
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted page waiting for the customer; `redirect_url` has passed the allow-list of hosts."""

    token: str
    redirect_url: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money as the gateway tells it. `uid` is the key of the ledger; `amount` in rubles.

    `test` must equal the environment and `amount`, `currency` must equal the intent before anything is credited
    (DOMAIN §2.7): the adapter reports, the payment service judges.
    """

    uid: str
    kind: TransactionKind
    status: GatewayStatus
    amount: Decimal
    currency: str
    test: bool
    tracking_id: str | None = None
    parent_uid: str | None = None
    message: str = ''
    code: str | None = None
    brand: str | None = None
    last_4: str | None = None
    paid_at: datetime | None = None
    receipt_url: str | None = None
    kept_card: KeptCard | None = None


@dataclass(frozen=True, slots=True)
class GatewayState:
    """What the gateway knows of one checkout token.

    `amount` is the ordered sum; `transaction` is the latest attempt, with the sum really paid. FAILED without
    `is_finished` means that this attempt failed and the customer may still pay on the same page.
    """

    token: str
    status: GatewayStatus
    is_finished: bool
    amount: Decimal
    currency: str
    test: bool
    tracking_id: str | None
    transaction: Transaction | None


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """A webhook whose sender is proved. A bell, not the truth: after it ask `query_by_uid` or `query_by_token`.

    `event_id` is the SHA-256 of the raw body: a redelivery has the same one. A transaction notice carries no token.
    """

    kind: NoticeKind
    event_id: str
    tracking_id: str | None
    test: bool
    token: str | None = None
    transaction: Transaction | None = None


class GatewayError(Exception):
    """The gateway did not do what it was asked."""


class GatewayRefused(GatewayError):
    """A clear no: nothing happened there and a plain repeat will not help.

    `fields` maps a name of the wire (`order.amount`, `base`, `system` …) to the gateway's texts, which are English and
    for the log, not for the screen. `status` is the HTTP status of the answer.
    """

    def __init__(self, message: str, *, status: int, fields: Mapping[str, tuple[str, ...]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.fields = dict(fields or {})

    @property
    def is_not_found(self) -> bool:
        """Whether the gateway says that it knows no such token or transaction."""
        return self.status == 404 or 'record not found' in self.message.lower()


class GatewayUnknown(GatewayError):
    """Time-out, broken connection, 5xx or an unreadable answer: it may or may not have happened. Ask later."""


class WebhookRefused(GatewayError):
    """This request does not come from the gateway, or cannot be read. Answer 400/401 without the reason."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PaymentGateway(Protocol):
    """A card gateway with a hosted page. All calls raise GatewayRefused or GatewayUnknown."""

    @property
    def name(self) -> str:
        """Short name kept with each payment: `bepaid`."""

    def create_checkout(self, intent: CheckoutIntent) -> Checkout:
        """Open a hosted page for the intent. Not idempotent: after GatewayUnknown look with `list_by_tracking_id`."""

    def query_by_token(self, token: str) -> GatewayState:
        """Return what became of a checkout. GatewayRefused here says nothing about the money."""

    def query_by_uid(self, uid: str) -> Transaction:
        """Return one transaction."""

    def list_by_tracking_id(self, tracking_id: str) -> tuple[Transaction, ...]:
        """Return up to ten transactions of one intent; empty if there was no attempt (yet)."""

    def refund(self, uid: str, amount: Decimal, reason: str, *, request_id: str) -> Transaction:
        """Give back `amount` rubles of a successful payment; the answer is the refund's own transaction.

        `request_id` is kept by the caller: a repeat with the same one within 24 hours gives the first answer.
        """

    def verify_webhook(self, raw_body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        """Prove who sent this body and return its facts.

        Raises:
            WebhookRefused: forged, damaged or unreadable.
        """
