"""bePaid's JSON and our words for it: building requests, reading answers (DOMAIN §2.2). No network here."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from services.gateways.kept_card import KeptCard
from services.gateways.payment_gateway import (
    CheckoutIntent,
    GatewayState,
    GatewayStatus,
    Transaction,
    TransactionKind,
)
from services.money import kopecks

IDENTIFIER = re.compile(r'[0-9A-Za-z_-]{1,64}')
CURRENCIES = frozenset({'BYN'})  # all with two digits after the point; another kind needs its own exponent

_STATUSES = {
    'successful': GatewayStatus.SUCCEEDED,
    'failed': GatewayStatus.FAILED,
    'error': GatewayStatus.FAILED,
    'expired': GatewayStatus.EXPIRED,
    'canceled': GatewayStatus.CANCELLED,
    'voided': GatewayStatus.CANCELLED,
}
_KINDS = {'payment': TransactionKind.PAYMENT, 'refund': TransactionKind.REFUND}

Line = Annotated[str, StringConstraints(max_length=255, pattern=r'^[^\x00]*$')]
Uid = Annotated[str, StringConstraints(pattern=r'^[0-9A-Za-z_-]{1,64}$')]
Minor = Annotated[StrictInt, Field(ge=0, le=10**12)]


class _Card(BaseModel):
    brand: Line | None = None
    last_4: Annotated[str, StringConstraints(pattern=r'^\d{4}$')] | None = None
    token: Line | None = Field(default=None, repr=False)
    exp_month: int | None = None
    exp_year: int | None = None

    def kept(self) -> KeptCard | None:
        """Return the card the gateway keeps; None where it keeps none, or does not tell all of it."""
        month, year = self.exp_month or 0, self.exp_year or 0
        if not self.token or not self.last_4 or not 1 <= month <= 12 or not 2000 <= year <= 2999:
            return None
        return KeptCard(self.token, self.brand or '', self.last_4, month, year)


class WireTransaction(BaseModel):
    """`transaction` of a webhook or of GET /transactions/{uid}, and `gateway_response.payment` of a token."""

    uid: Uid
    type: Line = 'payment'
    status: Line
    amount: Minor
    currency: Line
    test: StrictBool | None = None
    tracking_id: Line | None = None
    parent_uid: Uid | None = None
    message: str | None = None
    status_code: Line | None = None
    credit_card: _Card | None = None
    method: _Card | None = None
    paid_at: datetime | None = None
    receipt_url: str | None = None

    def facts(self, *, test: bool = False, tracking_id: str | None = None) -> Transaction:
        """Return our words; `test` and `tracking_id` stand in where this shape leaves them out."""
        card = self.credit_card or self.method or _Card()
        return Transaction(
            uid=self.uid,
            kind=_KINDS.get(self.type, TransactionKind.OTHER),
            status=transaction_status(self.status),
            amount=rubles(self.amount),
            currency=self.currency,
            test=test if self.test is None else self.test,
            tracking_id=self.tracking_id or tracking_id,
            parent_uid=self.parent_uid,
            message=(self.message or '')[:255],
            code=self.status_code,
            brand=card.brand,
            last_4=card.last_4,
            paid_at=self.paid_at,
            receipt_url=self.receipt_url,
            kept_card=card.kept(),
        )


class TransactionAnswer(BaseModel):
    """The envelope of one transaction."""

    transaction: WireTransaction


class TransactionsAnswer(BaseModel):
    """The envelope of a search by tracking_id."""

    transactions: list[WireTransaction]


class _Order(BaseModel):
    amount: Minor
    currency: Line
    tracking_id: Line | None = None


class _GatewayResponse(BaseModel):
    payment: WireTransaction | None = None


class WireCheckout(BaseModel):
    """A token as GET /ctp/api/checkouts/{token} shows it, and the webhook of an expired one."""

    token: Uid
    shop_id: int | str | None = None
    order: _Order
    gateway_response: _GatewayResponse | None = None
    finished: StrictBool = False
    expired: StrictBool = False
    test: StrictBool = False
    status: Line | None = None

    def facts(self) -> GatewayState:
        """Return our words."""
        wire = self.gateway_response.payment if self.gateway_response else None
        attempt = wire.facts(test=self.test, tracking_id=self.order.tracking_id) if wire else None
        return GatewayState(
            token=self.token,
            status=self._status(attempt),
            is_finished=self.finished or self.expired,
            amount=rubles(self.order.amount),
            currency=self.order.currency,
            test=self.test,
            tracking_id=self.order.tracking_id,
            transaction=attempt,
        )

    def _status(self, attempt: Transaction | None) -> GatewayStatus:
        if attempt and attempt.status is GatewayStatus.SUCCEEDED:
            return GatewayStatus.SUCCEEDED  # money that came outlives the token
        if self.expired:
            return GatewayStatus.EXPIRED
        if attempt:
            return attempt.status
        return transaction_status(self.status or '') if self.finished else GatewayStatus.CREATED


class CheckoutAnswer(BaseModel):
    """The envelope of a token."""

    checkout: WireCheckout


class _Created(BaseModel):
    token: Uid
    redirect_url: Annotated[str, StringConstraints(max_length=2000)]


class CreatedAnswer(BaseModel):
    """The answer to a new checkout."""

    checkout: _Created


def transaction_status(word: str) -> GatewayStatus:
    """Return our word for theirs; one we have never seen counts as still going on, never as failed."""
    return _STATUSES.get(word, GatewayStatus.PROCESSING)


def rubles(minor: int) -> Decimal:
    """Return minor units as rubles with two digits."""
    return Decimal(minor).scaleb(-2)


def checkout_request(intent: CheckoutIntent, *, test: bool) -> dict[str, Any]:
    """Return the body of POST /ctp/api/checkouts.

    Raises:
        ValueError: a sum that is not positive or has a fraction of a kopeck, an unknown currency, a naive time, a
            tracking_id that could not stand in a path.
    """
    if not IDENTIFIER.fullmatch(intent.tracking_id):
        raise ValueError(f'tracking_id {intent.tracking_id!r} is not made of latin letters, digits, - and _')
    if intent.currency not in CURRENCIES:
        raise ValueError(f'unknown currency {intent.currency!r}')
    if intent.expires_at.utcoffset() is None:
        raise ValueError('expires_at has no time zone')
    customer = {'external_id': intent.contract_number, 'country': 'BY', 'email': intent.email}
    return {
        'checkout': {
            'test': test,
            'transaction_type': 'payment',
            'attempts': intent.attempts,
            'order': {
                'amount': positive_minor(intent.amount),
                'currency': intent.currency,
                'description': intent.description,
                'tracking_id': intent.tracking_id,
                'expired_at': intent.expires_at.isoformat(timespec='seconds'),
                'additional_data': {'receipt_text': [f'Договор {intent.contract_number}']},
            },
            'settings': {
                'success_url': intent.return_url,
                'decline_url': intent.return_url,
                'fail_url': intent.return_url,
                'cancel_url': intent.cancel_url,
                'notification_url': intent.notification_url,
                'auto_return': '0',
                'language': intent.language,
            },
            'customer': {name: value for name, value in customer.items() if value},
            'payment_method': {'types': ['credit_card']},
        }
    }


def positive_minor(amount: Decimal) -> int:
    """Return rubles in minor units.

    Raises:
        ValueError: not above zero, or a fraction of a kopeck.
    """
    minor = kopecks(amount)
    if minor <= 0:
        raise ValueError(f'{amount} is not above zero')
    return minor
