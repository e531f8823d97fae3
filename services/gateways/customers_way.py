"""Where a customer may be sent from here: the gateway's own page, and nowhere else."""

from urllib.parse import urlsplit


def may_send_to(url: str, *, scheme: str, hosts: frozenset[str]) -> bool:
    """Whether an address has this scheme and a listed `host` or `host:port`, no name and password before it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    place = f'{host}:{port}' if port else host
    clean = '\\' not in url and url.isprintable() and ' ' not in url
    return clean and parts.scheme == scheme and '@' not in parts.netloc and place in hosts
