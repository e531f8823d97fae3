"""One file from a native form (multipart), read with a limit."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

FIELDS = 2


async def read_file(request: Request, name: str, *, most_bytes: int) -> bytes | None:
    """Return the content of the file with this name; None when it is too large, missing, or the form is not readable.

    What the header says about the length of the body is not believed.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return None

    async def whole() -> dict[str, Any]:
        return {'type': 'http.request', 'body': bytes(body), 'more_body': False}

    try:
        async with Request(request.scope, whole).form(max_files=1, max_fields=FIELDS) as form:
            file = form.get(name)
            return await file.read() if isinstance(file, UploadFile) else None
    except HTTPException:
        return None
