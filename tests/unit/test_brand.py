"""Another provider's name, colours and mark: what he may choose, and that people can still read it."""

import re

import pytest
from pydantic import SecretStr

from components import brand
from components.headers import plain_policy
from services import colours
from services.drawings import LARGEST, fault_of
from services.settings import Settings
from tests.unit.test_design import contrast, themes

SECRETS = dict.fromkeys(('secret_key', 'pepper', 'field_keys'), SecretStr('s' * 40))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'


def settings(**chosen):
    return Settings(_env_file=None, demo=False, **SECRETS, **chosen)


@pytest.fixture
def chosen(monkeypatch):
    """Let the brand be that of these settings: `chosen(company_red='#0b5fa5')`."""

    def choose(**facts):
        monkeypatch.setattr(brand, 'get_settings', lambda: settings(**facts))
        brand.stylesheet.cache_clear()
        brand.logo.cache_clear()

    yield choose
    brand.stylesheet.cache_clear()
    brand.logo.cache_clear()


@pytest.mark.parametrize('colour', ['#0b5fa5', '#5b2a86', '#000000', '#147a3d', '#c81e2b', '#767676'])
def test_a_colour_that_can_be_read_is_taken_and_keeps_its_contrast_in_both_themes(chosen, colour):
    chosen(company_red=colour, company_green=colour)
    tokens = themes()
    light, dark = (
        dict(re.findall(r'--([\w-]+): (#[0-9a-f]{6})', block))
        for block in re.findall(r'\{ (--red.*?) \}', brand.stylesheet())[:2]
    )

    for theme, own in (('light', light), ('dark', dark)):
        for name in ('red', 'green'):
            assert contrast(own[name], tokens[theme]['on-brand']) >= 4.5
            assert contrast(own[f'{name}-hover'], tokens[theme]['on-brand']) >= 4.5
            assert contrast(own[name], tokens[theme]['surface']) >= 3.0


@pytest.mark.parametrize('colour', ['#ff0000', '#ffd400', '#ffffff', '#2a9d5c', '#777777'])
@pytest.mark.parametrize('name', ['company_red', 'company_green'])
def test_a_colour_that_cannot_be_read_stops_the_start_and_says_why(name, colour):
    with pytest.raises(ValueError, match=rf'AMIGO_{name.upper()}: white words on {colour}.*darker'):
        settings(**{name: colour})


@pytest.mark.parametrize('colour', ['red', '#c81', '#C81E2B', '#c81e2b;}', 'url(x)'])
def test_what_is_no_colour_is_refused(colour):
    with pytest.raises(ValueError, match='company_red'):
        settings(company_red=colour)


def test_our_own_colours_send_nothing_more(chosen):
    chosen()

    assert (brand.stylesheet(), brand.stylesheet_address(), brand.logo_address()) == ('', '', '')


def test_the_dark_surface_is_that_of_the_tokens():
    assert themes()['dark']['surface'] == colours.DARK_SURFACE


def test_a_mark_is_served_with_its_fingerprint(chosen, tmp_path):
    path = tmp_path / 'logo.svg'
    path.write_text(SVG)

    chosen(company_logo=path)

    assert brand.logo() == SVG.encode()
    assert re.fullmatch(r'/brand/logo\.svg\?v=[0-9a-f]{10}', brand.logo_address())


@pytest.mark.parametrize(
    'content',
    [
        'PNG',
        '<html><svg></svg></html>',
        SVG.replace('<path', '<script>alert(1)</script><path'),
        SVG.replace('<path', '<path onclick="x"'),
        SVG.replace('<path', '<image href="https://evil.example/x.png"/><path'),
        SVG.replace('<path', '<a href="javascript:alert(1)"/><path'),
        SVG + ' ' * LARGEST,
    ],
)
def test_a_mark_that_is_more_than_a_drawing_stops_the_start(tmp_path, content):
    path = tmp_path / 'logo.svg'
    path.write_text(content)

    assert fault_of(path)
    with pytest.raises(ValueError, match='AMIGO_COMPANY_LOGO'):
        settings(company_logo=path)


def test_a_mark_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ValueError, match='there is no file'):
        settings(company_logo=tmp_path / 'none.svg')


def test_a_map_needs_an_address_of_tiles_and_opens_the_policy_for_it_alone():
    with pytest.raises(ValueError, match='AMIGO_MAP_TILES'):
        settings(map_tiles='https://tiles.example.by/map.png')
    for wrong in ('http://tiles.example.by/{z}/{x}/{y}.png', "https://tiles.example.by/{z}/{x}/{y}'; script-src *"):
        with pytest.raises(ValueError, match='map_tiles'):
            settings(map_tiles=wrong)

    host = settings(map_tiles='https://tiles.example.by/{z}/{x}/{y}.png').map_host
    assert host == 'https://tiles.example.by'
    assert "img-src 'self' data: https://tiles.example.by;" in plain_policy(host)
    assert "script-src 'self';" in plain_policy(host)
    assert settings(map_tiles='/tiles/{z}/{x}/{y}.png').map_host == ''


def test_messengers_and_groups_are_pairs():
    told = settings(company_messengers='Telegram=https://t.me/x?start=1, Viber=https://vb.me/y')

    assert told.messenger_links == [('Telegram', 'https://t.me/x?start=1'), ('Viber', 'https://vb.me/y')]
