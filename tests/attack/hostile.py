"""What an attacker types into any field, and every address of the house with the fields it takes."""

from urllib.parse import quote_from_bytes

EMOJI = '🦊' * 20
TEXTS = {
    'empty': '',
    'spaces': '   \t ',
    'long': 'ы' * 10_000,
    'emoji': EMOJI,
    'controls': 'a\x01\x08\x1b[31m\x7f\u200f\u202e\u2028b',
    'nul': '1\x00',
    'html': '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    'sql': "' OR 1=1 --",
    'template': '{0.__class__} {{7*7}} %s %(x)s',
    'header': 'a\r\nSet-Cookie: x=y',
    'negative': '-1',
    'zero': '0',
    'big': str(2**63),
    'int32': str(2**31),
    'fraction': '1e309',
    'nan': 'NaN',
    'digits': '١٢٣٤',
    'superscript': '²',
    'far day': '9999-12-31',
    'first day': '0001-01-01',
    'no day': '2026-02-30',
    'path': '../../etc/passwd',
}
BYTES = {'surrogate': b'\xed\xa0\x80', 'half utf-8': b'\xd0', 'latin': b'\xff\xfe'}
ESCAPED = {name: quote_from_bytes(text.encode(), safe='') for name, text in TEXTS.items()} | {
    name: quote_from_bytes(raw, safe='') for name, raw in BYTES.items()
}
"""Each value as it stands in an address or in the body of a form."""

VALUES = {
    'none': None,
    'true': True,
    'dict': {'a': 1},
    'list': [1, 2],
    'empty list': [],
    'nan': float('nan'),
    'infinity': float('inf'),
    'float': 1.5,
    'negative': -1,
    'zero': 0,
    'int32': 2**31,
    'int64': 2**63,
    'googol': 10**100,
    'bytes': b'\x00\xff',
    'surrogate': '\ud800',
    **TEXTS,
}
"""Each value as a service may get it from a page that trusted its browser."""

