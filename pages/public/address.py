"""`/{region}/address/`: town, street, house; what is connected there, and a place on the waiting list where nothing is.

Three fields of a native form, with what fits offered while they are typed (`suggest`, js/address.js). Without scripts
the page itself asks on: which of these streets, which of these houses.
"""

from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.form_body import read_form
from components.house_words import facts_of, verdict_words
from components.i18n import _, error_text, language
from components.languages import prefix
from components.public_page import PublicPage, known_region, region_page
from components.redirect import moved, see_other
from components.remembered import remember_region
from components.shell import frame_for
from components.templating import render
from pages.errors import error_page
from pages.public.constructor import LONGEST_QUERY, address_of
from services.applications import waiting_list
from services.applications.waiting_list import PURPOSE, WaitingForm
from services.errors import DomainError, InvalidForm, NotFound
from services.identity import form_tokens
from services.messages.legal_texts import LegalKind, legal_text
from services.offers import address_search
from services.offers.address_search import Looked
from services.offers.regions import get_region
from services.runner import call

PATH = 'address/'
PARTS = ('town', 'street', 'house')
TYPED = ('locality', 'street', 'house', 'name', 'phone', 'email', 'agreed')
PARTS_OF_PACKAGE = frozenset(('house', 'internet', 'tv', 'equipment', 'receiver', 'addons', 'promo', 'compare'))
MOST_PARTS, LONGEST_PART = 20, 40
"""A package stands in the link of each house of a street: a page must not grow with what somebody wrote into it."""
CONSTRUCTOR = '/{region}/packets-constructor/'


