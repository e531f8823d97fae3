"""The cabinet in another language says nothing in Russian but names of people, addresses and legal texts."""

import re
from datetime import timedelta
from html import unescape

from services.accounts import billing
from services.clock import today
from services.offers import price_changes
from services.runner import with_connection
from tests.cast import contract_of

ADDRESS = re.compile(r'(?:г|аг|д|ул|пом|кв)\. ?\w+|пр-т \w+|Минск')
WRITTEN = ('Анна Примерова', 'Анна', 'Русский', 'Беларуская')
PAGES = (
    '/my/index',
    '/my/history',
    '/my/tariff?to=I-200&when=now',
    '/my/tariff?to=I-50&when=next',
    '/my/services?add=A-IP',
    '/my/services?add=A-B1',
    '/my/equipment?take=R-AX&way=rent',
    '/my/equipment?take=STB&way=buy',
    '/my/suspension?starts_on={soon}&days=30',
    '/my/termination?last_day={soon}',
    '/my/pay',
    '/my/access',
    '/my/security',
)


def words_of(html):
    """Return the words of a page a person reads, hints of fields and names of buttons among them."""
    body = re.sub(r'<(script|style)\b.*?</\1>|<footer.*?</footer>|<!--.*?-->', ' ', html, flags=re.DOTALL)
    read = re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"|>([^<]+)<', body)
    return [unescape(''.join(each)).strip() for each in read]


@with_connection
def a_month_of_things(anna, ada):
    contract = contract_of(anna)
    billing.charge_activation(contract, actor_id=None)
    day = price_changes.earliest_day().isoformat()
    price_changes.announce('I-100', '31,90', '25', day, 'Подорожала магистраль', actor=ada)


async def test_nothing_of_the_cabinet_stays_russian(someone, anna, ada):
    visitor = someone(anna)
    a_month_of_things(anna, ada)
    visitor.http_client.cookies.set('language', 'en')
    left, read = {}, {}
    for page in PAGES:
        answer = await visitor.http_client.get(page.format(soon=(today() + timedelta(days=5)).isoformat()))
        assert answer.status_code == 200, page
        read[page] = words_of(answer.text)
        ours = [ADDRESS.sub('', words) for words in read[page] if words not in WRITTEN]
        left[page] = [words for words in ours if re.search('[А-яЁё]', words)]
    assert {page: words for page, words in left.items() if words} == {}
    assert all('The connection to the site has been lost' in words for words in read.values())
    assert any(words.startswith('Change to “Drive”') for words in read['/my/tariff?to=I-200&when=now'])
    assert any(words.startswith('29.90 BYN') for words in read['/my/history'])
    assert any(words.startswith('Contract No. 100001. The first month:') for words in read['/my/history'])


async def test_the_choice_of_a_subscriber_goes_with_him_to_another_browser(someone, anna):
    here, elsewhere = someone(anna).http_client, someone(anna).http_client
    answer = await here.post(
        '/language', data={'language': 'be', 'next': '/my/index'}, headers={'Origin': 'http://test'}
    )

    assert answer.headers['location'] == '/my/index'
    assert '<html lang="be"' in (await elsewhere.get('/my/index')).text
