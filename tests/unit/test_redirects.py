"""Where a browser may be sent: `safe_url` and its neighbours, and that nothing goes past them."""

import ast
import re
from pathlib import Path

import pytest

from components import redirect
from components.redirect import safe_url, see_bank, see_other
from components.templating import environment
from services.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = [path for folder in ('pages', 'components') for path in sorted((ROOT / folder).rglob('*.py'))]
TEMPLATES = sorted((ROOT / 'components/templates').glob('*.html'))
EVIL = (
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'https:evil.example',
    'ftp://evil.example',
    'https://bank.example@evil.example',
    'https://evil.example\\@bank.example',
    'https://bank.example.evil.example',
    'https://evil.example/ https://bank.example',
    '',
)
OURS = {
    'home': 'frame.region_url(…)',
    'constructor': 'a page of the region',
    'contacts': 'a page of the region',
    'link': 'an address of ours, by the page that tells',
    'back': 'an address of ours, by the page it leads back to',
    'action': 'an address of ours, by the page with the form',
    'waiting.action': 'an address of ours, by the page with the form',
    'place_words.waiting': 'a page of the region',
    'place_words.without': 'a page of the region',
    'brand_logo()': 'an address of ours with the version of the mark',
    'brand_colours()': 'an address of ours with the version of the colours',
    "brand_logo() or asset('img/favicon.svg')": 'either of ours',
    'address': 'an address of ours in a list of the template',
    'refresh_url': 'an address of ours, by pages/entry/captcha.py',
    'frame.person.home': 'HOMES of components/frame.py',
    'frame.canonical': 'the public address and a path of ours',
    'frame.site': 'the public address',
    'desk.demo_page': 'the bank of the demo, by services/payments/payment_gateways.py',
    'step.address': 'an address of ours, by the page of the visit',
    "'/auth/logout' if session.is_this else '/auth/sessions/end'": 'two constants',
    "'/my/termination' if view.is_own else '/my/chat'": 'two constants',
}
"""Addresses in templates that no data can choose: what stands there is written in the code."""


def test_a_page_of_ours_is_kept():
    assert safe_url('/my/tariff?to=I-200&when=now', '/x') == '/my/tariff?to=I-200&when=now'
    assert safe_url('/my/tariff?to=' + 'I' * 2000, '/x') == '/x'
    assert safe_url(None, '/x') == '/x'


@pytest.mark.parametrize('address', EVIL)
def test_no_other_address_is(address):
    assert safe_url(address, '/x') == '/x'
    assert safe_url(address, '/x', hosts=frozenset({'bank.example'})) == '/x'


@pytest.mark.parametrize('address', [each for each in EVIL if not re.fullmatch(r'https://[a-z.]+', each)])
def test_a_link_runs_no_script_and_hides_no_host(address):
    assert safe_url(address, '#', is_link=True) == '#'


@pytest.mark.parametrize(
    'address', ['https://t.me/amigo_by', 'http://a.by:80/x?y=%20#z', '/my/pay?amount=5', '/minsk/']
)
def test_a_link_may_lead_to_any_site(address):
    assert safe_url(address, '#', is_link=True) == address


def test_the_filter_of_templates_is_the_same():
    page = environment('ru').from_string('<a href="{{ url | safe_url }}">')

    assert page.render(url='javascript:alert(1)') == '<a href="#">'
    assert page.render(url='https://t.me/x') == '<a href="https://t.me/x">'


@pytest.mark.parametrize('address', [each for each in EVIL if each])
def test_a_redirect_of_ours_never_leads_elsewhere(address):
    with pytest.raises(ValueError, match='another site'):
        see_other(address)


@pytest.mark.parametrize(
    ('address', 'goes_to'),
    [
        ('https://checkout.example/v2/checkout?token=1', 'https://checkout.example/v2/checkout?token=1'),
        ('https://checkout.example.evil.example/', '/my/pay/return?p=1'),
        ('https://evil.example/', '/my/pay/return?p=1'),
        ('', '/my/pay/return?p=1'),
    ],
)
def test_the_bank_is_the_only_other_site(monkeypatch, address, goes_to):
    bank = Settings.model_construct(bepaid_checkout_url='https://checkout.example', public_url='https://amigo.by')
    monkeypatch.setattr(redirect, 'get_settings', lambda: bank)

    assert see_bank(address, '/my/pay/return?p=1').headers['location'] == goes_to


def calls(path):
    return [node for node in ast.walk(ast.parse(path.read_text('utf-8'))) if isinstance(node, ast.Call)]


def is_known(argument):
    """Tell whether no data chooses the address: a constant, a NAME, text that begins as a path, or checked."""
    if isinstance(argument, ast.JoinedStr):
        first = argument.values[0]
        return isinstance(first, ast.Constant) and re.match(r'/[a-z]', first.value) is not None
    if isinstance(argument, ast.Call):
        return ast.unparse(argument.func) == 'safe_url'
    return isinstance(argument, ast.Constant) or (isinstance(argument, ast.Name) and argument.id.isupper())


def test_nobody_is_sent_to_what_data_says():
    wrong = [
        f'{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}'
        for path in CODE
        for call in calls(path)
        if re.fullmatch(r'ui\.(navigate(\.history)?\.\w+|link|download(\.\w+)?)', ast.unparse(call.func))
        and not all(is_known(argument) for argument in call.args[-1:])
    ]

    assert wrong == []


def test_redirects_are_made_in_one_place():
    wrong = [
        f'{path.relative_to(ROOT)}:{call.lineno}'
        for path in CODE
        for call in calls(path)
        if ast.unparse(call.func).endswith('RedirectResponse') and path.name != 'redirect.py'
    ]
    headers = [
        str(path.relative_to(ROOT))
        for path in CODE
        if path.name != 'redirect.py'
        and re.search(r"""['"](location|refresh)['"]""", path.read_text('utf-8'), re.IGNORECASE)
    ]

    assert wrong == []
    assert headers == []


def test_links_from_data_are_checked():
    known = re.compile(r'(bare_)?asset\(|frame\.(region|language)_url\(|address\(')
    written = [
        (path.name, found)
        for path in TEMPLATES
        for found in re.findall(
            r'\b(?:href|src|action|formaction|poster|data)="\{\{ (.+?) \}\}', path.read_text('utf-8')
        )
    ]
    wrong = [
        (name, found)
        for name, found in written
        if found not in OURS and not found.endswith('| safe_url') and not known.match(found)
    ]

    assert wrong == []
    assert set(OURS) <= {found for _name, found in written}
