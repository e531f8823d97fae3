"""Handlers that change something: one at a time, and a refusal is shown, not raised."""

import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import ParamSpec
from urllib.parse import quote

from nicegui import context, ui

from components.i18n import _, error_text
from components.redirect import CONFIRM, SIGN_IN, safe_url
from services.errors import ContractLeft, DomainError, SignInRequired
from services.identity.step_up import StepUpRequired

P = ParamSpec('P')
log = logging.getLogger(__name__)
CONTRACT_LEFT = '/my/index?problem=moved'


def form_key() -> str:
    """Return a key for a form that is being drawn: whatever it changes, a repeat with this key changes once."""
    return secrets.token_urlsafe(16)


def action(handler: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
    """Wrap a handler: a `DomainError` becomes a message, a lost session the sign-in,
    a contract that is not chosen any more the first page; what matters most asks for the password and comes back here.

    An unknown error gets a number that stands in the log; the person sees the number, not the error.
    """

    @functools.wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> None:
        client = context.client
        # In the page, not in the place of the button: a live page may draw that place anew while the handler waits.
        with client:
            try:
                await handler(*args, **kwargs)
            except SignInRequired:
                ui.navigate.to(SIGN_IN)
            except ContractLeft:
                ui.navigate.to(CONTRACT_LEFT)
            except StepUpRequired:
                ui.navigate.to(safe_url(f'{CONFIRM}?next={quote(client.request.url.path, safe="")}', CONFIRM))
            except DomainError as error:
                tell(error_text(error), good=False)
            except Exception:
                number = secrets.token_hex(4)
                log.exception('Handler %s failed, number %s', handler.__qualname__, number)
                text = _('Не получилось, мы уже знаем об этом. Номер для оператора: {number}')
                tell(text.format(number=number), good=False)

    return run


def one_at_a_time(handler: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
    """Wrap the handler of one button: a click while the one before it works is the same click, and does nothing."""
    works = False

    @functools.wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal works
        if works:
            return
        works = True
        try:
            await handler(*args, **kwargs)
        finally:
            works = False

    return run


def tell(text: str, *, good: bool = True) -> None:
    """Show a short message above the page; screen readers hear it."""
    ui.notify(
        text,
        type='positive' if good else 'negative',
        position='top',
        timeout=4000 if good else 9000,
        close_button=False if good else _('Понятно'),
        multi_line=True,
    )
