"""What a place of the cabinet asks of whoever comes to somebody's contract; pages and navigation read it here."""

from models.access import Access

_NEEDS: dict[str, Access | None] = {
    '/my/index': None,
    '/my/tariff': Access.MANAGE,
    '/my/services': Access.SEE,
    '/my/equipment': Access.SEE,
    '/my/suspension': Access.MANAGE,
    '/my/pay': Access.PAY,
    '/my/pay/erip': Access.PAY,
    '/my/pay/other': Access.PAY,
    '/my/pay/return': Access.PAY,
    '/my/history': Access.SEE,
    '/my/usage': Access.SEE,
    '/my/documents': Access.SEE,
    '/my/chat': Access.MANAGE,
}
"""None: open without any contract. A place that is not named here is for the owner."""
_KEPT = {
    '/my/tariff',
    '/my/services',
    '/my/equipment',
    '/my/suspension',
    '/my/pay',
    '/my/cards',
    '/my/history',
    '/my/usage',
    '/my/documents',
    '/my/profile',
    '/my/security',
    '/my/access',
    '/my/termination',
    '/my/chat',
}
"""Where one stays when another contract is chosen; other addresses are about one contract only."""
OWN = '/my/security'
"""One's own sign-in, whatever contract is chosen: this address and all below it."""


def is_open(path: str, access: str | None) -> bool:
    """Tell whether somebody with this access (None: no contract is open to him) may come to a place."""
    if path == OWN or path.startswith(f'{OWN}/'):
        return True
    need = _NEEDS.get(path, Access.OWNER)
    return need is None or (access is not None and Access(access).allows(need))


def kept_place(path: str, access: Access) -> str:
    """Return where a person lands who chose another contract on this page: there again, or on the first page."""
    return path if path in _KEPT and is_open(path, access) else '/my/index'
