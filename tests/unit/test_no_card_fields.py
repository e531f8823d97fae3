"""PCI DSS, SAQ A: no field of ours takes a card; only the sandbox's hosted page, which plays the bank, has them."""

import re

from tests.test_house_rules import ROOT

BANK = ROOT / 'services' / 'gateways' / 'sandbox'
FIELD = re.compile(
    r'autocomplete=[\'"]?cc-|name=[\'"]?(?:pan|cvv|cvc|card_?number|expiry)\b|[\'"]cc-(?:number|csc|exp)', re.IGNORECASE
)


def sources():
    for folder in ('components', 'pages', 'services', 'models'):
        for path in sorted((ROOT / folder).rglob('*')):
            if path.suffix in {'.py', '.html', '.js'} and 'vendor' not in path.parts and BANK not in path.parents:
                yield path


def test_no_field_of_ours_takes_a_card():
    assert [path.name for path in sources() if FIELD.search(path.read_text(encoding='utf-8'))] == []


def test_the_bank_has_them_so_the_search_finds_what_it_looks_for():
    assert FIELD.search('<input name="cvc">')
    assert "field('cvc'" in (BANK / 'templates' / 'hpp.html').read_text(encoding='utf-8')


def test_of_a_card_we_keep_four_digits_and_a_brand():
    text = (ROOT / 'models' / 'payment.py').read_text(encoding='utf-8')

    assert re.findall(r'card_\w+ = CharField\(max_length=(\d+)', text)[:2] == ['16', '4']
