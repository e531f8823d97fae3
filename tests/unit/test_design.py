"""The design language keeps its promises: contrast, weight, icons that exist, a frame with the agreed names."""

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from components.frame import Company, Frame, FramePerson, RegionLink
from components.templating import ASSETS, HERE, asset, environment, icon, render, tied

TOWNS = (RegionLink('minsk', 'Минск'), RegionLink('borisov', 'Борисов'))
TEXT, CONTROL = 4.5, 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ('ink', 'ink-2', 'link') for ground in ('bg', 'surface', 'surface-2', 'info-bg')),
    *(('on-brand', ground, TEXT) for ground in ('red', 'red-hover', 'green', 'green-hover')),
    *((word, f'{word}-bg', TEXT) for word in ('good', 'attention', 'bad', 'info')),
    *((word, 'surface', TEXT) for word in ('good', 'attention', 'bad')),
    *(('ink', f'{word}-bg', TEXT) for word in ('good', 'attention', 'bad')),
    ('on-link', 'link', TEXT),
    *(('control', ground, CONTROL) for ground in ('bg', 'surface', 'surface-2')),
    *((brand, 'surface', CONTROL) for brand in ('red', 'green', 'focus')),
]


def frame(**changes: object) -> Frame:
    company = Company('Amigo', '+375 17 282-85-55', 'info@amigo.by', 'ООО «Амиго»', (('Telegram', 'https://t.me/x'),))
    facts = {
        'company': company,
        'region': TOWNS[0],
        'regions': TOWNS,
        'title': 'Главная',
        'path_in_region': 'kontakti/',
    }
    return Frame(**{**facts, **changes})


def themes() -> dict[str, dict[str, str]]:
    css = (ASSETS / 'css/tokens.css').read_text('utf-8')
    blocks = [dict(re.findall(r'--([\w-]+): (#[0-9a-f]{3,6})\b', b)) for b in re.findall(r'\{[^{}]*--bg:[^{}]*\}', css)]
    light, by_device, by_choice = blocks
    assert by_device == by_choice, 'the dark theme is written twice and must be the same'
    return {'light': light, 'dark': {**light, **by_device}}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else ''.join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


class Words(HTMLParser):
    """Collects (tag, attributes) of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize('theme', ['light', 'dark'])
@pytest.mark.parametrize(('ink', 'ground', 'least'), PAIRS)
def test_contrast(theme: str, ink: str, ground: str, least: float) -> None:
    tokens = themes()[theme]
    assert contrast(tokens[ink], tokens[ground]) >= least


def test_weight() -> None:
    assert sum(f.stat().st_size for f in (ASSETS / 'fonts').glob('*.woff2')) <= 32 * 1024
    assert sum((ASSETS / 'css' / name).stat().st_size for name in ('tokens.css', 'site.css')) <= 40_000


def test_every_icon_named_in_templates_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ASSETS / 'icons/sprite.svg').read_text('utf-8')))
    sources = ''.join(f.read_text('utf-8') for f in (HERE / 'templates').glob('*.html'))
    assert set(re.findall(r"icon\('([\w-]+)'", sources)) <= sprite


def test_no_class_of_ours_is_a_class_of_quasar() -> None:
    css = (ASSETS / 'css/site.css').read_text('utf-8')
    assert not set(re.findall(r'\.([a-z][\w-]*)', css)) & {
        'row',
        'column',
        'col',
        'hidden',
        'flex',
        'block',
        'disabled',
    }


def test_frame_has_the_agreed_names() -> None:
    html = render('error.html', frame=frame(), code=404)
    tags = Words(html).tags
    assert ('header', {'class': 'header header--public', 'role': 'banner'}) in tags
    assert re.search(r'<button[^>]*aria-haspopup="dialog"[^>]*>.*?Минск.*?</button>', html, re.DOTALL)
    assert '<h1>Страница не найдена</h1>' in html
    links = {a.get('href') for tag, a in tags if tag == 'a'}
    assert {
        '/minsk/packets-constructor/',
        '/my/index',
        '/minsk/address/',
        '/borisov/kontakti/',
        'tel:+375172828555',
        '/offer',
    } <= links


def test_static_page_has_no_inline_script_or_style() -> None:
    for tag, attrs in Words(render('error.html', frame=frame(), code=500, number='A1')).tags:
        assert tag != 'style'
        assert 'style' not in attrs
        assert not any(name.startswith('on') for name in attrs)
        assert tag != 'script' or attrs.get('src')


def test_role_switch_offers_only_the_roles_held() -> None:
    person = FramePerson('Ада', '', ('operator', 'administrator'), 'administrator')
    html = render('error.html', frame=frame(person=person), code=404)
    assert re.findall(r'name="role" value="(\w+)"', html) == ['operator', 'administrator']
    assert 'Выйти' in html
    assert 'Подключиться' not in html
    alone = FramePerson('Анна', '100001', ('subscriber',), 'subscriber')
    assert 'Сменить роль' not in render('error.html', frame=frame(person=alone), code=404)


def test_hostile_name_is_only_text() -> None:
    person = FramePerson('<script>x</script>', '"><b>', ('subscriber',), 'subscriber')
    html = render('error.html', frame=frame(person=person), code=404)
    assert '<script>x' not in html
    assert '"><b>' not in html
    assert '<b>' not in icon('x', label='"><b>')


def test_an_icon_the_sprite_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        icon('no-such-icon')


def test_language_keeps_region_and_page() -> None:
    page = frame(language='be')
    assert page.region_url('borisov') == '/be/borisov/kontakti/'
    assert page.language_url('ru') == '/minsk/kontakti/'


def test_sum_is_one_text_node() -> None:
    source = "{% from 'macros.html' import price %}{{ price(sum, unit='в месяц', old=old) }}"
    html = environment('ru').from_string(source).render(sum=Decimal('29.9'), old=Decimal('39.9'))
    assert '>29,90\u00a0р.<' in html


def test_field_ties_hint_and_error_to_the_control() -> None:
    source = "{% from 'macros.html' import field %}{{ field('phone', 'Телефон', value='<', hint='х', error='у') }}"
    html = environment('ru').from_string(source).render()
    assert 'aria-describedby="phone-hint phone-error" aria-invalid="true"' in html
    assert 'value="&lt;"' in html


def test_missing_asset_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        asset('img/absent.svg')


@pytest.mark.parametrize(
    ('text', 'lines_may_end_at'),
    [
        ('Уезжаете — приостановите на 7–90 дней.', ['Уезжаете\u00a0—', 'приостановите', 'на\u00a07–90\u00a0дней.']),
        ('кабель и «умный» дом', ['кабель', 'и\u00a0«умный»', 'дом']),
        ('Up to 500 Mbit/s', ['Up\u00a0to\u00a0500\u00a0Mbit/s']),
    ],
)
def test_no_line_of_a_tied_text_parts_what_belongs_together(text, lines_may_end_at):
    html = str(tied(text))

    assert re.sub('<[^>]+>', '', html).split(' ') == lines_may_end_at
    assert all(re.search(rf'<span class="num">[^<]*{each}', html) for each in re.findall(r'\d+–\d+|\w+/\w', text))


def test_what_is_tied_is_escaped_and_an_address_may_break():
    assert str(tied('<b> и /a')) == '&lt;b&gt; и /a'
    assert 'span' not in tied('https://example.by/application/1')
