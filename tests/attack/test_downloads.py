"""ASVS V5 and V8: hands reaching for pictures and tables that belong to others."""

from urllib.parse import quote

import pytest

from tests import pictures
from tests.attack.intruder import Browser
from tests.attack.uploading import kept, sent, upload


@pytest.fixture(scope='module')
def photo(server):
    """A picture Anna has sent to the operators."""
    with Browser(server.url) as anna:
        anna.sign_in('100001')
        return sent(anna, kept(upload(anna, pictures.picture(), name='Роутер.jpg')))


@pytest.mark.parametrize(
    ('who', 'status'), [('100001', 200), ('olga', 200), ('ada', 200), ('100002', 404), ('100003', 404), ('taras', 404), ('', 404)]
)  # fmt: skip
def test_only_whom_it_concerns_gets_a_picture(browse, photo, who, status):
    for path in (f'/files/{photo}', f'/files/{photo}/small'):
        assert browse(who).get(path).status_code == status


def test_signing_out_closes_the_picture_too(browse, photo):
    anna = browse('100001')
    assert anna.get(f'/files/{photo}').status_code == 200
    cookies = dict(anna.cookies)
    anna.sign_out()

    assert browse(cookies=cookies).get(f'/files/{photo}').status_code == 404


def test_an_unsent_picture_is_seen_by_nobody_else(browse):
    anna = browse('100001')
    file_id = kept(upload(anna, pictures.picture()))

    assert anna.get(f'/files/{file_id}').status_code == 200
    for who in ('olga', 'ada', '100002', 'taras'):
        assert browse(who).get(f'/files/{file_id}').status_code == 404


def test_a_picture_of_another_is_not_sent_as_ones_own(browse):
    file_id = kept(upload(browse('100001'), pictures.picture()))
    vera = browse('100003')

    sent(vera, file_id)

    assert file_id not in vera.get('/my/chat').text
    assert vera.get(f'/files/{file_id}').status_code == 404


def test_guessed_ids_open_nothing(browse, server, photo):
    olga = browse('olga')
    stored = sorted(path.name for path in (server.folder / 'files').iterdir())
    guesses = [
        photo[:-1],
        photo[:-1] + ('a' if photo[-1] != 'a' else 'b'),
        photo.swapcase(),
        photo + 'x',
        '1',
        '%00' * 32,
    ]
    guesses += [*stored, *(f'..%2f{name}' for name in stored[:3]), '..%2f..%2famigo.db', '%2e%2e%2famigo.db']

    for guess in guesses:
        assert olga.get(f'/files/{guess}').status_code == 404, guess
    for path in (f'/files/{name}' for name in ('', '../amigo.db', 'document/../../amigo.db')):
        assert olga.get(path).status_code in {404, 405}, path


def test_what_is_given_can_do_nothing_but_be_seen(browse, photo):
    header = browse('olga').get(f'/files/{photo}').headers

    assert header['content-type'] == 'image/jpeg'
    assert header['x-content-type-options'] == 'nosniff'
    assert header['cache-control'] == 'private, no-store'
    assert header['content-security-policy'].startswith("sandbox; default-src 'none'")
    assert 'script-src' not in header['content-security-policy']
    assert header['cross-origin-resource-policy'] == 'same-origin'
    assert header['content-disposition'] == f'inline; filename="file.jpg"; filename*=UTF-8\'\'{quote("Роутер.jpg")}'


@pytest.mark.parametrize(
    ('wanted', 'status'),
    [
        ({'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Site': 'same-origin'}, 200),
        ({'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'none'}, 200),
        ({'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'cross-site'}, 403),
        ({'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Site': 'cross-site'}, 403),
        ({'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Site': 'same-site'}, 403),
        ({'Sec-Fetch-Dest': 'script', 'Sec-Fetch-Site': 'same-origin'}, 403),
        ({'Sec-Fetch-Dest': 'iframe', 'Sec-Fetch-Site': 'same-origin'}, 403),
        ({'Sec-Fetch-Dest': 'serviceworker', 'Sec-Fetch-Site': 'same-origin'}, 403),
    ],
)
def test_a_picture_is_given_as_a_picture_only(browse, photo, wanted, status):
    assert browse('100001').get(f'/files/{photo}', headers=wanted).status_code == status


def test_a_part_of_a_picture_is_a_part_of_this_picture(browse, photo):
    anna = browse('100001')
    whole = anna.get(f'/files/{photo}').content

    part = anna.get(f'/files/{photo}', headers={'Range': 'bytes=10-19'})

    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers['content-security-policy'].startswith('sandbox')
    assert browse('100002').get(f'/files/{photo}', headers={'Range': 'bytes=10-19'}).status_code == 404
    for hostile in ('bytes=0-' + ',0-' * 5000, 'bytes=' + '9' * 4000 + '-', 'bytes=-1-', 'lines=1', 'bytes=99999999-'):
        answer = anna.get(f'/files/{photo}', headers={'Range': hostile})
        assert answer.status_code in {200, 206, 400, 416}
        assert len(answer.content) <= 2 * len(whole)


@pytest.mark.parametrize('method', ['PUT', 'PATCH', 'DELETE'])
def test_a_picture_can_be_changed_by_nobody(browse, photo, method):
    anna = browse('100001')

    assert anna.request(method, f'/files/{photo}', headers={'Origin': anna.origin}).status_code == 405


def test_the_table_of_the_history_is_a_file_and_only_ones_own(browse):
    anna = browse('100001')
    table = anna.get('/my/history.csv?number=100002&contract=100002')

    assert table.headers['content-disposition'].startswith('attachment; filename="100001.csv"')
    assert table.content.startswith(b'\xef\xbb\xbf')
    assert table.headers['cache-control'] == 'private, no-store'
    for who in ('olga', 'taras', ''):
        assert browse(who).get('/my/history.csv').status_code == 303
