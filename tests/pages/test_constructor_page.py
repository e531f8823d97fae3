"""The constructor before any script: every price and every effect of a promo code stands in the HTML, as counted."""

import html
import re
from urllib.parse import parse_qs

import pytest

from components.i18n import long_date, money, speed
from models.catalogue import PromoCode, PromoKind
from services.offers import price_changes
from services.offers.constructor import make_offer
from services.runner import with_connection
from services.settings import get_settings

BY_CODE = {
    'DOM50': ['internet=I-50', 'house=private&internet=I-HOME'],
    'OSEN3': ['internet=I-100', 'internet=I-100&tv=T-BASE&equipment=R-AC:rent'],
    'START1': ['internet=I-100', 'internet=I-500&tv=T-MAX'],
    'TURBO6': ['internet=I-50', 'internet=I-100&addons=A-IP'],
    'GIGA20': ['internet=I-10G', 'house=village&internet=I-AIR'],
}
CASES = [(code, query) for code, queries in BY_CODE.items() for query in queries]


async def read(visitor, path, query):
    answer = await visitor.http_client.get(f'/minsk/packets-constructor/{path}?{query}')
    assert answer.status_code == 200
    return answer.text


def words(page):
    """Return the text people see, a space between two pieces."""
    body = re.sub(r'<(script|style)[^>]*>.*?</\1>', ' ', page, flags=re.DOTALL)
    return ' '.join(html.unescape(re.sub(r'<[^>]+>', ' ', body)).replace('\xa0', ' ').split())


def plain(text):
    return text.replace('\xa0', ' ')


@with_connection
def quote_of(query):
    return make_offer('minsk', parse_qs(query), address='192.0.2.1')


@with_connection
def kinds():
    return {promo.code: promo.kind for promo in PromoCode.select()}


def test_every_kind_of_code_is_looked_at():
    known = kinds()
    assert set(known) == set(BY_CODE)
    assert set(known.values()) == set(PromoKind)


@pytest.mark.parametrize('path', ['', 'application'])
@pytest.mark.parametrize(('code', 'query'), CASES)
async def test_the_effect_of_a_code_on_the_screen_is_that_of_the_calculator(someone, path, code, query):
    offer = quote_of(f'{query}&promo={code}')
    usual = quote_of(query).quote
    quote = offer.quote

    text = words(await read(someone(), path, f'{query}&promo={code}'))

    total = text if path else text.partition('Из чего сумма')[0]
    for amount in {quote.monthly, quote.once} | ({quote.monthly_later} if quote.months else set()):
        assert plain(money(amount)) in total
    table = text.partition('Что меняет промокод')[2]
    assert table, 'the lines that change are missing'
    for before, after in (
        (usual.monthly, quote.monthly),
        (usual.once, quote.once),
    ):
        pair = f'{plain(money(before))} {plain(money(after))}'
        assert (pair in table) == (before != after)
    fast = f'{plain(speed(usual.down_kbit))} {plain(speed(quote.down_kbit))}'
    assert (fast in table) == (usual.down_kbit != quote.down_kbit)
    if quote.extra_gb:
        assert f'{offer.tariff.quota_gb} ГБ {offer.tariff.quota_gb + quote.extra_gb} ГБ' in table
    if quote.months:
        assert f'с {quote.promo_months + 1}-го месяца' in text


async def test_without_a_script_all_prices_links_and_reasons_are_there(someone):
    page = await read(someone(), '', 'internet=I-100&tv=T-BASE&compare=I-200')
    text = words(page)

    for sum_of in ('22,90 р.', '29,90 р.', '36,90 р.', '49,90 р.', '12,90 р.', '38,90 р.'):
        assert sum_of in text
    assert 'Четверо смотрят 4K' in text
    assert '75 каналов' in text
    assert 'в месяц, с НДС' in text
    assert re.search(r'href="application\?[^"]*internet=I-100[^"]*tv=T-BASE', page)
    assert '/regions?next=packets-constructor/' in page
    assert re.search(r'data-copies="http[^"]*/minsk/packets-constructor/\?[^"]*compare=I-200"', page)
    assert 'С «Драйв» дороже на 10,90 р. в месяц.' in text  # 7,00 of the tariff, 3,90 of the bundle that ends


