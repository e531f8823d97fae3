"""Another provider installs the product: his name, colours, mark, words, messengers and a map, by settings alone."""

import pytest
from playwright.sync_api import expect

from tests.server import running

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#0b5fa5"/></svg>'
)
TILES = '/assets/img/icon-192.png?{z}-{x}-{y}'
"""A map drawn by ourselves: no test asks another host."""


@pytest.fixture(scope='module')
def server(base_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp('server')
    (folder / 'logo.svg').write_text(LOGO)
    chosen = {
        'COMPANY_NAME': 'Полесье Линк',
        'COMPANY_RED': '#5b2a86',
        'COMPANY_GREEN': '#0b5fa5',
        'COMPANY_LOGO': str(folder / 'logo.svg'),
        'COMPANY_LEAD': 'Интернет, который чинят в тот же день.',
        'COMPANY_MESSENGERS': 'Telegram=https://t.me/polesie_link',
        'MAP_TILES': TILES,
    }
    with running(folder, PORT=base_url.rpartition(':')[2], **chosen) as server:
        yield server


def colour(link):
    return link.evaluate('(one) => getComputedStyle(one).backgroundColor')


def test_the_site_wears_his_name_colours_mark_and_words(page, base_url):
    page.emulate_media(color_scheme='light')
    page.goto(f'{base_url}/minsk/')
    header = page.get_by_role('banner')

    expect(header.get_by_role('link', name='Полесье Линк')).to_be_visible()
    expect(page.get_by_text('Интернет, который чинят в тот же день.')).to_be_visible()
    assert colour(header.get_by_role('link', name='Подключиться')) == 'rgb(11, 95, 165)'
    assert colour(header.get_by_role('link', name='Личный кабинет')) == 'rgb(91, 42, 134)'
    assert header.locator('img').evaluate('(one) => one.complete && one.naturalWidth > 0')


def test_live_pages_wear_them_too(page, base_url):
    page.emulate_media(color_scheme='light')
    page.goto(f'{base_url}/my/index')

    expect(page.get_by_role('banner').get_by_role('link', name='Полесье Линк')).to_be_visible()
    expect(page.get_by_role('button', name='Войти')).to_have_css('background-color', 'rgb(11, 95, 165)')


def test_the_map_is_fetched_when_somebody_asks_for_it_and_not_before(page, base_url):
    asked = []
    page.on('request', lambda request: asked.append(request.url.removeprefix(base_url)))
    page.goto(f'{base_url}/minsk/kontakti/')
    expect(page.get_by_role('link', name='Telegram').first).to_have_attribute('href', 'https://t.me/polesie_link')
    page.wait_for_load_state('networkidle')
    assert [url for url in asked if 'leaflet' in url or 'icon-192' in url] == []

    page.get_by_role('button', name='Показать карту').first.click()

    place = page.get_by_role('region', name='Карта: ул. Демонстрационная, 1')
    expect(place).to_be_focused()
    expect(place.get_by_role('button', name='Ближе')).to_be_visible()
    expect(place.get_by_text('© OpenStreetMap')).to_be_visible()
    expect(place.locator('img.leaflet-tile-loaded').first).to_be_attached()
    expect(page.get_by_role('button', name='Показать карту')).to_have_count(1)
    assert [url for url in asked if url.startswith(('http:', 'https:'))] == []
