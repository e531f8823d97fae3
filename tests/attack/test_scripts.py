"""SECURITY §4.2: hostile words in every text of the database, and every page of every role in a real browser."""

import re
import sqlite3
from pathlib import Path

import pytest
from peewee import CharField, TextField

from models.tables import ALL
from tests.attack.scripts import CORPUS, URL
from tests.screens import PAGES, Shot, address_of, live_a_little, signed_in
from tests.server import running

HELD_BY_CODE = re.compile(
    r'(_hash|_key|_id|_version|_uid|_token|_svg|_last4)$|^(slug|code|login|number|kind|key|phone|mac|language|theme|'
    r'action|subject|purpose|currency|gateway|fingerprint|outcome|sha256|scheme|message_id|recipient|html|text_hash)$'
)
"""Columns the code itself fills or reads as words of its own: they never hold what a person typed."""
URLS = {'redirect_url', 'receipt_url'}


@pytest.fixture(scope='module')
def poisoned(tmp_path_factory, chromium):
    with running(tmp_path_factory.mktemp('poisoned'), DEMO_NO_PAGE_LIMITS='1') as server:
        live_a_little(chromium, server.url)
        with sqlite3.connect(Path(server.folder) / 'amigo.db', timeout=20) as db:
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f'DROP TRIGGER "{trigger}"')
            for table, column in texts():
                if column in URLS:
                    db.execute(f'UPDATE "{table}" SET "{column}" = ?', (URL,))  # noqa: S608 - names of our models
                else:  # the number keeps apart what must be unique
                    db.execute(f'UPDATE "{table}" SET "{column}" = ? || \' \' || id', (CORPUS,))  # noqa: S608
        yield server


def texts():
    """Every column that may hold words of a person, of whatever table there is."""
    return [
        (model._meta.table_name, field.column_name)
        for model in ALL
        for name, field in model._meta.fields.items()
        if type(field) in (CharField, TextField) and not HELD_BY_CODE.search(name)
    ]


@pytest.mark.parametrize('login', list(PAGES))
def test_x_words_stay_words_on_every_page(poisoned, chromium, login, attack):
    state = signed_in(chromium, poisoned.url, login) if login else None
    context = chromium.new_context(storage_state=state, locale='ru-RU')
    page = context.new_page()
    heard = []
    page.on('pageerror', lambda error: heard.append(str(error)))
    page.on('console', lambda said: heard.append(said.text) if is_trouble(said) else None)
    executed, shown = [], 0
    for shot in PAGES[login]:
        executed += look(page, poisoned.url, shot)
        shown += page.content().count('window.__x') > 0
    context.close()
    attack.tried(len(PAGES[login]) * len(CORPUS.split(' ')), executed=len(executed))

    assert executed == []
    assert heard == []
    assert shown >= len(PAGES[login]) // 4, 'the words were hardly ever shown'


def is_trouble(said):
    """Tell whether a browser had to stop something; a picture that is not there is none of it."""
    return 'Content Security Policy' in said.text or (said.type == 'error' and 'Failed to load' not in said.text)


def look(page, url, shot: Shot):
    """Return what ran, or would run at a click, on a page of the house."""
    address = address_of(page, url, shot)
    if address is None:
        return []
    answer = page.goto(url + address)
    if answer.status >= 500:
        return [(shot.name, answer.status)]  # NiceGUI refuses a page into which a script tag was pasted
    page.wait_for_load_state('networkidle')
    ran = page.evaluate('window.__x !== undefined')
    links = page.evaluate(
        "[...document.querySelectorAll('a[href],form[action]')].map(e => e.href || e.action)"
        '.filter(u => /^(javascript|data|vbscript):/i.test(u)).length'
    )
    made = page.evaluate("document.querySelectorAll('[data-hostile], x-hostile').length")
    return [(shot.name, ran, links, made)] if ran or links or made else []
