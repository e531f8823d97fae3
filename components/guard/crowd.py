"""How many live pages one may open: each costs milliseconds and up to half a megabyte until its browser has come.

Static pages hold nothing and are not counted. What the numbers mean for people:
- A person who clicks as fast as he can read opens a page every two seconds; sixty at once is a browser that restores
  all its tabs.
- An address is a family, an office or a mobile operator's gateway: forty operators who each open a card every four
  seconds are ten pages a second, and after a power cut two hundred pages come back at once.
- A script from one address does fifty pages a second and more. Held to ten it takes a tenth of a core.
In all, strangers' pages that wait for their browsers stop at about half a gigabyte; who is signed in still gets in.
"""

import re
import time
from collections import Counter
from functools import lru_cache

from nicegui import Client
from starlette.routing import compile_path

from components.guard.binding import page_session
from components.guard.frames import Bucket
from services import limits
from services.rate_limits import network
from services.settings import get_settings

ADDRESS_A_SECOND, ADDRESS_AT_ONCE = limits.bucket('pages_of_address')
SESSION_A_SECOND, SESSION_AT_ONCE = limits.bucket('pages_of_session')
CAPTCHAS_A_SECOND, CAPTCHAS_AT_ONCE = limits.bucket('captchas')
SEARCHES_A_SECOND, SEARCHES_AT_ONCE = limits.bucket('address_searches')
PAGES_OF_ADDRESS = limits.count('pages_open_of_address')
"""Open at once: forty operators with fifteen tabs each."""
PAGES_OF_SESSION = limits.count('pages_open_of_session')
WAITING_IN_ALL = limits.count('pages_waiting')
"""Pages whose browser has not come: ten times what a busy evening has."""
PAGES_IN_ALL = limits.count('pages_open')
RETRY_AFTER = int(limits.span('pages_retry').total_seconds())
"""Seconds after which an address has a hundred pages again, a person twenty."""


class Crowd:
    """Who opened how much; NiceGUI's own list is counted anew once a second."""

    def __init__(self) -> None:
        self.addresses: dict[str, Bucket] = {}
        self.sessions: dict[str, Bucket] = {}
        self.captchas: dict[str, Bucket] = {}
        self.searches: dict[str, Bucket] = {}
        self.of_address: Counter[str] = Counter()
        self.of_session: Counter[str] = Counter()
        self.waiting = self.in_all = 0

    def admits_address(self, address: str) -> bool:
        """Tell whether this address may open one more page now; asked before anything is looked up."""
        if get_settings().demo_no_page_limits:
            return True
        place = network(address)
        if self.in_all >= PAGES_IN_ALL or self.of_address[place] >= PAGES_OF_ADDRESS:
            return False
        if not self.addresses.setdefault(place, Bucket(ADDRESS_A_SECOND, ADDRESS_AT_ONCE)).take():
            return False
        self.of_address[place] += 1
        self.in_all += 1
        return True

    def admits_session(self, session_hash: str | None) -> bool:
        """Tell whether this person may open one more page now; a stranger may while not too many wait."""
        if get_settings().demo_no_page_limits:
            return True
        if session_hash is None:
            self.waiting += 1
            return self.waiting <= WAITING_IN_ALL
        if self.of_session[session_hash] >= PAGES_OF_SESSION:
            return False
        if not self.sessions.setdefault(session_hash, Bucket(SESSION_A_SECOND, SESSION_AT_ONCE)).take():
            return False
        self.of_session[session_hash] += 1
        return True

    def admits_captcha(self, address: str) -> bool:
        """Tell whether this address may have one more captcha, picture or sound now: each takes a piece of a core."""
        if get_settings().demo_no_page_limits:
            return True
        return self.captchas.setdefault(network(address), Bucket(CAPTCHAS_A_SECOND, CAPTCHAS_AT_ONCE)).take()

    def admits_search(self, address: str) -> bool:
        """Tell whether this address may look for a house once more now: each reads the names of a town."""
        if get_settings().demo_no_page_limits:
            return True
        return self.searches.setdefault(network(address), Bucket(SEARCHES_A_SECOND, SEARCHES_AT_ONCE)).take()

    def count(self) -> None:
        """Count the pages that are there, and forget who has not opened any for a while."""
        pages = [page for page in Client.instances.values() if page._request is not None]
        self.of_address = Counter(network(page.ip) for page in pages)
        self.of_session = Counter(found for page in pages if (found := page_session(page)))
        self.waiting = sum(1 for page in pages if is_waiting(page))
        self.in_all = len(pages)
        moment = time.monotonic()
        for buckets in (self.addresses, self.sessions, self.captchas, self.searches):
            for name in [name for name, bucket in buckets.items() if bucket.is_full(moment)]:
                del buckets[name]


crowd = Crowd()


def is_waiting(page: Client) -> bool:
    """Tell whether the browser of a page has never come; a page NiceGUI made for itself waits for nobody."""
    return page._request is not None and not page.has_socket_connection and not page._delete_tasks


def is_live(path: str) -> bool:
    """Tell whether an address is a page of NiceGUI."""
    return _live_paths(frozenset(Client.page_routes.values())).fullmatch(path) is not None


@lru_cache(maxsize=4)
def _live_paths(routes: frozenset[str]) -> re.Pattern[str]:
    patterns = (re.sub(r'\?P<\w+>', '?:', compile_path(route)[0].pattern.strip('^$')) for route in sorted(routes))
    return re.compile('|'.join(f'(?:{pattern})' for pattern in patterns) or '(?!)')
