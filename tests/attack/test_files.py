"""SECURITY §4.1 P16 and ASVS V5: files thrown at the one way in."""

import re
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from services.files.rules import RULES
from tests import pictures
from tests.attack.test_http import EVIL, FOREIGN
from tests.attack.uploading import PATH, kept, pour, sent, upload

LIMIT = RULES.places['chat'].most_bytes
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
    people = [browse('100001'), browse('100002'), browse('100003')]
    answers = []

    threads = [threading.Thread(target=lambda who=who: answers.append(pour(who))) for who in people * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} <= {413, 429}
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
