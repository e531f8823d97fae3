"""POST /files/{purpose}: the one way in for files. The body is the file itself, read in pieces, cut off at the limit.

`X-File-Name` is its name, percent-encoded; `X-File-For` what it belongs to: the number of a contract, or of a visit.
"""

import asyncio
from collections import Counter
from typing import BinaryIO
from urllib.parse import unquote

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from components.guard.gate import is_ours
from components.i18n import error_text
from components.session import act_for, act_outside, actor_of
from services.errors import N_, DomainError, SignInRequired
from services.files import store, uploads
from services.files.rules import RULES, Place

MEGABYTE = 1_000_000
_in_flight: Counter[str] = Counter()


class Crowded(DomainError):
    """The session uploads as many files at once as it may."""

    message = N_('Дождитесь, пока загрузятся другие фото.')
    status = 429


class Unfinished(DomainError):
    """The file did not come whole in time."""

    message = N_('Фото не дошло. Проверьте связь и попробуйте ещё раз.')
    status = 408


def register(app: FastAPI) -> None:
    """Add the address."""
    app.add_api_route('/files/{purpose}', upload, methods=['POST'], include_in_schema=False)


async def upload(request: Request, purpose: str) -> Response:
    """Answer 201 with the id of a kept picture, or a sentence about what to do; then nothing was kept."""
    if not is_ours(request.headers.get('origin'), request.headers):
        return JSONResponse({'error': 'Origin'}, status_code=403)
    try:
        kept = await _kept(request, purpose)
    except DomainError as refusal:
        # A body that nobody reads to its end must not come in as the next request.
        headers = {'Connection': 'close'}
        return JSONResponse({'error': error_text(refusal)}, status_code=refusal.status, headers=headers)
    return JSONResponse({'id': kept.id, 'name': kept.name}, status_code=201)


async def _kept(request: Request, purpose: str) -> uploads.FileView:
    actor = actor_of(request)
    if actor is None:
        raise SignInRequired
    if _in_flight[actor.session_hash] >= RULES.tries.at_once:
        raise Crowded
    _in_flight[actor.session_hash] += 1
    try:
        target = unquote(request.headers.get('x-file-for', ''))
        place = await act_for(request, uploads.begin, purpose, target)
        with store.room(), store.spool() as file:
            await _receive(request, file, place)
            name = unquote(request.headers.get('x-file-name', ''), errors='ignore')
            return await act_outside(request, uploads.keep, purpose, target, name, file)
    finally:
        _in_flight[actor.session_hash] -= 1
        if not _in_flight[actor.session_hash]:
            del _in_flight[actor.session_hash]


async def _receive(request: Request, file: BinaryIO, place: Place) -> None:
    """Write the body to the disk; what the header says about its length can only make the answer come sooner."""
    told = request.headers.get('content-length', '')
    too_large = uploads.TooLarge(megabytes=place.most_bytes // MEGABYTE)
    if told.isdigit() and int(told[:16]) > place.most_bytes:
        raise too_large
    size = 0
    try:
        async with asyncio.timeout(RULES.tries.seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > place.most_bytes:
                    raise too_large
                file.write(chunk)
    except (TimeoutError, ClientDisconnect) as error:
        raise Unfinished from error
