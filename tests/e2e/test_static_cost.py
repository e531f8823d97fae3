"""What a public page costs a visitor: few bytes, all of them from us; and it can be hit with a finger."""

import pytest
from playwright.sync_api import expect

MOST_BYTES = 60_000
STATIC = ('/minsk/', '/minsk/tarify/', '/minsk/kontakti/', '/offer', '/privacy', '/regions')
SMALL = """() => [...document.querySelectorAll('a[href], button, summary, input, select, textarea')]
  .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && !one.closest('.skip, .prose, p.lead, p.small, .footer__legal, dd'))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < 43.5 && getComputedStyle(one).display !== 'inline')
  .map(([one, box]) => `${one.tagName} ${one.textContent.trim().slice(0, 30)}: ${box.height}`)"""


@pytest.mark.parametrize('path', STATIC)
def test_a_static_page_with_its_styles_and_fonts_is_small_and_asks_nobody_else(page, context, base_url, path):
    asked, weights = [], []
    page.on('request', lambda request: asked.append(request.url))
    network = context.new_cdp_session(page)
    network.send('Network.enable')
    network.on('Network.loadingFinished', lambda told: weights.append(told['encodedDataLength']))

    page.goto(base_url + path)
    page.wait_for_load_state('networkidle')

    assert [url for url in asked if not url.startswith((f'{base_url}/', 'data:'))] == []
    assert len(weights) >= 5
    assert sum(weights) <= MOST_BYTES, f'{sum(weights)} bytes in {len(weights)} answers'


def test_what_has_a_fingerprint_is_kept_for_ever(page, base_url):
    page.goto(f'{base_url}/minsk/')

    for kind in ('link[rel="stylesheet"]', 'link[rel="icon"]'):
        answer = page.request.get(base_url + page.locator(kind).first.get_attribute('href'))
        assert answer.headers['cache-control'] == 'public, max-age=31536000, immutable'


@pytest.mark.parametrize('path', STATIC)
def test_everything_to_press_is_large_enough_on_a_phone(page, base_url, path):
    page.set_viewport_size({'width': 360, 'height': 780})
    page.goto(base_url + path)
    expect(page.get_by_role('heading', level=1)).to_be_visible()

    assert page.evaluate(SMALL) == []


def test_the_constructor_is_for_indexes_and_the_door_is_not(page, base_url):
    page.goto(f'{base_url}/minsk/packets-constructor/?internet=I-100')
    expect(page.locator('link[rel="canonical"]')).to_have_attribute('href', f'{base_url}/minsk/packets-constructor/')
    expect(page.locator('meta[name="robots"]')).to_have_count(0)

    page.goto(f'{base_url}/my/index')
    expect(page.locator('meta[name="robots"]')).to_have_attribute('content', 'noindex')
