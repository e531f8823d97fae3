"""Подтвердите, что это вы: a form that came too late is kept while the password is asked, and then sent once more."""

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from components.hosts import is_on_staff_host
from components.i18n import _
from components.redirect import CONFIRM, SIGN_IN, again, safe_url, see_other
from components.session import act_for
from components.shell import frame_for
from components.templating import render
from services import field_rules
from services.errors import DomainError
from services.identity import confirming, passkeys
from services.identity.second_step import Asked

CARRIED = {
    '/my/profile/phone': ('phone',),
    '/my/profile/email': ('email', 'form_key'),
    '/my/profile/copy': (),
    '/my/termination': ('quote_id', 'form_key', 'last_day', 'reason', 'words', 'money', 'iban', 'target', 'contract'),
    '/my/access': ('name', 'email', 'level', 'until', 'form_key', 'contract'),
    '/my/access/change': ('grant', 'level', 'until', 'contract'),
    '/my/access/again': ('grant', 'contract'),
    '/auth/factor/app': (),
    '/auth/factor/app/remove': (),
    '/auth/factor/codes': (),
    '/auth/passkey/remove': ('passkey',),
    '/operator/factor-resets': ('known_as', 'reason'),
    '/operator/factor-resets/confirm': ('reset',),
}
"""Forms that wait for the confirmation, with what of them is kept. Passwords never are: they are typed anew."""
LONGEST = field_rules.most('live_field')


async def ask_to_confirm(request: Request, *, back: str) -> Response:
    """Answer a form whose service raised `StepUpRequired`: the same form goes on after the password, or `back` opens.

    Args:
        back: page to go to when this form is none of those that can wait.
    """
    then = request.url.path
    if then not in CARRIED:
        return see_other(f'{CONFIRM}?next={quote(back, safe="")}')
    return await confirm_form(request, await request.form(), then=then, next_page=back)


async def confirm_form(
    request: Request,
    form: FormData,
    *,
    then: str,
    next_page: str,
    errors: dict[str, str] | None = None,
    problem: str = '',
    status: int = 200,
) -> Response:
    """Draw the form as a page of its own, with what waits for it in hidden fields."""
    try:
        asked = await act_for(request, confirming.asked)
    except DomainError:
        return see_other(SIGN_IN)
    page = render(
        'confirm_page.html',
        frame=await frame_for(request, title=_('Подтвердите, что это вы')),
        **confirm_facts(request, asked, next_page=next_page, then=then),
        kept=[(name, str(form.get(name, ''))[:LONGEST]) for name in CARRIED.get(then, ())],
        errors=errors or {},
        problem=problem,
    )
    return HTMLResponse(page, status_code=status)


def confirm_facts(request: HTTPConnection, asked: Asked, *, next_page: str, then: str = '') -> dict[str, object]:
    """Return what the form shows: which factors it takes, and where it leads."""
    origin = passkeys.origin(as_staff=is_on_staff_host(request.scope))
    return {'asked': asked, 'origin': origin, 'next': safe_url(next_page, ''), 'then': then}


def go_on(then: str, next_page: str, home: str) -> Response:
    """Lead on after the confirmation: send the waiting form once more (307 keeps its fields), or open a page."""
    if then in CARRIED:
        return again(then)
    return see_other(safe_url(next_page, home))
