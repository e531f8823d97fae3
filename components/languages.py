"""Which language a page is in: that of its address, of the visitor's cookie, of his account, of his browser.

Russian pages have no prefix; `/be/minsk/…` and `/en/minsk/…` are the same pages of a town in another language: the
prefix is taken off before any route is looked for. The consoles of employees are Russian.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from components import i18n
from components.cookies import host_bound
from components.redirect import turned
from models.user import Role
from services import limits
from services.i18n import LANGUAGES, available_languages
from services.settings import get_settings

NAME = 'language'
SLASH_REDIRECT = 307
YEAR = 365 * 24 * 3600
LONGEST = limits.count('accept_language_letters')
OURS = frozenset(
    {
        'api',
        'application',
        'assets',
        'auth',
        'be',
        'captcha',
        'demo',
        'en',
        'field',
        'files',
        'healthz',
        'hooks',
        'language',
        'metrics',
        'my',
        'offer',
        'operator',
        'privacy',
        'readyz',
        'regions',
        'robots',
        'sitemap',
    }
)
"""First parts of addresses that are no towns; these pages have one address for all languages."""
OF_STAFF = ('/operator/', '/field/', '/demo/')
_TOWN = re.compile(r'(?:/(?P<language>be|en))?(?P<path>/(?P<first>[a-z][a-z0-9-]{0,31})(?:/[a-z0-9/-]{0,64})?)\Z')
_ENTRANCE = re.compile(r'/(?P<language>be|en)/?\Z')
_WISH = re.compile(r'\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*\Z')


def settle(scope: Scope) -> None:
    """Take the language out of the address of a request, and note it; what is asked for is the Russian page then."""
    found = _ENTRANCE.match(scope['path']) or _TOWN.match(scope['path'])
    town: dict[str, str] = found.groupdict() if found else {}
    is_town = bool(found) and town.get('first') not in OURS
    if is_town and not town['language']:
        is_town = town['path'].count('/') > 1  # `/minsk` leads on, and `/offline` is no town
    state = scope['state']
    state['in_address'] = (town['language'] or 'ru') if is_town else ''
    if is_town and town['language']:
        scope['path'] = town.get('path', '/')
    state['language'] = _language(scope)
    if scope['type'] == 'http':  # handlers of a socket read the language of their page
        i18n.begin(state['language'])


def settle_person(scope: Scope) -> None:
    """Think again when it is known who asks; the language holds for everything this request does."""
    scope['state']['language'] = _language(scope)
    i18n.begin(scope['state']['language'])


def prefix(language: str) -> str:
    """Return what stands before the address of a town: nothing in Russian."""
    return '' if language == 'ru' else f'/{language}'


def keep(response: Response, language: str) -> Response:
    """Put the language a person chose into a cookie; returns the same response."""
    secure = get_settings().is_https
    response.set_cookie(host_bound(NAME), language, max_age=YEAR, httponly=True, secure=secure, samesite='lax')
    return response


def keep_from_address(scope: Scope, status: int, headers: MutableHeaders) -> None:
    """Remember the language of a town's page that was opened; Russian only where another was remembered."""
    connection = HTTPConnection(scope)
    wanted, known = scope['state'].get('in_address'), _of_cookie(connection)
    is_page = connection.headers.get('sec-fetch-dest', 'document') == 'document'
    if status >= 400 or not is_page or not wanted or known == wanted or (not known and wanted == 'ru'):
        return
    headers.append('Set-Cookie', keep(Response(), wanted).headers['set-cookie'])
    headers['Cache-Control'] = 'private, no-cache'


def stay(scope: Scope, status: int, headers: MutableHeaders) -> None:
    """Keep the language in the redirect to an address with or without its last slash; the router knows the Russian."""
    wanted = scope['state'].get('in_address')
    if status != SLASH_REDIRECT or wanted in {None, '', 'ru'}:
        return
    turned(headers, of=scope['path'], before=prefix(wanted))


def _language(scope: Scope) -> str:
    state = scope['state']
    actor = state.get('actor')
    is_staff = actor is not None and actor.role != Role.SUBSCRIBER
    if is_staff or scope['path'].startswith(OF_STAFF):
        return 'ru'
    if state['in_address']:
        return str(state['in_address'])
    connection = HTTPConnection(scope)
    own = actor.language if actor is not None and actor.language != 'ru' else ''
    wish = _of_cookie(connection) or own or _of_browser(connection)
    return wish if wish in dict(available_languages()) else 'ru'


def _of_cookie(connection: HTTPConnection) -> str:
    chosen = connection.cookies.get(host_bound(NAME), '')
    return chosen if chosen in LANGUAGES else ''


def _of_browser(connection: HTTPConnection) -> str:
    """Return the first language of ours the browser asks for, of those that are switched on without being asked."""
    wishes = []
    for part in connection.headers.get('accept-language', '')[:LONGEST].split(','):
        wish = _WISH.match(part)
        if wish:
            wishes.append((wish[2] or '1', wish[1].lower()))
    allowed = {'ru', *get_settings().browser_languages.replace(' ', '').split(',')}
    in_order = sorted(wishes, key=lambda each: each[0], reverse=True)  # stable, and q is written as 0.8: text will do
    return next((code for _q, code in in_order if code in allowed), '')
