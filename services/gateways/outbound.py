"""The one way out over HTTP: to places of the settings, through no proxy, along no redirect, to no private network."""

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from services.settings import get_settings

CONNECT, ANSWER = 5.0, 20.0
"""Seconds for a connection, and for each piece of an answer."""
WHOLE = 60.0
"""Seconds for all of an answer: nobody holds a thread of ours by a word now and then."""
LARGEST = 1_000_000
"""Bytes of an answer; a bank's are a few thousand."""
_PORTS = {'http': 80, 'https': 443}
_TODAYS_INTERNET = ipaddress.ip_network('2000::/3')
_IPV4_IN_DISGUISE = (ipaddress.ip_network('2001::/32'), ipaddress.ip_network('2002::/16'))


class NotSent(Exception):
    """Nothing was sent: a place that is not allowed, or nobody there. The text is for the log and names no secret."""


class NoAnswer(Exception):
    """It was sent, or a part of it, and nobody knows what the other side made of it."""


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    content: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Tell whether it is 2xx."""
        return 200 <= self.status < 300


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int


class Outbound:
    """A client for the places of these addresses: scheme, host and port. It serves all threads; `close()` it.

    Args:
        places: addresses of the settings; what stands behind the port does not matter.
        auth: name and password, sent as Basic authorisation.
        connect, answer: seconds.
    """

    def __init__(
        self,
        *places: str,
        auth: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
        connect: float = CONNECT,
        answer: float = ANSWER,
    ) -> None:
        self._places = {_place(place) for place in places} - {None}
        # No kept connections: calls are rare, and one closed by the other side in between would look like "unknown".
        self._client = httpx.Client(
            auth=auth,
            headers=headers,
            timeout=httpx.Timeout(answer, connect=connect),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request and return the whole answer, whatever its status; a redirect is an answer like others.

        Raises:
            NotSent, NoAnswer: see there.
        """
        place = _place(url)
        if place is None or place not in self._places:
            raise NotSent('a place that is not in the settings')
        address, unreachable = httpx.URL(url), None
        for number in _numbers(place.host, place.port):
            try:
                return self._ask(method, address, number, json=json, content=content, headers=headers)
            except NotSent as error:  # the next number of the same name may answer
                unreachable = error
        raise unreachable or NotSent('a name without a number')

    def _ask(self, method: str, url: httpx.URL, number: str, *, headers: dict[str, str] | None, **body: Any) -> Answer:
        """Ask at this very number: a name looked up again could lead elsewhere. The certificate must bear the name."""
        request = self._client.build_request(
            method,
            url.copy_with(host=number),
            headers={**(headers or {}), 'Host': url.netloc.decode('ascii')},
            extensions={'sni_hostname': url.raw_host.decode('ascii')},
            **body,
        )
        until = time.monotonic() + WHOLE
        try:
            answer = self._client.send(request, stream=True)
            try:
                return Answer(answer.status_code, _read(answer, until))
            finally:
                answer.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error


def _read(answer: httpx.Response, until: float) -> bytes:
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > LARGEST or time.monotonic() > until:
            raise NoAnswer('an answer without end')
    return bytes(content)


def _place(address: str) -> _Place | None:
    """Return where an address leads, None when it cannot be read."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return None
    port = url.port or _PORTS.get(url.scheme)
    return _Place(url.scheme, url.raw_host.decode('ascii'), port) if port and url.host else None


def _numbers(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; not one of them may be private, or the name is not the partner's alone.

    Raises:
        NotSent: no such name, or a private address outside a demo.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f'ConnectError: {type(error).__name__}') from error
    numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not get_settings().demo and not all(is_public(number) for number in numbers):
        raise NotSent('a place in a private network')
    return numbers


def is_public(number: str) -> bool:
    """Tell whether an IP address is of the internet: not of this machine, a private network or a tunnel."""
    address = ipaddress.ip_address(number.partition('%')[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address not in _TODAYS_INTERNET or any(address in network for network in _IPV4_IN_DISGUISE):
            return False
    return address.is_global and not address.is_multicast
