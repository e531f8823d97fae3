"""The sign-in form of /my/index: a native form, painted, so it works before the socket is up and without scripts."""

from nicegui import context

from components.i18n import _
from components.redirect import safe_url
from components.shell import frame_for, paint


async def sign_in_form(*, next_page: str = '', ended: bool = False) -> None:
    """Draw the form into the page that is being built.

    Args:
        next_page: where the person wanted to go; only places of ours are kept.
        ended: tell him that his session is over.
    """
    request = context.client.request
    frame = await frame_for(request, title=_('Вход в личный кабинет'))
    facts = {'ended': ended, 'changed': 'changed' in request.query_params, 'next': safe_url(next_page, '')}
    paint('sign_in.html', frame=frame, login='', error='', challenge=None, **facts)
