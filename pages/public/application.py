"""/{region}/packets-constructor/application: «Оставить заявку», a native form that works before and without scripts."""

import asyncio
from dataclasses import fields, replace
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, Response

from components.form_body import read_form
from components.frame import Frame
from components.i18n import _, error_text, language
from components.languages import prefix
from components.offer_comparison import promo_rows
from components.offer_words import price_lock_words, promo_words, readback
from components.painted import FormState, Repaint, on_form
from components.redirect import see_other
from components.remembered import remember_region
from components.shell import frame_for, paint
from components.templating import render
from components.tracker_cookie import hold_key
from pages.errors import error_page
from pages.public.constructor import LONGEST_QUERY, address_of, query_of
from services.applications import applying, suspicion
from services.applications.application_form import CALL_TIMES, ApplicationForm, with_address
from services.applications.applying import PRICE_LOCK, PURPOSE, offer_of, price_mark
from services.clock import today
from services.errors import DomainError, InvalidForm, NotFound
from services.identity import captcha, form_tokens
from services.messages.legal_texts import LegalKind, legal_text
from services.offers.constructor import Offer
from services.runner import call

PATH = 'packets-constructor/application'
TYPED = tuple(f.name for f in fields(ApplicationForm) if f.name not in {'region', 'query', 'trap'})


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(f'/{{region}}/{PATH}', take_form, methods=['POST'], include_in_schema=False)


@ui.page(f'/{{region}}/{PATH}')
async def application_page(request: Request, region: str) -> Response:
    """Paint an empty form for the package of the address; «Проверить» answers over the socket."""
    query = query_of(request)
    form = ApplicationForm(
        region=region, query=query, token=form_tokens.draw(PURPOSE), promo=(query.get('promo') or [''])[-1][:128]
    )
    address = address_of(request)
    try:
        offer = await call(offer_of, form, address=address)
    except NotFound:
        return await error_page(request, 404)
    form = with_address(replace(form, price_seen=price_mark(offer.quote)), offer.place)
    challenge = await _challenge(address)
    paint('application.html', frame=await _frame(request, form, offer), challenge=challenge, **_facts(form, offer))

    async def check_promo(state: FormState, _button: str) -> Repaint:
        """Price the package with the code that was just typed."""
        typed = _form(region, {name: values[-1] for name, values in state.items()})
        changed = await call(offer_of, typed, address=address)
        facts = {**_offer_facts(changed), 'promo': typed.promo}
        return Repaint(
            {'promo': render('_promo.html', **facts), 'package': render('_application_package.html', **facts)}
        )

    on_form('application', check_promo)
    return remember_region(context.client.build_response(request), region)


async def take_form(request: Request, region: str) -> Response:
    """Take «Отправить» and «Проверить»; a mistake answers with the same form, everything typed in its place."""
    sent = await read_form(request)
    if sent is None:
        return await error_page(request, 413)
    form, address = _form(region, sent), address_of(request)
    try:
        if sent.get('step') == 'check':
            return await _again(request, form, address=address)
        await asyncio.sleep(applying.seconds_to_wait(form.token))
        agent = request.headers.get('user-agent', '')
        submitted = await call(applying.submit, form, address=address, agent=agent, language=language())
    except NotFound:
        return await error_page(request, 404)
    except DomainError as error:
        return await _again(request, form, address=address, error=error)
    return hold_key(see_other(f'/application/{submitted.number}/sent'), submitted.tracker)


def _form(region: str, sent: dict[str, str]) -> ApplicationForm:
    typed = {name: sent.get(name, '') for name in TYPED}
    query = parse_qs(sent.get('package', '')[:LONGEST_QUERY])
    return ApplicationForm(region=region, query=query, trap=sent.get('website', ''), **typed)


async def _again(
    request: Request, form: ApplicationForm, *, address: str, error: DomainError | None = None
) -> HTMLResponse:
    """Draw the form again with what was typed; the token stays, so that sending twice is still sending once."""
    offer = await call(offer_of, form, address=address)
    if error is not None and not isinstance(error, InvalidForm):
        form = replace(form, price_seen=price_mark(offer.quote))
    if isinstance(error, form_tokens.FormStale):
        form = replace(form, token=form_tokens.draw(PURPOSE))
    challenge, facts = await _challenge(address), _facts(form, offer, error=error)
    page = render('application_page.html', frame=await _frame(request, form, offer), challenge=challenge, **facts)
    return HTMLResponse(page, status_code=error.status if error else 200)


async def _challenge(address: str) -> captcha.CaptchaChallenge | None:
    """Return a captcha where something looked odd; people see none."""
    is_asked = await call(suspicion.is_asked, address)
    return captcha.issue(captcha.CaptchaPurpose.APPLICATION) if is_asked else None


async def _frame(request: Request, form: ApplicationForm, offer: Offer) -> Frame:
    return await frame_for(
        request,
        title=_('Заявка на подключение'),
        region=form.region,
        path_in_region=f'packets-constructor/?{offer.package.query}',
    )


def _facts(form: ApplicationForm, offer: Offer, *, error: DomainError | None = None) -> dict[str, object]:
    found = {name: error_text(e) for name, e in error.errors.items()} if isinstance(error, InvalidForm) else {}
    return {
        'action': f'{prefix(language())}/{form.region}/{PATH}',
        'values': form,
        'token': form.token,
        'price_seen': form.price_seen,
        'errors': {name: found.get(name, '') for name in TYPED},
        'has_errors': bool(found),
        'problem': error_text(error) if error and not found else '',
        'labels': _labels(),
        'call_times': [(value, _(value) if value else _('В любое рабочее время')) for value in CALL_TIMES],
        'notice_text': legal_text(LegalKind.CONSENT_APPLICATION, language()),
        'marketing_text': legal_text(LegalKind.CONSENT_MARKETING, language()),
        **_offer_facts(offer),
        'promo': form.promo,
    }


def _offer_facts(offer: Offer) -> dict[str, object]:
    return {
        'offer': offer,
        'readback': readback(offer),
        'promo_words': promo_words(offer),
        'promo_rows': promo_rows(offer),
        'promo_is_bad': offer.promo_error is not None,
        'price_lock': price_lock_words(offer, today() + PRICE_LOCK),
    }


def _labels() -> list[tuple[str, str]]:
    return [
        ('last_name', _('Фамилия')),
        ('first_name', _('Имя')),
        ('patronymic', _('Отчество')),
        ('phone', _('Телефон')),
        ('email', _('E-mail')),
        ('call_time', _('Когда удобно говорить')),
        ('locality', _('Населённый пункт')),
        ('street', _('Улица')),
        ('house', _('Дом')),
        ('entrance', _('Подъезд')),
        ('floor', _('Этаж')),
        ('flat', _('Квартира')),
        ('intercom', _('Код домофона')),
        ('comment', _('Комментарий')),
        ('promo', _('Промокод')),
        ('captcha', _('Код с картинки')),
    ]
