"""axe-core finds nothing against WCAG 2.2 A and AA: every page of every role, light and dark, phone and desktop."""

import itertools
from pathlib import Path

import pytest

from tests.screens import PAGES, address_of, live_a_little

AXE = Path(__file__).with_name('axe') / 'axe.min.js'
"""axe-core 4.12.1 (npm, MPL 2.0), as it is; its licence lies beside it."""
RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
WIDTHS = {360: 780, 1440: 900}
THEMES = ('light', 'dark')
LOOK = """async (rules) => {
  const found = await axe.run(document, {
    runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'], elementRef: false,
  });
  return {
    rules: axe.getRules(rules).length,
    violations: found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`),
  };
}"""
STILL = '*, ::before, ::after { transition: none !important; animation: none !important; }'
"""A colour on its way from one theme to the other is no colour of ours."""
DRAWN = '() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'
SPOILED = """() => {
  document.querySelector('h1').style.color = '#999';
  document.querySelector('.lead').append(document.createElement('input'), Object.assign(new Image(), { src: '/favicon.ico' }));
}"""
LEAST_RULES = 60
"""So many rules of these tags axe knows; fewer would mean that nothing was asked."""


@pytest.fixture(scope='module')
def lived_in(server, browser):
    """A house with an application, its letter and a talk, so that every page has its example."""
    live_a_little(browser, server.url)
    return server


@pytest.mark.timeout(1_500)
@pytest.mark.parametrize('login', PAGES)
def test_no_page_breaks_a_rule_of_wcag(lived_in, page, sign_in, base_url, complaints, login):
    complaints.expected += ['/my/pay/return', '/no-such-page']  # not found, and pages all the same
    if login:
        sign_in(page, login)
        page.get_by_role('button', name='Выйти', exact=True).first.wait_for(state='attached')
    broken = []
    for shot in PAGES[login]:
        address = address_of(page, base_url, shot)
        assert address, shot.name
        page.goto(base_url + address)
        page.wait_for_load_state('networkidle')
        for (width, height), theme in itertools.product(WIDTHS.items(), THEMES):
            page.set_viewport_size({'width': width, 'height': height})
            page.emulate_media(color_scheme=theme)
            broken += [f'{shot.name} at {width} {theme}: {line}' for line in look(page)]

    assert broken == []


def look(page):
    """Return what axe-core finds wrong with the page as it stands; its script is put in once a document."""
    if not page.evaluate('"axe" in window'):
        page.add_style_tag(content=STILL)
        page.evaluate(AXE.read_text(encoding='utf-8'))
    page.evaluate(DRAWN)
    found = page.evaluate(LOOK, RULES)
    assert found['rules'] >= LEAST_RULES
    return found['violations']


def test_the_eye_sees_what_is_wrong(page, base_url):
    page.goto(f'{base_url}/minsk/')
    page.evaluate(SPOILED)

    assert {line.partition(':')[0] for line in look(page)} >= {'label', 'image-alt', 'color-contrast'}
