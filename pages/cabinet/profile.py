"""/my/profile: who the subscriber is; phone and e-mail he changes himself; his consents, his copy, the erasure."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.action import form_key
from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _, error_text, language
from components.live import on_event
from components.painted import FormState, Repaint, on_form, repaint, send_natively
from components.posted import posted
from components.privacy_words import obstacle_words, privacy_problem
from components.session import act, page_actor
from components.templating import render
from models.user import Role
from services.contracts import profile
from services.errors import InvalidField
from services.events import OwnDataChanged
from services.identity.step_up import StepUpRequired
from services.messages.legal_texts import LegalKind, legal_text
from services.privacy import consents, exports, requests

PATH = '/my/profile'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms when there is no socket."""
    app.add_api_route(f'{PATH}/phone', change_phone, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/email', change_email, methods=['POST'], include_in_schema=False)


@ui.page('/my/profile')
@requires(Role.SUBSCRIBER)
async def profile_page(done: str = '', problem: str = '') -> None:
    """Show the data; each form is saved where it stands and says beside the field what is wrong."""
    person = await act(profile.get_profile)
    await cabinet_page(
        'cabinet_profile.html',
        _('Мои данные'),
        active='profile',
        profile=person,
        problem=privacy_problem(problem),
        **_phone_facts(person.phone, told=_phone_saved() if done == 'phone' else ''),
        **_email_facts(person.email, told=_email_saved() if done == 'email' else ''),
        **await _privacy_facts(),
        consent_told=_news_words(done),
    )
    on_form('phone', _save_phone)
    on_form('email', _save_email)
    actor = page_actor()
    on_event(OwnDataChanged, _repaint_privacy, when=lambda event: actor is not None and event.user_id == actor.user_id)


async def _privacy_facts() -> dict[str, object]:
    given = await act(consents.list_own)
    return {
        'consents': given,
        'news': legal_text(LegalKind.CONSENT_MARKETING, language()),
        'news_on': any(consent.purpose == consents.NEWS and consent.is_open for consent in given),
        'copy': await act(exports.current),
        'erasure': await act(requests.own_erasure),
        'obstacle': obstacle_words,
    }


async def _repaint_privacy(_event: OwnDataChanged) -> None:
    facts = {**await _privacy_facts(), 'form_key': form_key()}
    blocks = {'copy': '_own_copy.html', 'erasure': '_erasure.html'}
    repaint(Repaint({name: render(template, **facts) for name, template in blocks.items()}))


async def _save_phone(state: FormState, _button: str) -> Repaint | None:
    typed = _first(state, 'phone')
    try:
        facts = _phone_facts(await act(profile.change_phone, typed), told=_phone_saved())
    except StepUpRequired:
        send_natively('phone')
        return None
    except InvalidField as error:
        facts = _phone_facts(typed, error=error_text(error))
    return Repaint({'phone': render('_phone_form.html', **facts)})


async def _save_email(state: FormState, _button: str) -> Repaint | None:
    typed, key = _first(state, 'email'), _first(state, 'form_key')
    try:
        saved = await act(profile.change_email, typed, _first(state, 'password'), key)
        facts = _email_facts(saved, told=_email_saved())
    except StepUpRequired:
        send_natively('email')
        return None
    except InvalidField as error:
        facts = _email_facts(typed)
        facts[f'{error.field}_error'] = error_text(error)
    return Repaint({'email': render('_email_form.html', **facts, form_key=form_key())})


def _phone_facts(phone: str, *, error: str = '', told: str = '') -> dict[str, object]:
    return {'phone': phone[:64], 'phone_error': error, 'phone_told': told}


def _email_facts(email: str, *, told: str = '') -> dict[str, object]:
    return {'email': email[:254], 'email_error': '', 'password_error': '', 'email_told': told}


def _news_words(done: str) -> str:
    words = {
        'news-yes': _('Будем присылать новости. Отказаться можно здесь же.'),
        'news-no': _('Новостей больше не будет. Письма о счёте и работах приходят и дальше.'),
    }
    return words.get(done, '')


def _phone_saved() -> str:
    return _('Телефон сохранён.')


def _email_saved() -> str:
    return _('E-mail сохранён. На прежний адрес ушло письмо об этом.')


def _first(state: FormState, name: str) -> str:
    values = state.get(name) or ['']
    return values[0]


async def change_phone(request: Request, phone: Annotated[str, Form()] = '') -> Response:
    """Save the phone without a socket."""
    return await posted(request, profile.change_phone, phone, page=PATH, done='phone')


async def change_email(
    request: Request,
    email: Annotated[str, Form()] = '',
    password: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
) -> Response:
    """Save the e-mail without a socket."""
    return await posted(request, profile.change_email, email, password, form_key, page=PATH, done='email')
