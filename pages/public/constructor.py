"""/{region}/packets-constructor/: build a package and see its price at once; the address is the state."""

from urllib.parse import parse_qs

from fastapi import Request
from nicegui import context, ui
from starlette.responses import Response

from components.constructor_view import groups
from components.house_words import place_words, refusal_words
from components.i18n import _, language
from components.languages import prefix
from components.offer_comparison import comparison, promo_rows
from components.offer_words import notes, promo_words
from components.painted import FormState, Repaint, on_form
from components.remembered import remember_region
from components.shell import frame_for, paint
from components.templating import render
from pages.errors import error_page
from services import limits
from services.errors import NotFound
from services.offers.comparison import Offers, make_offers
from services.runner import call
from services.settings import get_settings

PATH = 'packets-constructor/'
LONGEST_QUERY = limits.count('query_letters')


def query_of(request: Request) -> FormState:
    """Return the address query, however long and odd it is."""
    return parse_qs(str(request.url.query)[:LONGEST_QUERY], keep_blank_values=True)


def address_of(request: Request) -> str:
    """Return the visitor's network address."""
    return request.client.host if request.client else ''


@ui.page('/{region}/packets-constructor/')
async def constructor_page(request: Request, region: str) -> Response:
    """Paint the constructor for what the address says; then answer each change over the socket."""
    try:
        offers = await call(make_offers, region, query_of(request), address=address_of(request))
    except NotFound:
        return await error_page(request, 404)
    offer = offers.chosen
    frame = await frame_for(
        request,
        title=_('Собрать пакет: интернет и ТВ {where}').format(where=_(offer.region.name_where)),
        description=_('Выберите тариф, ТВ и оборудование и сразу увидите цену.'),
        region=region,
        path_in_region=f'{PATH}?{offers.query}' if request.url.query else PATH,
        canonical=f'{get_settings().url}/{region}/{PATH}',
    )
    action = f'{prefix(language())}/{region}/{PATH}'
    paint('constructor.html', frame=frame, action=action, **_facts(offers))

    async def recount(state: FormState, _button: str) -> Repaint:
        """Validate the form's state as if it were a new address and repaint what depends on it."""
        changed = await call(make_offers, region, state, address=address_of(request))
        facts = _facts(changed)
        blocks = {
            'notes': render('_constructor_notes.html', **facts),
            'choices': render('_constructor_choices.html', **facts),
            'promo': render('_promo.html', **facts),
            'total': render('_total.html', **facts),
        }
        return Repaint(blocks, f'{action}?{changed.query}')

    on_form('constructor', recount)
    return remember_region(context.client.build_response(request), region)


def _facts(offers: Offers) -> dict[str, object]:
    offer = offers.chosen
    return {
        'offer': offer,
        'place_words': place_words(offer),
        'refusal': refusal_words(offer),
        'groups': groups(offer),
        'notes': notes(offer),
        'promo': offer.package.promo,
        'promo_words': promo_words(offer),
        'promo_rows': promo_rows(offer),
        'promo_is_bad': offer.promo_error is not None,
        'comparison': comparison(offers),
        'link': f'{get_settings().url}{prefix(language())}/{offer.region.slug}/{PATH}?{offers.query}',
    }