def register(app: FastAPI) -> None:
    """Add the page, its address without the slash, what fits to a beginning, and the waiting list."""
    app.add_api_route(f'/{{region}}/{PATH}', page, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route(f'/{{region}}/{PATH[:-1]}', without_slash, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route(f'/{{region}}/{PATH}suggest', suggest, methods=['GET'], include_in_schema=False)
    app.add_api_route(f'/{{region}}/{PATH}waiting', wait, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'/{{region}}/{PATH}waiting', page_of_form, methods=['GET'], include_in_schema=False)
    app.add_api_route(f'/{{region}}/{PATH}noted', noted, methods=['GET'], include_in_schema=False)


async def without_slash(region: str) -> Response:
    """Lead to the page."""
    if not await known_region(region):
        raise HTTPException(404)
    return moved(f'{prefix(language())}/{region}/{PATH}')


async def page(request: Request, region: str) -> Response:
    """Ask for the address; then say what there is, or what is not clear. A package goes back to its constructor."""
    if not request.url.query:
        return await region_page(request, region, _empty)
    typed = {part: request.query_params.get(part, '') for part in PARTS}
    package = _package(request.query_params.get('package', '')[:LONGEST_QUERY])
    try:
        looked = await call(address_search.look, region, *typed.values())
    except NotFound:
        return await error_page(request, 404)
    if package and looked.house and looked.house.is_open:
        return see_other(_constructor(looked, package))
    html = await _drawn(request, region, typed, looked, package=package)
    return remember_region(HTMLResponse(html), region)


async def suggest(region: str, part: str = '', text: str = '', town: str = '', street: str = '') -> Response:
    """Answer with what fits to the beginning of a name."""
    try:
        found = await call(address_search.suggest, part, text, region=region, town=town, street=street)
    except NotFound:
        return JSONResponse({'found': []}, status_code=404)
    return JSONResponse({'found': found}, headers={'Cache-Control': 'private, max-age=60'})


async def wait(request: Request, region: str) -> Response:
    """Put somebody on the waiting list; a mistake answers with the same form, everything typed in its place."""
    sent = await read_form(request)
    if sent is None:
        return await error_page(request, 413)
    typed = {name: sent.get(name, '') for name in TYPED}
    form = WaitingForm(region=region, token=sent.get('token', ''), trap=sent.get('website', ''), **typed)
    try:
        agent = request.headers.get('user-agent', '')
        await call(waiting_list.join, form, address=address_of(request), agent=agent, language=language())
    except NotFound:
        return await error_page(request, 404)
    except DomainError as error:
        return await _again(request, form, error)
    return see_other(f'{prefix(language())}/{region}/{PATH}noted')


async def page_of_form(region: str) -> Response:
    """Lead to where the form stands: a mistake is told at its address, and a restored tab asks for it anew."""
    if not await known_region(region):
        raise HTTPException(404)
    return see_other(f'{prefix(language())}/{region}/{PATH}')


async def noted(request: Request, region: str) -> Response:
    """Say that it is written down; the same whoever comes here."""
    if not await known_region(region):
        return await error_page(request, 404)
    title = _('Записали вас в лист ожидания')
    text = _('Напишем или позвоним один раз — когда дом можно будет подключить.')
    frame = await frame_for(request, title=title, region=region)
    words = {'title': title, 'text': text, 'link': f'{prefix(language())}/{region}/', 'link_text': _('На главную')}
    return HTMLResponse(render('told_page.html', frame=frame, **words))


def _empty(slug: str) -> PublicPage:
    region = get_region(slug)
    title = _('Проверить адрес {where}').format(where=_(region.name_where))
    looked = address_search.look(slug, '')
    return PublicPage(
        template='address.html',
        path=PATH,
        title=title,
        description=_('Введите улицу и дом: скажем, какие тарифы и ТВ можно подключить {where} в вашем доме.').format(
            where=_(region.name_where)
        ),
        facts=_facts(slug, dict.fromkeys(PARTS, ''), looked),
    )


async def _again(request: Request, form: WaitingForm, error: DomainError) -> HTMLResponse:
    token = form_tokens.draw(PURPOSE) if isinstance(error, form_tokens.FormStale) else form.token
    typed = {'town': form.locality, 'street': form.street, 'house': form.house}
    looked = await call(address_search.look, form.region, *typed.values())
    found = {name: error_text(each) for name, each in error.errors.items()} if isinstance(error, InvalidForm) else {}
    waiting = _waiting(form, token, errors=found, problem='' if found else error_text(error))
    html = await _drawn(request, form.region, typed, looked, waiting=waiting)
    return HTMLResponse(html, status_code=error.status)


async def _drawn(
    request: Request,
    region: str,
    typed: dict[str, str],
    looked: Looked,
    *,
    package: str = '',
    waiting: dict[str, object] | None = None,
) -> str:
    frame = await frame_for(request, title=_('Проверить адрес'), region=region, path_in_region=PATH)
    return render('address.html', frame=frame, **_facts(region, typed, looked, package=package, waiting=waiting))


def _facts(
    region: str,
    typed: dict[str, str],
    looked: Looked,
    *,
    package: str = '',
    waiting: dict[str, object] | None = None,
) -> dict[str, object]:
    house, town = looked.house, looked.town
    typed = {**typed, 'town': typed['town'] or (town.value if town else ''), 'street': looked.street or typed['street']}
    if house:
        typed['house'] = house.house
    is_missing = _is_missing(typed, looked)
    if waiting is None and (is_missing or (house and not house.is_open)):
        waiting = _waiting(_prefilled(region, typed, looked), form_tokens.draw(PURPOSE))
    return {
        'action': f'{prefix(language())}/{region}/{PATH}',
        'typed': typed,
        'looked': looked,
        'package': package,
        'house': house,
        'verdict': verdict_words(house) if house else None,
        'house_facts': facts_of(house) if house else [],
        'constructor': _constructor(looked, package) if house else '',
        'is_missing': is_missing,
        'steps': _steps(region, typed, looked, package),
        'waiting': waiting,
        'notice_text': legal_text(LegalKind.CONSENT_WAITING, language()),
    }


def _is_missing(typed: dict[str, str], looked: Looked) -> str:
    """Return which part of what was typed is not in the building base: town, street, house or ''."""
    if typed['town'] and looked.town is None and not looked.towns:
        return 'town'
    if typed['street'] and looked.town and not looked.street and not looked.streets:
        return 'street'
    return 'house' if typed['house'] and looked.street and looked.house is None else ''


def _steps(region: str, typed: dict[str, str], looked: Looked, package: str) -> list[tuple[str, str]]:
    """Return pairs (words, address) to choose from: towns, streets or houses, whichever is not clear."""
    part, names = 'town', tuple(town.value for town in looked.towns)
    if looked.town:
        part, names = ('house', looked.houses) if looked.street else ('street', looked.streets)
    kept = {name: typed[name] for name in PARTS[: PARTS.index(part)]}
    if part == 'house':
        kept['street'] = looked.street
    after = {name: typed[name] for name in PARTS[PARTS.index(part) + 1 :] if typed[name]}
    more = after | ({'package': package} if package else {})
    return [(name, f'{prefix(language())}/{region}/{PATH}?{urlencode({**kept, part: name, **more})}') for name in names]


def _prefilled(region: str, typed: dict[str, str], looked: Looked) -> WaitingForm:
    house, town = looked.house, looked.town
    if house:
        return WaitingForm(house.region, '', house.locality, house.street, house.house)
    slug, locality = (town.region, town.locality) if town else (region, typed['town'])
    return WaitingForm(slug, '', locality, looked.street or typed['street'], typed['house'])


def _waiting(
    form: WaitingForm, token: str, *, errors: dict[str, str] | None = None, problem: str = ''
) -> dict[str, object]:
    found = {name: (errors or {}).get(name, '') for name in TYPED}
    action = f'{prefix(language())}/{form.region}/{PATH}waiting'
    return {
        'values': form,
        'token': token,
        'errors': found,
        'has_errors': bool(errors),
        'problem': problem,
        'action': action,
    }


def _constructor(looked: Looked, package: str) -> str:
    house = looked.house
    if house is None:
        return ''
    query = urlencode([*parse_qsl(package), ('building', house.id)])
    return f'{prefix(language())}{CONSTRUCTOR.format(region=house.region)}?{query}'


def _package(asked: str) -> str:
    """Return what of a query is a package of the constructor; the house comes from this page."""
    parts = [pair for pair in parse_qsl(asked) if pair[0] in PARTS_OF_PACKAGE and len(pair[1]) <= LONGEST_PART]
    return urlencode(parts[:MOST_PARTS])
