"""What a visit leaves: nothing with other hosts, nothing in the browser once one has signed out."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.screens import PAGES

KEPT = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie,
  caches: await caches.keys(), databases: (await indexedDB.databases()).map(one => one.name),
})"""
ELSEWHERE = ('first-login', 'second-step', 'pay/return')
"""Pages that show something on the way only."""
ANNA = ('100001', 'Анна', 'Примерова', 'anna@', '+375', 'amigo-demo-2026')


def everywhere(page, base_url, login):
    """Walk through the pages of a person that need no example."""
    for shot in PAGES[login]:
        if '{' not in shot.address and not shot.address.endswith(ELSEWHERE):
            page.goto(base_url + shot.address)
            page.wait_for_load_state('load')


@pytest.mark.parametrize('login', ['100001', 'olga'])
def test_a_browser_speaks_to_nobody_else_and_keeps_nothing(page, context, sign_in, base_url, login):
    asked = []
    page.on('request', lambda request: asked.append(request.url))
    page.on('websocket', lambda wire: asked.append(wire.url))
    sign_in(page, login)
    everywhere(page, base_url, login)
    page.get_by_role('button', name='Выйти').first.click()
    expect(page.get_by_label('Пароль')).to_be_visible()

    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(('data:', 'blob:'))}
    assert hosts == {urlsplit(base_url).netloc}
    assert any('/_nicegui_ws/' in url for url in asked)
    kept = page.evaluate(KEPT)
    assert [word for word in ANNA if word in kept] == []
    assert '"caches":[]' in kept.replace(' ', '')
    assert '"databases":[]' in kept.replace(' ', '')
    assert not any(cookie['name'].endswith('sid') and cookie['value'] for cookie in context.cookies())


def test_after_signing_out_no_tab_shows_what_it_showed(context, sign_in, base_url):
    stays, leaves = context.new_page(), context.new_page()
    sign_in(stays, '100001')
    stays.goto(f'{base_url}/my/profile')
    expect(stays.get_by_role('main')).to_contain_text('45,10')
    leaves.goto(f'{base_url}/my/profile')
    leaves.get_by_role('button', name='Выйти').click()

    for tab in (leaves, stays):
        expect(tab.get_by_label('Пароль')).to_be_visible()
        assert '45,10' not in tab.content()
    leaves.go_back()
    expect(leaves.get_by_label('Пароль')).to_be_visible()
    assert '45,10' not in leaves.content()
