"""WEBPAY over the wire: hosted card page, notices, the state of a transaction (DOMAIN §2.3). Blocking, as `bepaid.py`.

What differs from bePaid: a page has no token that could be asked about (`told_by_bells.py`), and money is given back in
WEBPAY's own office only.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

from services import limits
from services.gateways import webpay_signatures, webpay_wire
from services.gateways.customers_way import may_send_to
from services.gateways.outbound import Answer, NoAnswer, NotSent, Outbound
from services.gateways.payment_gateway import (
    Checkout,
    CheckoutIntent,
    GatewayRefused,
    GatewayState,
    GatewayUnknown,
    NoticeKind,
    RefusalReason,
    Transaction,
    WebhookNotice,
    WebhookRefused,
)

MAX_BODY = limits.count('webhook_bytes')
_FORM = {'Content-Type': 'application/x-www-form-urlencoded'}


@dataclass(frozen=True, slots=True)
class WebPayConfig:
    """How to reach one store. `allowed_hosts`: `host` or `host:port` a customer may be sent to; times are seconds."""

    payment_url: str
    billing_url: str
    store_id: str
    store_name: str
    secret_key: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    test: bool
    allowed_hosts: frozenset[str]
    connect_timeout: float = 5.0
    answer_timeout: float = 20.0


class WebPay:
    """The PaymentGateway of WEBPAY. One instance serves all threads; `close()` it at the end."""

    name = 'webpay'

    def __init__(self, config: WebPayConfig) -> None:
        self._config = config
        self._way = Outbound(
            config.payment_url, config.billing_url, connect=config.connect_timeout, answer=config.answer_timeout
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._way.close()

    def create_checkout(self, intent: CheckoutIntent) -> Checkout:
        """Open a hosted page. WEBPAY gives it no token, so ours is its number.

        Raises:
            GatewayRefused: a clear no, or a page on a host that is not allowed.
            GatewayUnknown: there may be a page that nobody has seen.
            ValueError: the intent itself is wrong.
        """
        config = self._config
        body = webpay_wire.request_body(
            intent,
            store=config.store_id,
            name=config.store_name,
            secret=config.secret_key,
            test=config.test,
            seed=secrets.token_hex(16),
        )
        answer = self._ask(f'{config.payment_url.rstrip("/")}/api/v1/payment', json=body)
        redirect_url = _redirect_url(answer.content)
        scheme = urlsplit(config.payment_url).scheme
        if not may_send_to(redirect_url, scheme=scheme, hosts=config.allowed_hosts):
            raise GatewayRefused('redirectUrl leads to a host that is not allowed', status=answer.status)
        return Checkout(token=intent.tracking_id, redirect_url=redirect_url)

    def query_by_token(self, token: str) -> GatewayState:  # noqa: ARG002 - the port's
        """Refuse: WEBPAY answers about transactions only."""
        _unknown_question('by order')

    def list_by_tracking_id(self, tracking_id: str) -> tuple[Transaction, ...]:  # noqa: ARG002 - the port's
        """Refuse, as `query_by_token`."""
        _unknown_question('by order')

    def query_by_uid(self, uid: str) -> Transaction:
        """Return one transaction; its order is the one WEBPAY signs."""
        fields = self._state(uid)
        return self._words(fields, fields['order_id'])

    def confirm(self, raw_body: bytes) -> Transaction:
        """Return what a kept bell was about, as it is now.

        The answer must be about the bell's order: WEBPAY's own number of it, or ours.
        """
        bell, told = self._believed(raw_body)
        fields = self._state(told.uid)
        is_same = fields['order_id'] in (bell['order_id'], bell['site_order_id'])
        return self._words(fields, bell['site_order_id'] if is_same else fields['order_id'])

    def refund(self, uid: str, amount: Decimal, reason: str, *, request_id: str) -> NoReturn:  # noqa: ARG002 - the port's
        """Refuse: WEBPAY gives money back in its own office; nothing has been sent."""
        raise GatewayRefused('WEBPAY takes refunds in its own office only', status=501)

    def verify_webhook(self, raw_body: bytes, headers: Mapping[str, str]) -> WebhookNotice:  # noqa: ARG002 - the port's
        """Prove the sender of a notice by its signature, made with our store's secret, and return its facts.

        Raises:
            WebhookRefused: forged, damaged or unreadable.
        """
        bell, transaction = self._believed(raw_body)
        return WebhookNotice(
            kind=NoticeKind.TRANSACTION,
            event_id=hashlib.sha256(raw_body).hexdigest(),
            tracking_id=bell['site_order_id'],
            test=transaction.test,
            transaction=transaction,
        )

    def _believed(self, raw_body: bytes) -> tuple[dict[str, str], Transaction]:
        """Return the fields of a notice and what they say; the signature comes before everything they say."""
        if len(raw_body) > MAX_BODY:
            raise WebhookRefused(RefusalReason.UNREADABLE)
        try:
            bell = webpay_wire.read_form(raw_body)
        except webpay_wire.Unreadable as error:
            raise WebhookRefused(RefusalReason.UNREADABLE) from error
        if not bell.get('wsb_signature'):
            raise WebhookRefused(RefusalReason.NO_SIGNATURE)
        if not set(webpay_signatures.NOTICE) <= set(bell):
            raise WebhookRefused(RefusalReason.UNREADABLE)
        if not webpay_signatures.is_same(
            bell['wsb_signature'], webpay_signatures.of_notice(bell, self._config.secret_key)
        ):
            raise WebhookRefused(RefusalReason.WRONG_SIGNATURE)
        if bell.get('wsb_storeid', self._config.store_id) != self._config.store_id:
            raise WebhookRefused(RefusalReason.OTHER_SHOP)
        try:
            return bell, self._words(bell, bell['site_order_id'])
        except GatewayUnknown as error:
            raise WebhookRefused(RefusalReason.UNREADABLE) from error

    def _state(self, uid: str) -> dict[str, str]:
        """Ask about a transaction and return the signed fields of the answer."""
        config = self._config
        asked = webpay_wire.question(uid, username=config.username, password=config.password)
        answer = self._ask(config.billing_url, content=asked, headers=_FORM)
        try:
            status, fields = webpay_wire.read_answer(answer.content)
        except webpay_wire.Unreadable as error:
            raise GatewayUnknown(f'get_transaction: {error}') from error
        if status != 'success':
            raise GatewayRefused(f'get_transaction: {status or "no status"}', status=answer.status)
        signed = set(webpay_signatures.STATE) <= set(fields) and webpay_signatures.is_same(
            fields.get('wsb_signature', ''), webpay_signatures.of_state(fields, config.secret_key)
        )
        if not signed or fields['transaction_id'] != uid:
            raise GatewayUnknown('get_transaction: an answer that is not signed, or about another transaction')
        return fields

    def _words(self, fields: Mapping[str, str], order: str) -> Transaction:
        try:
            return webpay_wire.transaction(fields, test=self._config.test, tracking_id=order)
        except webpay_wire.Unreadable as error:
            raise GatewayUnknown(f'a field that cannot be read: {error}') from error

    def _ask(self, url: str, **body: Any) -> Answer:
        """Send one request and return an answer of success, or raise the error that it is."""
        try:
            answer = self._way.request('POST', url, **body)
        except (NotSent, NoAnswer) as error:
            raise GatewayUnknown(f'POST: {error}') from error
        if answer.is_success:
            return answer
        if 400 <= answer.status < 500 and answer.status not in {408, 409, 425, 429}:
            raise GatewayRefused(f'HTTP {answer.status}', status=answer.status)
        raise GatewayUnknown(f'POST: HTTP {answer.status}')


def _redirect_url(content: bytes) -> str:
    try:
        url = json.loads(content)['data']['redirectUrl']
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GatewayUnknown('POST: an answer without redirectUrl') from error
    if not isinstance(url, str) or len(url) > 2000:
        raise GatewayUnknown('POST: an answer without redirectUrl')
    return url


def _unknown_question(what: str) -> NoReturn:
    raise GatewayRefused(f'WEBPAY cannot be asked {what}', status=501)
