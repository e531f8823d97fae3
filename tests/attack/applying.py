"""An application sent as a browser without scripts sends it."""

import re

import httpx

PATH = '/minsk/packets-constructor/application'
PHONE = '+375 29 100-03-01'
DIGITS = '0301'


def apply(url, **headers):
    """Send an application; returns the browser that did and the answer, which leads to the page that confirms it."""
    browser = httpx.Client(base_url=url, timeout=10, headers=headers)
    drawn = browser.get(f'{PATH}?internet=I-100').text
    hidden = dict(re.findall(r'<input type="hidden" name="(package|token|price_seen)" value="([^"]*)"', drawn))
    typed = {'last_name': 'Лесная', 'first_name': 'Мария', 'phone': PHONE, 'email': 'maria@example.by'}
    place = {'locality': 'Минск', 'street': 'ул. Учебная', 'house': '4', 'flat': '7'}
    answer = browser.post(PATH, data={**hidden, **typed, **place})
    assert answer.status_code == 303, answer.text
    return browser, answer
