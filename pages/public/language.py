"""`POST /language`: the switch of the footer on pages that have one address for all languages."""

import re
from contextlib import suppress
from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from components.languages import keep
from components.redirect import LONGEST, see_other
from components.session import act_for, actor_of
from services.errors import DomainError
from services.i18n import available_languages
from services.identity.own_language import choose

_HERE = re.compile(r'/(?!/)[A-Za-z0-9/_-]*\Z')


def register(app: FastAPI) -> None:
    """Add the address that takes the choice."""
    app.add_api_route('/language', take_choice, methods=['POST'], include_in_schema=False)


async def take_choice(
    request: Request,
    language: Annotated[str, Form()] = '',
    next: Annotated[str, Form()] = '',  # noqa: A002 - the field's name in the form
) -> Response:
    """Remember the language in this browser, and in the account of a subscriber; go on where one was."""
    response = see_other(next if len(next) <= LONGEST and _HERE.match(next) else '/')
    if language not in dict(available_languages()):
        return response
    if actor_of(request) is not None:
        with suppress(DomainError):  # his session has just ended or is half-open: the browser remembers all the same
            await act_for(request, choose, language)
    return keep(response, language)