async def test_two_tariffs_stand_side_by_side(someone):
    text = words(await read(someone(), '', 'internet=I-100&compare=I-200'))

    assert 'С «Драйв» дороже на 7,00 р. в месяц.' in text
    assert 'В месяц, весь пакет 29,90 р. 36,90 р.' in text
    assert 'Скорость к вам 100 Мбит/с 200 Мбит/с' in text
    assert 'Выбрать «Драйв»' in text


async def test_the_sum_is_made_of_its_lines_its_months_and_its_tax(someone):
    text = words(await read(someone(), '', 'internet=I-100&tv=T-PLUS&promo=OSEN3')).partition('Из чего сумма')[2]

    assert 'Комфорт 20,93 р. Расширенный 17,90 р.' in text
    assert 'Месяц К оплате 1-й 38,83 р. 2-й 38,83 р. 3-й 38,83 р. с 4-го 47,80 р.' in text
    assert 'НДС 25 % внутри месячной цены: 7,77 р.' in text


async def test_a_price_that_changes_soon_is_told_before_it_does(someone, ada):
    day = announce(ada)

    page = await read(someone(), '', 'internet=I-100')

    words_of_card = words(page).partition('Комфорт, 100')[2].partition('Старт, 50')[0]
    assert f'Подключение бесплатно. С {plain(long_date(day))} — 31,90 р.' in words_of_card
    assert f'С {plain(long_date(day))} «Комфорт» — 31,90 р. в месяц' in words(page)


@with_connection
def announce(ada):
    day = price_changes.earliest_day()
    price_changes.announce('I-100', '31,90', '25', day.isoformat(), 'Подорожала магистраль', actor=ada)
    return day


async def test_what_cannot_be_had_cannot_be_chosen(someone):
    page = await read(someone(), '', 'internet=I-100')

    boxes = dict(re.findall(r'<input class="choice__input"[^>]*value="([\w-]+)"([^>]*)>', page))
    assert (boxes['TV-KINO'], boxes['A-IP'], boxes['I-100']) == (' disabled', '', ' checked')


async def test_the_package_stays_when_the_town_or_the_language_changes(someone):
    page = html.unescape(await read(someone(), '', 'internet=I-200&compare=I-50'))
    package = 'packets-constructor/?house=flat&internet=I-200&tv=none&equipment=own&compare=I-50'

    for start in ('/borisov/', '/be/minsk/', '/en/minsk/'):
        assert f'href="{start}{package}"' in page
    belarusian = html.unescape((await someone().http_client.get(f'/be/minsk/{package}')).text)
    assert f'data-copies="{get_settings().url}/be/minsk/{package}"' in belarusian


async def test_what_is_not_sold_says_why(someone):
    answer = await someone().http_client.get('/soligorsk/packets-constructor/?tv=T-BASE')
    text = words(answer.text)

    assert 'Пока не подключаем в Солигорске' in text
    assert 'Спутниковую антенну ставим только на отдельный дом' in text


@pytest.mark.parametrize(('prefix', 'locale'), [('', 'ru_BY'), ('/be', 'be_BY'), ('/en', 'en_GB')])
async def test_indexes_and_networks_learn_which_page_it_is(someone, prefix, locale):
    page = (await someone().http_client.get(f'{prefix}/minsk/packets-constructor/?internet=I-200')).text
    url = get_settings().url
    here = f'{url}{prefix}/minsk/packets-constructor/'
    told = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', page))

    assert f'<link rel="canonical" href="{here}">' in page
    for code, before in (('ru', ''), ('be', '/be'), ('en', '/en'), ('x-default', '')):
        assert f'<link rel="alternate" hreflang="{code}" href="{url}{before}/minsk/packets-constructor/">' in page
    assert (told['og:url'], told['og:locale'], told['twitter:card']) == (here, locale, 'summary_large_image')
    assert told['og:description'] == told['description'] != ''
    assert 'robots' not in told
    assert '<meta name="robots" content="noindex">' in await read(someone(), 'application', '')
