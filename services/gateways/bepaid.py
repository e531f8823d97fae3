"""bePaid over the wire: hosted card page, queries, refunds (DOMAIN §2.2). Blocking; call from worker threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from services.gateways.bepaid_answers import is_refusal, refusal_of
from services.gateways.bepaid_saved import ChargeAnswer, charge_request, saving_request
from services.gateways.bepaid_webhook import read_webhook
from services.gateways.bepaid_wire import (
    IDENTIFIER,
    CheckoutAnswer,
    CreatedAnswer,
    TransactionAnswer,
    TransactionsAnswer,
    checkout_request,
    positive_minor,
)
from services.gateways.customers_way import may_send_to
from services.gateways.outbound import NoAnswer, NotSent, Outbound
from services.gateways.payment_gateway import (
    Checkout,
    CheckoutIntent,
    GatewayRefused,
    GatewayState,
    GatewayUnknown,
    Transaction,
    WebhookNotice,
)
from services.gateways.saved_cards import Charge, SavedCharge

_Answer = TypeVar('_Answer', bound=BaseModel)


@dataclass(frozen=True, slots=True)
class BePaidConfig:
    """How to reach one shop. `public_key_pem` may also be the bare base64 of the back office.

    `allowed_hosts` are the `host` or `host:port` a customer may be sent to; times are seconds. Without a public key
    webhooks are believed on Basic alone, so production must set it.
    """

    checkout_url: str
    gateway_url: str
    shop_id: str
    secret_key: str = field(repr=False)
    public_key_pem: str | None
    test: bool
    allowed_hosts: frozenset[str]
    connect_timeout: float = 5.0
    answer_timeout: float = 20.0


class BePaid:
    """The PaymentGateway of bePaid. One instance serves all threads; `close()` it at the end."""

    name = 'bepaid'

    def __init__(self, config: BePaidConfig) -> None:
        self._config = config
        self._way = Outbound(
            config.checkout_url,
            config.gateway_url,
            auth=(config.shop_id, config.secret_key),
            headers={'Accept': 'application/json', 'X-API-Version': '2'},
            connect=config.connect_timeout,
            answer=config.answer_timeout,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._way.close()

    def create_checkout(self, intent: CheckoutIntent) -> Checkout:
        """Open a hosted page. Not idempotent at bePaid: after GatewayUnknown look with `list_by_tracking_id`.

        Raises:
            GatewayRefused: a clear no, or a page on a host that is not allowed.
            GatewayUnknown: there may be a checkout that we do not know.
            ValueError: the intent itself is wrong (sum, currency, time without a zone).
        """
        return self._open(checkout_request(intent, test=self._config.test))

    def create_saving_checkout(self, intent: CheckoutIntent) -> Checkout:
        """Open a hosted page on which the payer may keep his card; raises as `create_checkout`."""
        return self._open(saving_request(intent, test=self._config.test))

    def charge_saved(self, charge: SavedCharge, intent: CheckoutIntent, *, request_id: str) -> Charge:
        """Charge a kept card from server to server; `request_id` makes a repeat safe for 24 hours.

        Raises:
            GatewayRefused: a clear no, as of a token the bank does not know (any more).
            GatewayUnknown: it may have been charged.
        """
        body = charge_request(charge, intent, test=self._config.test)
        url = self._gateway('/transactions/payments')
        answer = self._ask('POST', url, ChargeAnswer, body=body, headers={'RequestID': request_id}).transaction
        page = answer.redirect_url or ''
        is_waiting = answer.status == 'incomplete' and self._may_send_to(page, also=self._config.gateway_url)
        return Charge(answer.facts(test=self._config.test), page if is_waiting else '')

    def _open(self, body: dict[str, Any]) -> Checkout:
        answer = self._ask('POST', self._checkout('/ctp/api/checkouts'), CreatedAnswer, body=body)
        redirect_url = answer.checkout.redirect_url
        if not self._may_send_to(redirect_url):
            raise GatewayRefused('redirect_url leads to a host that is not allowed', status=200)
        return Checkout(token=answer.checkout.token, redirect_url=redirect_url)

    def query_by_token(self, token: str) -> GatewayState:
        """Return what became of a checkout, with the latest attempt."""
        url = self._checkout(f'/ctp/api/checkouts/{_identifier(token)}')
        state = self._ask('GET', url, CheckoutAnswer).checkout.facts()
        if state.token != token:
            raise GatewayUnknown('the answer is about another token')
        return state

    def query_by_uid(self, uid: str) -> Transaction:
        """Return one transaction."""
        url = self._gateway(f'/transactions/{_identifier(uid)}')
        transaction = self._ask('GET', url, TransactionAnswer).transaction.facts()
        if transaction.uid != uid:
            raise GatewayUnknown('the answer is about another transaction')
        return transaction

    def list_by_tracking_id(self, tracking_id: str) -> tuple[Transaction, ...]:
        """Return up to ten transactions of one intent; empty if there was no attempt (yet)."""
        url = self._gateway(f'/v2/transactions/tracking_id/{_identifier(tracking_id)}')
        return tuple(each.facts() for each in self._ask('GET', url, TransactionsAnswer).transactions)

    def refund(self, uid: str, amount: Decimal, reason: str, *, request_id: str) -> Transaction:
        """Give back a part or all of a payment; `reason` is cut to bePaid's 255 characters.

        The header RequestID makes a repeat safe for 24 hours (DOMAIN §2.2.7).
        """
        parent = _identifier(uid)
        body = {'request': {'parent_uid': parent, 'amount': positive_minor(amount), 'reason': reason[:255]}}
        url = self._gateway('/transactions/refunds')
        answer = self._ask('POST', url, TransactionAnswer, body=body, headers={'RequestID': request_id})
        return answer.transaction.facts(test=self._config.test)

    def verify_webhook(self, raw_body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        """Prove the sender of a webhook by signature and Basic, and return its facts.

        Raises:
            WebhookRefused: forged, damaged or unreadable.
        """
        config = self._config
        return read_webhook(
            raw_body,
            headers,
            shop_id=config.shop_id,
            secret_key=config.secret_key,
            public_key=config.public_key_pem,
        )

    def _checkout(self, path: str) -> str:
        return self._config.checkout_url.rstrip('/') + path

    def _gateway(self, path: str) -> str:
        return self._config.gateway_url.rstrip('/') + path

    def _may_send_to(self, url: str, *, also: str = '') -> bool:
        """Whether the customer may go there: their scheme, a listed host (or that of `also`)."""
        scheme = urlsplit(self._config.checkout_url).scheme
        hosts = self._config.allowed_hosts | ({urlsplit(also).netloc} if also else set())
        return may_send_to(url, scheme=scheme, hosts=hosts)

    def _ask(
        self,
        method: str,
        url: str,
        shape: type[_Answer],
        *,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Answer:
        """Send one request and read the answer as `shape`, or raise the error that it is."""
        try:
            answer = self._way.request(method, url, json=body, headers=headers)
        except (NotSent, NoAnswer) as error:
            raise GatewayUnknown(f'{method}: {error}') from error
        if is_refusal(answer.status, answer.content):
            raise refusal_of(answer.status, answer.content)
        if not answer.is_success:
            raise GatewayUnknown(f'{method}: HTTP {answer.status}')
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError as error:
            raise GatewayUnknown(f'{method}: unreadable answer, {error.error_count()} faults') from error


def _identifier(value: str) -> str:
    """Return a token, uid or tracking_id that is safe in a path.

    Raises:
        GatewayRefused: the gateway cannot have such a thing; values come back from the customer's browser.
    """
    if not IDENTIFIER.fullmatch(value):
        raise GatewayRefused('Record not found', status=404)
    return value
