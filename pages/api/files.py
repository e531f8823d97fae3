"""/files/…: papers as PDF and uploaded pictures, each opened only for whom it concerns."""

from collections.abc import Callable

from fastapi import FastAPI, HTTPException, Request
from starlette.responses import FileResponse, Response

from components.download import SANDBOX, is_wanted_to_be_seen, private_headers
from components.session import act_for
from services.contracts import documents
from services.contracts.documents import Paper
from services.errors import NotAllowed, NotFound, SignInRequired
from services.files import downloads


def register(app: FastAPI) -> None:
    """Add the addresses."""
    app.add_api_route('/files/document/{document_id}', document, methods=['GET'], include_in_schema=False)
    app.add_api_route('/files/contract/{number}', contract, methods=['GET'], include_in_schema=False)
    app.add_api_route('/files/{file_id}', picture, methods=['GET'], include_in_schema=False)
    app.add_api_route('/files/{file_id}/small', preview, methods=['GET'], include_in_schema=False)


async def document(request: Request, document_id: str) -> Response:
    """Answer a kept paper; for a stranger and for an unknown number alike 404."""
    is_number = document_id.isascii() and document_id.isdigit() and len(document_id) < 10
    return await _paper(request, documents.open_document, int(document_id) if is_number else 0)


async def contract(request: Request, number: str) -> Response:
    """Answer the contract in two copies to be printed, for staff."""
    return await _paper(request, documents.print_contract, number)


async def _paper(request: Request, service: Callable[..., Paper], wanted: int | str) -> Response:
    try:
        paper = await act_for(request, service, wanted)
    except (NotFound, NotAllowed, SignInRequired) as refusal:
        raise HTTPException(404) from refusal
    return Response(paper.pdf, media_type='application/pdf', headers=private_headers(paper.name, inline=True))


async def picture(request: Request, file_id: str) -> Response:
    """Answer an uploaded picture; for a stranger and for an unknown id alike 404."""
    return await _picture(request, file_id, small=False)


async def preview(request: Request, file_id: str) -> Response:
    """Answer the small form of it."""
    return await _picture(request, file_id, small=True)


async def _picture(request: Request, file_id: str, *, small: bool) -> Response:
    """Stream it from the disk. We encoded it ourselves, and still it may do nothing in a browser but be seen."""
    if not is_wanted_to_be_seen(request):
        raise HTTPException(403)
    try:
        found = await act_for(request, downloads.open_file, file_id, small=small)
    except (NotFound, NotAllowed, SignInRequired) as refusal:
        raise HTTPException(404) from refusal
    headers = {**private_headers(found.name, inline=True), 'Content-Security-Policy': SANDBOX}
    return FileResponse(found.path, media_type=found.media_type, headers=headers)
