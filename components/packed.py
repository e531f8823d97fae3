"""What is the same for everybody goes out small: packed once and kept, so that packing costs a visitor nothing.

Only what holds no secret is packed: files of ours, and pages as a stranger sees them (a packed answer that mixes a
secret with what an attacker chose would tell its length).
"""

import gzip
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = 'public, max-age=31536000, immutable'
"""For an address that carries the fingerprint of what it leads to."""
FOR_A_WEEK = 'public, max-age=604800'
FOR_AN_HOUR = 'public, max-age=3600'
TEXT = ('text/', 'image/svg+xml', 'application/javascript', 'application/json', 'application/manifest+json')
"""Kinds of content that packing makes smaller."""
_GZIP = re.compile(r'(?:^|,)\s*gzip\s*(?!;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)', re.IGNORECASE)


class Assets(StaticFiles):
    """Our files: texts packed, an address with a fingerprint kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, as small as the browser takes it."""
        answer = await super().get_response(path, scope)
        if answer.status_code not in {200, 304}:
            return answer
        answer.headers['Cache-Control'] = _kept(path, scope)
        if not isinstance(answer, FileResponse) or not (answer.media_type or '').startswith(TEXT):
            return answer
        answer.headers['Vary'] = 'Accept-Encoding'
        if not takes_gzip(Headers(scope=scope)):
            return answer
        headers = {name: answer.headers[name] for name in ('etag', 'last-modified', 'cache-control', 'vary')}
        changed_at = answer.stat_result.st_mtime_ns if answer.stat_result else 0
        return _response(_file(str(answer.path), changed_at), answer.media_type, headers)


def _kept(path: str, scope: Scope) -> str:
    if scope['query_string'].startswith(b'v='):
        return FOR_EVER
    return FOR_A_WEEK if path.endswith('.woff2') else FOR_AN_HOUR


def page(html: str, asked: Headers, headers: Mapping[str, str]) -> Response:
    """Return a stranger's page, packed if his browser takes it; `headers` of the answer, with their Vary."""
    if not takes_gzip(asked):
        return HTMLResponse(html, headers=dict(headers))
    return _response(_text(html), 'text/html; charset=utf-8', headers)


def takes_gzip(asked: Headers) -> bool:
    """Tell whether the browser named gzip among what it can unpack."""
    return bool(_GZIP.search(asked.get('accept-encoding', '')))


def _response(packed: bytes, kind: str | None, headers: Mapping[str, str]) -> Response:
    return Response(packed, media_type=kind, headers={**headers, 'Content-Encoding': 'gzip'})


@lru_cache(maxsize=256)
def _file(path: str, _changed_at: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


@lru_cache(maxsize=256)
def _text(html: str) -> bytes:
    return gzip.compress(html.encode(), 6, mtime=0)
