"""PCI DSS: after a run with cards no number of a card stands in our database, logs, letters or pages (SAQ A)."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pay import CHALLENGE, DECLINED, OK, give_card, to_the_bank

PAGES = {
    '100001': ('/my/index', '/my/pay', '/my/history', '/my/profile', '/my/documents', '/my/security'),
    'olga': ('/operator/', '/operator/payments', '/operator/subscribers', '/operator/billing'),
    'ada': ('/operator/audit',),
}
NUMBER = re.compile(r'(?<![\w.])(?:\d{13,19}|\d{4}([ \u00a0-])\d{4}\1\d{4}\1\d{1,7})(?![\w.])')
CARD_FIELD = re.compile(r'cc-|card|\bpan\b|cvv|cvc|expir|holder', re.IGNORECASE)


def is_card(text):
    """Tell whether digits could be a card's: Luhn, and a first digit of a payment system."""
    digits = [int(each) for each in text if each.isdigit()]
    doubled = [d if k % 2 == 0 else sum(divmod(2 * d, 10)) for k, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and digits[0] in (2, 3, 4, 5, 6, 9) and sum(doubled) % 10 == 0


def cards_in(text):
    return [found[0] for found in NUMBER.finditer(text) if is_card(found[0])]


def texts_of(file):
    """Return every text and every blob of a SQLite database, with the place it stands at."""
    with sqlite3.connect(f'file:{file}?mode=ro', uri=True) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            cursor = db.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - names of our own tables
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        text = value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
                        yield f'{file.name}: {name}.{column}', text


@pytest.mark.parametrize(
    ('text', 'found'),
    [
        ('карта 4200000000000000.', True),
        ('4012 0000 0000 1097', True),
        ('5555-5555-5555-4444', True),
        ('4200000000000001', False),
        ('100001', False),
        ('375291234567', False),
        ('Visa •• 0000', False),
    ],
)
def test_a_card_is_known_when_it_is_seen(text, found):
    assert bool(cards_in(text.replace('.', ' '))) is found


def test_after_paying_no_card_number_is_anywhere(page, context, sign_in, base_url, server):
    sign_in(page, '100001')
    for amount, number in (('23', OK), ('24', CHALLENGE), ('25', DECLINED)):
        to_the_bank(page, base_url, amount)
        give_card(page, number)
        if number == CHALLENGE:
            page.locator('[name=code]').fill('1234')
            page.get_by_role('button', name='Подтвердить').click()
        if number != DECLINED:
            expect(page.get_by_text(f'Оплата {amount},00 р. получена')).to_be_visible()
    seen = {}
    for login, paths in PAGES.items():
        context.clear_cookies()
        sign_in(page, login)
        for path in paths:
            page.goto(base_url + path)
            page.wait_for_load_state('load')
            seen[path] = page.content()
            fields = page.eval_on_selector_all(
                'input, select, textarea',
                "all => all.map(i => [i.name, i.id, i.autocomplete, i.placeholder].join(' '))",
            )
            assert [each for each in fields if CARD_FIELD.search(each)] == [], path

    places = [*seen.items(), ('log', server.log.read_text(encoding='utf-8', errors='replace'))]
    files = sorted(server.folder.rglob('*.db'))
    for file in files:
        places += texts_of(file)
    letters = [path for path in server.folder.rglob('*') if path.suffix in {'.eml', '.txt', '.json'}]
    places += [(path.name, path.read_text(encoding='utf-8', errors='replace')) for path in letters]

    assert {'amigo.db', 'sandbox.db'} <= {file.name for file in files}
    assert {(place, found) for place, text in places for found in cards_in(text)} == set()
    assert any('Visa •• 0000' in text for text in seen.values())
