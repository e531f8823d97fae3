"""/files/…: papers as PDF, each asked for by name and opened only for whom it concerns."""

from collections.abc import Callable
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request
from starlette.responses import Response

from components.session import act_for
from services.contracts import documents
from services.contracts.documents import Paper
from services.errors import NotAllowed, NotFound, SignInRequired


def register(app: FastAPI) -> None:
    """Add the addresses."""
    app.add_api_route('/files/document/{document_id}', document, methods=['GET'], include_in_schema=False)
    app.add_api_route('/files/contract/{number}', contract, methods=['GET'], include_in_schema=False)


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
    headers = {
        'Content-Disposition': disposition(paper.name),
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'private, no-store',
    }
    return Response(paper.pdf, media_type='application/pdf', headers=headers)


def disposition(name: str) -> str:
    """Return the header that names a file (RFC 6266): a plain name for old readers, the real one in UTF-8."""
    digits = ''.join(sign for sign in name if sign.isascii() and sign.isalnum()) or 'paper'
    return f'inline; filename="{digits.removesuffix("pdf")}.pdf"; filename*=UTF-8\'\'{quote(name, safe="")}'
