"""bePaid's ERIP over the wire: `/beyag/payments` (DOMAIN §2.2.8). Blocking; call from worker threads."""

import base64
import binascii
from dataclasses import dataclass, field
from types import TracebackType
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from services.gateways.bepaid_answers import is_refusal, refusal_of
from services.gateways.bepaid_wire import IDENTIFIER, Line, Minor, WireTransaction
from services.gateways.erip_gateway import Claim, ClaimIntent, EripTransaction
from services.gateways.outbound import NoAnswer, NotSent, Outbound
from services.gateways.payment_gateway import GatewayRefused, GatewayUnknown

_PATH = '/beyag/payments'
_OPEN = frozenset({'permanent', 'pending', 'start', 'auto_created'})
_PNG = b'\x89PNG\r\n\x1a\n'
_MOST_QR, _MOST_STEPS = 60_000, 20


@dataclass(frozen=True, slots=True)
class BePaidEripConfig:
    """How to reach ERIP of one shop; `service_no` is digits, times are seconds."""

    api_url: str
    shop_id: str
    secret_key: str = field(repr=False)
    service_no: str
    test: bool
    connect_timeout: float = 5.0
    answer_timeout: float = 20.0


class _WireErip(BaseModel):
    service_no: int | Line | None = None
    account_number: int | Line
    transaction_id: int | Line | None = None
    instruction: Annotated[list[Annotated[str, StringConstraints(max_length=500)]], Field(max_length=100)] = []
    qr_code: str | None = None


class _WireEripTransaction(WireTransaction):
    """A claim, or a payment on one: both have this shape."""

    amount: Minor = 0  # a standing claim has none
    payment_method_type: Line
    erip: _WireErip

    def claim(self, *, test: bool) -> Claim:
        """Return our words for a claim."""
        return Claim(
            uid=self.uid,
            account_number=str(self.erip.account_number),
            service_no=str(self.erip.service_no or ''),
            test=test if self.test is None else self.test,
            is_open=self.status in _OPEN,
            tracking_id=self.tracking_id,
            steps=tuple(self.erip.instruction[:_MOST_STEPS]),
            qr=_picture(self.erip.qr_code),
        )

    def payment(self) -> EripTransaction:
        """Return our words for a payment; one that is not through ERIP has no account number of ours."""
        is_erip = self.payment_method_type == 'erip'
        return EripTransaction(
            transaction=self.facts(),
            account_number=str(self.erip.account_number) if is_erip else '',
            service_no=str(self.erip.service_no or ''),
            transaction_no=str(self.erip.transaction_id or '')[:64],
        )


class _Answer(BaseModel):
    transaction: _WireEripTransaction


class BePaidErip:
    """The EripGateway of bePaid. One instance serves all threads; `close()` it at the end."""

    def __init__(self, config: BePaidEripConfig) -> None:
        self._config = config
        self._way = Outbound(
            config.api_url,
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

    @property
    def service_no(self) -> str:
        """Service code of the company, as people type it in ERIP."""
        return self._config.service_no

    def create_claim(self, intent: ClaimIntent) -> Claim:
        """Make a standing claim: without a sum, because the payer says how much.

        Raises:
            GatewayRefused: a clear no, or an answer about another account or service.
            GatewayUnknown: there may be a claim; the same `request_id` asks again without making a second one.
        """
        body = {'request': _claim_request(intent, self._config)}
        claim = self._ask('POST', '', body=body, headers={'RequestID': intent.request_id}).claim(test=self._config.test)
        if (claim.account_number, claim.service_no) != (intent.account_number, self._config.service_no):
            raise GatewayRefused('the claim is about another account', status=200)
        return claim

    def query_claim(self, uid: str) -> Claim:
        """Return a claim."""
        return self._named('GET', uid).claim(test=self._config.test)

    def cancel_claim(self, uid: str) -> Claim:
        """Take a claim back. GatewayRefused while somebody is paying it."""
        return self._named('DELETE', uid).claim(test=self._config.test)

    def query_erip(self, uid: str) -> EripTransaction:
        """Return one payment on a claim."""
        return self._named('GET', uid).payment()

    def _named(self, method: str, uid: str) -> _WireEripTransaction:
        if not IDENTIFIER.fullmatch(uid):
            raise GatewayRefused('Record not found', status=404)
        found = self._ask(method, f'/{uid}')
        if found.uid != uid:
            raise GatewayUnknown('the answer is about another transaction')
        return found

    def _ask(
        self, method: str, path: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> _WireEripTransaction:
        url = f'{self._config.api_url.rstrip("/")}{_PATH}{path}'
        try:
            answer = self._way.request(method, url, json=body, headers=headers)
        except (NotSent, NoAnswer) as error:
            raise GatewayUnknown(f'{method}: {error}') from error
        if is_refusal(answer.status, answer.content):
            raise refusal_of(answer.status, answer.content)
        if not answer.is_success:
            raise GatewayUnknown(f'{method}: HTTP {answer.status}')
        try:
            return _Answer.model_validate_json(answer.content).transaction
        except ValidationError as error:
            raise GatewayUnknown(f'{method}: unreadable answer, {error.error_count()} faults') from error


def _claim_request(intent: ClaimIntent, config: BePaidEripConfig) -> dict[str, Any]:
    """Return the body of POST /beyag/payments; a claim without a sum and without an end is a standing one."""
    line = f'Договор {intent.account_number}'
    return {
        'test': config.test,
        'currency': 'BYN',
        'description': intent.description,
        'tracking_id': intent.tracking_id,
        'notification_url': intent.notification_url,
        'language': 'ru',
        'permanent': True,
        'payment_method': {
            'type': 'erip',
            'account_number': intent.account_number,
            'service_no': config.service_no,
            'service_info': [line],
            'receipt': [line],
        },
    }


def _picture(given: str | None) -> str:
    """Return the picture as base64 if it is a PNG of a sane size; a page without one is still a page."""
    text = (given or '').removeprefix('data:image/png;base64,')
    if not text or len(text) > _MOST_QR:
        return ''
    try:
        is_png = base64.b64decode(text, validate=True).startswith(_PNG)
    except (binascii.Error, ValueError):
        return ''
    return text if is_png else ''