FORMS = {
    '/auth/login': ('login', 'password', 'next', 'captcha_token', 'captcha'),
    '/auth/logout': (),
    '/auth/role': ('role',),
    '/language': ('language', 'next'),
    '/auth/password': ('old', 'new', 'again'),
    '/auth/sessions/end': ('session',),
    '/auth/sessions/end-others': (),
    '/my/recovery': ('number', 'email', 'captcha_token', 'captcha'),
    '/my/recovery/confirm': ('token', 'new', 'again'),
    '/my/first-login': ('new', 'again', 'email'),
    '/my/second-step': ('code', 'credential', 'next'),
    '/my/confirm': ('password', 'code', 'credential', 'then', 'next', 'phone'),
    '/auth/factor/app': (),
    '/auth/factor/app/confirm': ('code',),
    '/auth/factor/app/remove': (),
    '/auth/factor/codes': (),
    '/auth/passkey/question': (),
    '/auth/passkey/new': (),
    '/auth/passkey/add': ('name', 'credential'),
    '/auth/passkey/remove': ('passkey',),
    '/operator/factor-resets': ('known_as', 'reason'),
    '/operator/factor-resets/confirm': ('reset',),
    '/operator/factor-resets/decline': ('reset',),
    '/operator/usage/table': (),
    '/operator/usage/take': ('table',),
    '/my/contract': ('number', 'back'),
    '/my/promise': ('form_key', 'contract'),
    '/my/tariff': ('quote_id', 'form_key', 'to', 'when'),
    '/my/tariff/cancel': ('change_id',),
    '/my/services': ('quote_id', 'form_key', 'code'),
    '/my/services/disconnect': ('code', 'contract'),
    '/my/equipment': ('quote_id', 'form_key', 'office', 'take', 'way'),
    '/my/equipment/cancel': ('order_id', 'contract'),
    '/my/equipment/buy-out': ('quote_id', 'form_key', 'unit'),
    '/my/equipment/return': ('form_key', 'unit', 'office'),
    '/my/equipment/keep': ('return_id', 'contract'),
    '/my/suspension': ('quote_id', 'form_key', 'starts_on', 'days'),
    '/my/suspension/resume': ('quote_id', 'form_key'),
    '/my/termination': ('quote_id', 'form_key', 'last_day', 'reason', 'words', 'money', 'iban', 'target', 'contract'),
    '/my/termination/money': ('termination', 'money', 'iban', 'target', 'contract'),
    '/my/termination/withdraw': ('termination', 'contract'),
    '/my/profile/phone': ('phone',),
    '/my/profile/email': ('email', 'password', 'form_key'),
    '/my/profile/news': ('wanted',),
    '/my/profile/copy': (),
    '/my/profile/erasure': ('form_key',),
    '/my/profile/erasure/withdraw': (),
    '/my/access': ('name', 'email', 'level', 'until', 'form_key', 'contract'),
    '/my/access/change': ('grant', 'level', 'until', 'contract'),
    '/my/access/again': ('grant', 'contract'),
    '/my/access/end': ('grant', 'contract'),
    '/my/access/give-up': ('number',),
    '/my/access/accept': ('token',),
    '/my/access/accept/mine': ('token',),
    '/my/access/accept/new': ('token', 'name', 'new', 'again'),
    '/my/pay': ('amount', 'form_key', 'contract', 'card', 'keep'),
    '/my/pay/card': ('card', 'amount', 'form_key', 'contract'),
    '/my/pay/other': ('number', 'amount', 'form_key', 'contract'),
    '/my/cards/remove': ('card', 'contract'),
    '/my/cards/autopay': ('card', 'when', 'days', 'below', 'how', 'fixed', 'limit', 'agreed', 'contract'),
    '/my/cards/autopay/off': ('contract',),
    '/operator/registries': ('source', 'file'),
    '/hooks/bepaid': (),
    '/hooks/webpay': (),
    '/demo/clock': ('until', 'step', 'contract'),
    '/files/{purpose}': (),
    '/application/{token}': ('code',),
    '/application/{number}/visit': ('step', 'slot', 'key'),
    '/{region}/address/waiting': (
        'locality',
        'street',
        'house',
        'name',
        'phone',
        'email',
        'agreed',
        'token',
        'website',
    ),
    '/{region}/packets-constructor/application': (
        'last_name',
        'first_name',
        'patronymic',
        'phone',
        'email',
        'call_time',
        'locality',
        'street',
        'house',
        'entrance',
        'floor',
        'flat',
        'intercom',
        'comment',
        'promo',
        'consent',
        'marketing',
        'token',
        'price_seen',
        'package',
        'website',
        'step',
        'captcha',
        'captcha_token',
    ),
}
"""Every address that takes a form, and its fields."""

BY_HAND = {
    '/{region}/address/': ('town', 'street', 'house', 'package', 'x'),
    '/{region}/packets-constructor/': (
        'building',
        'tariff',
        'tv',
        'equipment',
        'addons',
        'kind',
        'promo',
        'house',
        'x',
    ),
    '/{region}/packets-constructor/application': ('tariff', 'tv', 'equipment', 'addons', 'kind', 'promo', 'house'),
}
"""Addresses that read their query themselves."""

KNOWN = {
    'region': 'minsk',
    'token': 'x' * 32,
    'number': '100001',
    'visit_id': '1',
    'document_id': '1',
    'purpose': 'chat',
    'file_id': 'x' * 32,
    'kind': 'json',
}
"""What stands in an address where another part of it is attacked."""


def owner_of(path):
    """Return who gets furthest on this address."""
    if path.startswith('/operator'):
        return 'olga'
    if path.startswith('/field'):
        return 'taras'
    if path.startswith(('/my', '/files', '/auth')):
        return '100001'
    return ''
