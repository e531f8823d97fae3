"""What a browser keeps of an installed cabinet: in the language of its person, the present one, and nothing of a person."""

import json
import re

import pytest

BELARUSIAN = {'Cookie': 'language=be'}


@pytest.fixture
def visitor(someone):
    return someone().http_client


@pytest.mark.parametrize('path', ['/offline', '/manifest.webmanifest'])
async def test_what_is_kept_is_kept_for_one_language(visitor, path):
    russian, belarusian = await visitor.get(path), await visitor.get(path, headers=BELARUSIAN)

    assert russian.headers['vary'] == 'Cookie, Accept-Language'
    assert russian.headers['cache-control'] == 'public, max-age=3600'
    assert 'lang="ru"' in russian.text.replace('"lang":"ru"', 'lang="ru"')
    assert 'lang="be"' in belarusian.text.replace('"lang":"be"', 'lang="be"')
    assert russian.text != belarusian.text


async def test_the_worker_is_asked_for_anew_and_changes_with_its_page(visitor):
    answers = [await visitor.get('/sw.js', headers=headers) for headers in ({}, {}, BELARUSIAN)]

    assert {answer.headers['cache-control'] for answer in answers} == {'no-cache'}
    versions = [re.search(r'"offline-(\w{10})"', answer.text)[1] for answer in answers]
    assert versions[0] == versions[1] != versions[2]


async def test_the_worker_keeps_files_of_ours_and_no_page_of_the_cabinet(visitor):
    script = (await visitor.get('/sw.js')).text
    files = json.loads(re.search(r'const FILES = (\[.*?\]);', script)[1])

    assert [path.partition('?')[0] for path in files] == [
        '/assets/css/tokens.css', '/assets/css/site.css', '/assets/img/empty.svg',
        '/assets/fonts/onest-cyrillic.woff2', '/assets/fonts/onest-latin.woff2',
    ]  # fmt: skip
    for path in files:
        assert (await visitor.get(path)).status_code == 200
    assert 'method !== "GET"' in script


async def test_only_the_cabinet_is_installed(visitor):
    told = (await visitor.get('/manifest.webmanifest')).json()

    assert (told['scope'], told['start_url'], told['display']) == ('/my/', '/my/index', 'standalone')
    assert {icon['purpose'] for icon in told['icons']} == {'any', 'maskable'}
    for icon in told['icons']:
        assert (await visitor.get(icon['src'])).status_code == 200


async def test_the_cabinet_of_a_subscriber_names_what_is_installed_and_nobody_elses_page_does(someone, anna, olga):
    told = '<link rel="manifest" href="/manifest.webmanifest">'

    assert told in (await someone(anna).http_client.get('/my/index')).text
    for visitor, path in ((someone(olga), '/operator/'), (someone(), '/minsk/packets-constructor/')):
        assert told not in (await visitor.http_client.get(path)).text
