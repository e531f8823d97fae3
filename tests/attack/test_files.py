"""SECURITY §4.1 P16 and ASVS V5: files thrown at the one way in, and hands reaching for what belongs to others."""

import json
import re
import socket
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from services.files.rules import RULES
from tests import pictures
from tests.attack.test_http import EVIL, FOREIGN

LIMIT = RULES.places['chat'].most_bytes
PATH = '/files/chat'
PIECE = 64 * 1024
SLACK = 60_000_000
"""Bytes of memory a busy process may take without anybody's file being in it."""


@pytest.fixture
def stored(server):
    """Return what lies in the folder of the pictures."""
    return lambda: sorted(path.name for path in (server.folder / 'files').glob('*'))


@pytest.fixture
def weight(browse):
    stranger = browse()
    return lambda: stranger.get('/probe/weight').json()


def upload(browser, content, *, path=PATH, name='x.jpg', **headers):
    given = {'Origin': browser.origin, 'X-File-Name': quote(name), **headers}
    return browser.post(path, content=content, headers=given)


def kept(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()['id']


def sent(browser, file_id, number=''):
    """Send a picture as a message, as the page does: over the socket of an open chat."""
    page = browser.open(f'/operator/chats/{number}' if number else '/my/chat')
    with page.socket() as wire:
        picker = _element_with(page, 'files')
        wire.emit('event', _event(page, *picker, json.dumps([file_id]), 'false'))
        wire.hear(0.3)
        wire.emit('event', page.event('Отправить'))
        wire.hear(0.7)
    return file_id


def _element_with(page, kind):
    for key, element in page.elements.items():
        for event in element.get('events', []):
            if event['type'] == kind:
                return int(key), event['listener_id']
    raise AssertionError(f'nothing listens for {kind!r}')


def _event(page, element_id, listener_id, *args):
    return {'id': element_id, 'client_id': page.client_id, 'listener_id': listener_id, 'args': list(args)}


def pour(browser, *, told=None, most=100_000_000):
    """Send zeros behind the head of a JPEG over a raw connection until the server has had enough.

    Args:
        told: what the header says about the length; in chunks without an end when None.

    Returns:
        The status of the answer, and how many bytes were taken.
    """
    where = urlsplit(browser.origin)
    length = f'Content-Length: {told}' if told is not None else 'Transfer-Encoding: chunked'
    head = (
        f'POST {PATH} HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {browser.origin}\r\n'
        f'Cookie: {browser.cookie_header()}\r\n{length}\r\n\r\n'
    )
    body = b'\xff\xd8\xff' + b'\0' * (PIECE - 3)
    if told is None:
        body = f'{PIECE:x}\r\n'.encode() + body + b'\r\n'
    taken = 0
    with socket.create_connection((where.hostname, where.port), 10) as wire:
        wire.sendall(head.encode())
        try:
            while taken < min(most, told if told is not None else most):
                wire.sendall(body)
                taken += PIECE
        except OSError:
            pass  # it hung up, as it should
        return _status(wire), taken


def _status(wire):
    answer = b''
    try:
        while b'\r\n' not in answer and (piece := wire.recv(4096)):
            answer += piece
    except ConnectionError:
        pass
    return int(answer.split()[1]) if answer else 0


@pytest.mark.parametrize('told', [LIMIT + 1, 50_000_000, 10**18])
def test_p16_a_body_that_says_it_is_too_large_is_not_read(browse, stored, told):
    anna, before = browse('100001'), stored()

    status, taken = pour(anna, told=told)

    assert status == 413
    assert taken < LIMIT
    assert stored() == before


def test_p16_a_body_without_a_length_is_cut_off_at_the_limit(browse, stored, weight):
    anna, before, weighed = browse('100001'), stored(), weight()
    in_tmp = set(Path(tempfile.gettempdir()).glob('tmp*'))

    status, taken = pour(anna)

    assert status == 413
    assert LIMIT <= taken < LIMIT + 20_000_000  # what lies in the buffers of the wire was taken too
    assert stored() == before
    assert weight()['memory'] < weighed['memory'] + SLACK
    assert weight()['files'] <= weighed['files'] + 2
    assert set(Path(tempfile.gettempdir()).glob('tmp*')) <= in_tmp


def test_p16_many_at_once_weigh_nothing(browse, stored, weight):
    before, weighed = stored(), weight()
    people = [browse('100001'), browse('100002'), browse('100003'), browse('olga')]
    answers = []

    threads = [threading.Thread(target=lambda who=who: answers.append(pour(who))) for who in people * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} <= {413, 429, 404, 0}
    assert stored() == before
    assert weight()['memory'] < weighed['memory'] + SLACK


def test_p16_the_limit_is_exact(browse, stored):
    anna, before = browse('100001'), stored()
    honest = pictures.picture()
    filled = honest + b'\0' * (LIMIT - len(honest))

    assert upload(anna, filled + b'\0').status_code == 413
    assert upload(anna, iter([filled, b'\0'])).status_code == 413
    assert stored() == before
    assert upload(anna, filled).status_code == 201
    assert upload(anna, iter([filled])).status_code == 201
    assert len(stored()) == len(before) + 4


def test_p16_nine_hundred_files_are_thirty(browse, stored):
    boris, before = browse('100002'), stored()

    answers = [upload(boris, pictures.picture(size=(8, 8))).status_code for _ in range(900)]

    most = RULES.tries.in_ten_minutes
    assert answers == [201] * most + [429] * (900 - most)
    assert len(stored()) == len(before) + 2 * most


@pytest.mark.parametrize('cookies', [{}, {'sid': ''}, {'sid': 'x' * 43}, {'sid': 'planted'}])
def test_p16_without_a_session_nothing_is_even_read(browse, stored, cookies):
    before = stored()

    assert upload(browse(cookies=cookies), pictures.picture()).status_code == 401
    assert pour(browse(cookies=cookies), told=50_000_000)[1] < LIMIT
    assert stored() == before


@pytest.mark.parametrize('headers', [*FOREIGN, {}, {'Origin': ''}, {'Origin': f'{EVIL}@127.0.0.1'}])
def test_another_site_uploads_nothing(browse, stored, headers):
    anna, before = browse('100001'), stored()

    answer = anna.post(PATH, content=pictures.picture(), headers=headers)

    assert answer.status_code == 403
    assert stored() == before


@pytest.mark.parametrize(
    ('who', 'path', 'target'),
    [
        ('taras', '/files/chat', '100001'),
        ('100001', '/files/visit', '1'),
        ('olga', '/files/visit', '1'),
        ('taras', '/files/visit', '999999'),
        ('olga', '/files/chat', '999999'),
        ('olga', '/files/chat', ''),
        ('100001', '/files/avatar', ''),
        ('100001', '/files/CHAT', ''),
        ('100001', '/files/..%2fchat', ''),
    ],
)
def test_nobody_uploads_where_he_has_no_business(browse, stored, who, path, target):
    before = stored()

    answer = upload(browse(who), pictures.picture(), path=path, **{'X-File-For': target})

    assert answer.status_code in {403, 404}
    assert stored() == before


def test_a_subscriber_cannot_upload_into_the_talk_of_another(browse):
    anna, boris, olga = browse('100001'), browse('100003'), browse('olga')
    file_id = kept(upload(boris, pictures.picture(), **{'X-File-For': '100001'}))
    sent(boris, file_id)

    assert anna.get(f'/files/{file_id}').status_code == 404
    assert file_id in olga.get('/operator/chats/100003').text
    assert file_id not in olga.get('/operator/chats/100001').text


@pytest.mark.parametrize('name', pictures.NOT_PICTURES)
def test_what_is_no_picture_is_refused_in_words(browse, stored, name):
    vera, before = browse('100003'), stored()

    answer = upload(vera, pictures.NOT_PICTURES[name], name='photo.jpg', **{'Content-Type': 'image/jpeg'})

    assert answer.status_code == 415
    assert 'JPEG, PNG и WebP' in answer.json()['error']
    assert stored() == before


def test_a_bomb_of_pixels_does_not_go_off(browse, stored, weight):
    vera, before, weighed = browse('100003'), stored(), weight()

    for side in (30_000, 8_000, 4_001):
        assert upload(vera, pictures.png_bomb(side, side)).status_code == 413

    assert stored() == before
    assert weight()['memory'] < weighed['memory'] + SLACK


@pytest.mark.parametrize('name', pictures.TWO_FACED)
def test_the_second_face_is_gone_from_what_is_kept_and_given(browse, server, name):
    vera = browse('100003')

    file_id = kept(upload(vera, pictures.TWO_FACED[name], name='x.php'))

    given = vera.get(f'/files/{file_id}')
    lying = b''.join(path.read_bytes() for path in (server.folder / 'files').glob('*'))
    assert given.headers['content-type'].startswith('image/')
    assert not [face for face in pictures.FACES if face in given.content + lying]


def test_the_place_where_a_photo_was_taken_is_gone(browse):
    vera = browse('100003')
    file_id = kept(upload(vera, pictures.photo_of_a_phone()))

    for path in (f'/files/{file_id}', f'/files/{file_id}/small'):
        content = vera.get(path).content
        assert b'Exif' not in content
        assert b'Secret Phone' not in content


NAMES = {
    '../../etc/passwd.jpg': 'passwd.jpg',
    '..\\..\\windows\\system32\\x.jpg': 'x.jpg',
    'x\0.php.jpg': 'x .php.jpg',
    'ы' * 300: 'ы' * 100 + '.jpg',
    'Мой роутер №1.jpg': 'Мой роутер №1.jpg',
    'a"; filename="evil.exe': 'a ; filename= evil.jpg',
    'a\r\nSet-Cookie: sid=x\r\n\r\n<script>': 'a Set-Cookie sid=x script.jpg',
    'con.jpg': 'фото.jpg',
    '\u202egpj.exe': 'gpj.jpg',
    '': 'фото.jpg',
}


@pytest.mark.parametrize('name', NAMES)
def test_a_hostile_name_comes_back_harmless(browse, server, name):
    vera = browse('100003')
    file_id = kept(upload(vera, pictures.picture(), name=name))

    header = vera.get(f'/files/{file_id}').headers

    plain, real = re.fullmatch(
        r'inline; filename="([\w.]+)"; filename\*=UTF-8\'\'(\S+)', header['content-disposition']
    ).groups()
    assert real == quote(NAMES[name], safe='')
    assert plain.endswith('.jpg')
    assert 'set-cookie' not in header
    assert all(re.fullmatch(r'[0-9a-f]{32}(\.small)?', path.name) for path in (server.folder / 'files').glob('*'))


@pytest.mark.parametrize('raw', [b'%', b'%zz', b'%ff%fe', b'\xff\xfe', b'%00' * 3000, b'%ED%A0%80'])
def test_a_name_that_is_no_text_is_taken_for_none(browse, raw):
    vera = browse('100003')

    answer = vera.post(PATH, content=pictures.picture(), headers={b'Origin': vera.origin.encode(), b'X-File-Name': raw})

    assert answer.status_code == 201


@pytest.fixture(scope='module')
def photo(server):
    """A picture Anna has sent to the operators."""
    from tests.attack.intruder import Browser

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


def test_guessed_ids_open_nothing(browse, photo, stored):
    olga = browse('olga')
    guesses = [
        photo[:-1],
        photo[:-1] + ('a' if photo[-1] != 'a' else 'b'),
        photo.swapcase(),
        photo + 'x',
        '1',
        '%00' * 32,
    ]
    guesses += [*stored(), *(f'..%2f{name}' for name in stored()[:3]), '..%2f..%2famigo.db', '%2e%2e%2famigo.db']

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
