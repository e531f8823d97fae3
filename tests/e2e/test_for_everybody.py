"""Pages for people who enlarge, and who have no mouse (docs/accessibility.md)."""

import pytest

from tests.screens import PAGES, address_of, live_a_little

ENLARGED = {'width': 720, 'height': 450}
"""A window of 1440 × 900 at 200 %."""
PHONE = {'width': 360, 'height': 780}
LARGE_TEXT = "document.documentElement.style.fontSize = '200%'"
FACTS = """() => ({
  mains: document.querySelectorAll('main, [role="main"]').length,
  headings: document.querySelectorAll('h1').length,
  wider: Math.max(0, document.documentElement.scrollWidth - window.innerWidth - 1), // a pixel is rounding
})"""
SOUND = {'mains': 1, 'headings': 1, 'wider': 0}

STOPS = """() => {
  const look = (element) => {
    const found = [];
    for (let each = element, step = 0; each && step < 4; each = each.parentElement, step += 1) {
      for (const part of [null, '::before', '::after']) {
        const style = getComputedStyle(each, part);
        const line = style.outlineStyle === 'none' ? '' : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
        found.push([line, style.boxShadow, style.borderTopColor, style.borderTopWidth, style.backgroundColor, style.opacity].join());
      }
    }
    return found.join(';');
  };
  window.lookOf = look;
  window.looks = new Map([...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .map((element) => [element, look(element)]));
}"""
STOP = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const number = element.dataset.stop ?? (element.dataset.stop = String(window.stops = (window.stops ?? 0) + 1));
  return {
    number: Number(number),
    name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.innerText ?? element.name}`.slice(0, 60),
    isSeen: window.looks.get(element) !== window.lookOf(element),
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
MOST_STOPS = 150
BY_KEYS = {
    '': ('/minsk/', '/minsk/packets-constructor/', '/minsk/packets-constructor/application', '/my/recovery'),
    '100001': ('/my/index', '/my/tariff', '/my/profile', '/my/security', '/my/chat'),
    'olga': ('/operator/', '/operator/visits', '/operator/data-requests', '/operator/chats/100001'),
    'taras': ('/field/',),
}


@pytest.fixture(scope='module')
def lived_in(server, browser):
    """A house with an application, its letter and a talk, so that every page has its example."""
    live_a_little(browser, server.url)
    return server


def enter(page, sign_in, login):
    """Sign in, or stay a stranger."""
    if login:
        sign_in(page, login)
        page.get_by_role('button', name='Выйти', exact=True).first.wait_for(state='attached')


@pytest.mark.parametrize('login', PAGES)
def test_every_page_has_one_main_and_one_heading_and_fits_when_enlarged(
    lived_in, page, sign_in, base_url, complaints, login
):
    complaints.expected += ['/my/pay/return', '/no-such-page']  # not found, and pages all the same
    enter(page, sign_in, login)
    wrong = {}
    for shot in PAGES[login]:
        address = address_of(page, base_url, shot)
        assert address, shot.name
        page.set_viewport_size(ENLARGED)
        page.goto(base_url + address)
        page.wait_for_load_state('networkidle')
        at_200_percent = page.evaluate(FACTS)
        page.set_viewport_size(PHONE)
        page.evaluate(LARGE_TEXT)
        with_large_text = page.evaluate(FACTS)
        if not at_200_percent == with_large_text == SOUND:
            wrong[shot.name] = (at_200_percent, with_large_text)

    assert wrong == {}


@pytest.mark.parametrize('login', BY_KEYS)
def test_the_tab_key_leads_through_a_page_and_one_sees_where_one_is(lived_in, page, sign_in, base_url, login):
    enter(page, sign_in, login)
    page.set_viewport_size({'width': 1440, 'height': 900})
    for path in BY_KEYS[login]:
        page.goto(base_url + path)
        page.wait_for_load_state('networkidle')
        stops = walk(page)

        assert stops[0]['name'] == 'A К содержанию', path
        assert [stop['name'] for stop in stops if not (stop['isSeen'] and stop['isInView'])] == [], path
        assert 5 < len(stops) < MOST_STOPS, path


def walk(page):
    """Press Tab until the page is over; returns where the focus was. A trap would end in MOST_STOPS."""
    page.evaluate(STOPS)
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press('Tab')
        stop = page.evaluate(STOP)
        if stop is None or (stops and stop['number'] == 1):
            break
        stops.append(stop)
    return stops
