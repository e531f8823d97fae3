"""Headers of what is downloaded: a name by RFC 6266, no guessing of types, nothing that runs, nothing that is kept."""

from urllib.parse import quote

from starlette.requests import Request

SHOWN_IN = {'', 'document', 'image', 'empty'}
"""What a browser may want a picture for; as a script, a style or a frame it gets none."""
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""The style is the browser's own: with it, it centres a picture that is opened alone."""


def disposition(name: str, *, inline: bool = False) -> str:
    """Return the header that names a file: a plain name for old readers, the real one in UTF-8.

    Args:
        inline: show it in the browser instead of saving it.
    """
    stem, dot, ending = name.rpartition('.')
    plain = ''.join(sign for sign in (stem if dot else name) if sign.isascii() and sign.isalnum()) or 'file'
    ending = ''.join(sign for sign in ending if sign.isascii() and sign.isalnum()) if dot else ''
    fallback = f'{plain}.{ending}' if ending else plain
    how = 'inline' if inline else 'attachment'
    return f'{how}; filename="{fallback}"; filename*=UTF-8\'\'{quote(name, safe="")}'


def private_headers(name: str, *, inline: bool = False) -> dict[str, str]:
    """Return what every file of a person carries."""
    return {
        'Content-Disposition': disposition(name, inline=inline),
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'private, no-store',
        'Cross-Origin-Resource-Policy': 'same-origin',
    }


def is_wanted_to_be_seen(request: Request) -> bool:
    """Tell whether the browser asks for a picture as a picture, and from our own pages or the address bar."""
    site = request.headers.get('sec-fetch-site', 'none')
    return request.headers.get('sec-fetch-dest', '') in SHOWN_IN and site in {'none', 'same-origin'}
