"""What the cards of the second factor show: on the security page, and where an employee sets up his first."""

from starlette.requests import Request

from components.hosts import is_on_staff_host
from components.i18n import _
from components.qr import qr
from components.session import act_for
from services.identity import factors, passkeys, step_up, totp


async def factor_facts(request: Request) -> dict[str, object]:
    """Return the state of the actor's factors, and the secret that waits for its first code, if any.

    Raises:
        DomainError: the session is over, or owes something else.
    """
    try:
        waiting = await act_for(request, totp.setup)
    except step_up.StepUpRequired:
        waiting = None
    return {
        'factors': await act_for(request, factors.own),
        'keys': await act_for(request, passkeys.list_own),
        'origin': passkeys.origin(as_staff=is_on_staff_host(request.scope)),
        'setup': waiting,
        'picture': qr(waiting.uri, label=_('QR-код для приложения')) if waiting else '',
        'code_error': '',
        'key_error': '',
        'key_name': '',
        'factor_problem': '',
    }
