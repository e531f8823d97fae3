"""Uploaded pictures: who may bring them, who may see them, how they are sent, and how they go."""

import io
import os
import stat
from datetime import timedelta

import pytest

from models.chat import ChatMessage
from models.contract import Contract
from models.file import FilePurpose, StoredFile
from models.user import User
from models.visit import Visit, VisitStatus
from services import field_rules
from services.applications.application_cards import get_card
from services.clock import now
from services.errors import (
    DomainError,
    InvalidField,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
    WrongTransition,
)
from services.events import VisitChanged
from services.files import attachments, downloads, rules, store, uploads, visit_photos
from services.files.names import clean_name
from services.files.rules import RULES
from services.messages import chat
from services.runner import with_connection
from services.visits import visit_cards
from tests import factories, field, pictures


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Keep the pictures of a test in a folder of its own."""
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)


def bring(actor, purpose='chat', target='', name='Роутер.jpg', content=None):
    return uploads.keep(purpose, target, name, io.BytesIO(content or pictures.picture()), actor=actor).id


def sees(actor, file_id):
    try:
        return bool(downloads.open_file(file_id, actor=actor))
    except (NotFound, NotAllowed, SignInRequired):
        return False


def seen_by(file_id, **people):
    return {name for name, actor in people.items() if sees(actor, file_id)}


def test_the_document_is_what_the_code_uses(tmp_path):
    assert set(RULES.places) == set(FilePurpose)
    text = rules.DOCUMENT.read_text(encoding='utf-8')
    changed = tmp_path / 'files.yml'

    changed.write_text(text.replace('most_bytes: 10000000', 'most_bytes: 777'), encoding='utf-8')
    assert rules.load(changed).places[FilePurpose.CHAT].most_bytes == 777
    for wrong in (('[jpeg, png, webp]', '[jpeg, svg]'), ('  visit:', '  other:'), ('most_files: 5', 'most: 5')):
        changed.write_text(text.replace(*wrong), encoding='utf-8')
        with pytest.raises(ValueError):
            rules.load(changed)


def test_a_picture_lies_under_a_random_name_nobody_else_may_read(db, anna, tmp_path):
    file_id = bring(anna)
    row = StoredFile.get(StoredFile.public_id == file_id)

    assert sorted(path.name for path in tmp_path.iterdir()) == [row.disk_name, row.disk_name + '.small']
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert len(file_id) == field_rules.most('picture_id')
    assert row.disk_name not in file_id
    assert (row.size, row.kind, row.name) == ((tmp_path / row.disk_name).stat().st_size, 'jpeg', 'Роутер.jpg')


def test_two_uploads_are_two_pictures(db, anna):
    assert bring(anna) != bring(anna)


def test_the_folder_is_ours_alone(tmp_path, monkeypatch):
    monkeypatch.undo()

    assert stat.S_IMODE(store.folder().stat().st_mode) == 0o700
    with store.spool() as spool:
        spool.write(b'x')
        assert os.fstat(spool.fileno()).st_nlink == 0  # it has no name: nothing is left when the process dies


def test_what_is_refused_leaves_nothing(db, anna, tmp_path):
    for content in (b'GIF89a', pictures.png_bomb(), b''):
        with pytest.raises(DomainError):
            uploads.keep('chat', '', 'x', io.BytesIO(content), actor=anna)

    assert list(tmp_path.iterdir()) == []
    assert StoredFile.select().count() == 0


def test_a_row_that_cannot_be_written_takes_its_picture_along(db, olga, tmp_path):
    with pytest.raises(NotFound):
        bring(olga, target='999999')

    assert list(tmp_path.iterdir()) == []


def test_people_bring_pictures_to_their_own_talk_only(db, anna, boris, olga, taras, stranger):
    of_anna = StoredFile.get(StoredFile.public_id == bring(anna, target='100002'))
    of_olga = StoredFile.get(StoredFile.public_id == bring(olga, target='100002'))

    assert of_anna.contract_id == anna.contract_id
    assert of_olga.contract_id == boris.contract_id
    with pytest.raises(NotAllowed):
        uploads.begin('chat', '100001', actor=taras)
    with pytest.raises(SignInRequired):
        uploads.begin('chat', '100001', actor=stranger)


@pytest.mark.parametrize('purpose', ['', 'avatar', 'CHAT', '../chat', 'chat\0'])
def test_there_are_no_other_places(db, anna, purpose):
    with pytest.raises(NotFound):
        uploads.begin(purpose, '', actor=anna)


def test_a_session_has_so_many_tries(db, anna, boris):
    for _ in range(RULES.tries.in_ten_minutes):
        uploads.begin('chat', '', actor=anna)

    with pytest.raises(TooManyRequests):
        uploads.begin('chat', '', actor=anna)
    uploads.begin('chat', '', actor=boris)


@pytest.fixture
def people(request):
    names = ('anna', 'boris', 'vera', 'olga', 'ada', 'taras', 'stranger')
    return {name: request.getfixturevalue(name) for name in names}


def test_a_picture_is_seen_by_both_sides_once_it_is_sent(db, people, anna):
    file_id = bring(anna)
    assert seen_by(file_id, **people) == {'anna'}

    chat.send('', 'k1', files=[file_id], actor=anna)

    assert seen_by(file_id, **people) == {'anna', 'olga', 'ada'}


def test_the_other_contract_of_the_same_person_does_not_show_it(db, vera):
    file_id = bring(vera)
    chat.send('', 'k1', files=[file_id], actor=vera)
    other = Contract.get(Contract.number == '100004')
    user = User.get_by_id(vera.user_id)

    assert not sees(factories.actor(user, vera.role, other), file_id)


@pytest.mark.parametrize('guess', ['', 'x', '1', '0' * 32, 'ы' * 32, '../../../../etc/passwd' + 'x' * 10, 'x' * 5000])
def test_a_guess_opens_nothing(db, anna, olga, guess):
    bring(anna)

    assert not sees(olga, guess)


def test_a_picture_whose_bytes_are_lost_is_not_found(db, anna, tmp_path):
    file_id = bring(anna)
    for path in tmp_path.iterdir():
        path.unlink()

    assert not sees(anna, file_id)


def test_a_message_carries_its_pictures(db, anna, olga):
    first, second = bring(anna, name='Раз.jpg'), bring(anna, name='Два.png', content=pictures.picture('PNG'))
    chat.send('Вот так мигает', 'k1', files=[first, second], actor=anna)
    chat.send('И всё', 'k2', actor=anna)

    messages = chat.get_conversation('100001', actor=olga).messages

    assert [[file.name for file in message.files] for message in messages] == [['Раз.jpg', 'Два.png'], []]
    assert (messages[0].files[0].width, messages[0].files[0].height) == (80, 60)
    assert chat.list_threads(actor=olga)[0].unread == 2


def test_a_picture_alone_is_a_message_and_nothing_is_none(db, anna):
    assert chat.send('  ', 'k1', files=[bring(anna)], actor=anna)
    with pytest.raises(InvalidField):
        chat.send('  ', 'k2', files=[], actor=anna)


def test_a_repeated_sending_sends_once_with_its_picture(db, anna):
    file_id = bring(anna)

    first = chat.send('Фото', 'same', files=[file_id], actor=anna)
    second = chat.send('Фото', 'same', files=[file_id], actor=anna)

    assert first == second
    assert [row.message_id for row in StoredFile.select()] == [first]
    assert ChatMessage.select().count() == 1


def test_only_ones_own_unsent_pictures_of_this_talk_can_be_sent(db, anna, boris, olga):
    sent = bring(anna)
    chat.send('', 'k1', files=[sent], actor=anna)
    of_boris, of_olga_for_boris = bring(boris), bring(olga, target='100002')
    unsent = bring(anna)
    tries = (
        (anna, sent),
        (olga, unsent),
        (anna, of_boris),
        (anna, 'x' * 32),
        (anna, ''),
        (olga, of_olga_for_boris),
        (olga, of_boris),
    )

    for number, (actor, file_id) in enumerate(tries):
        with pytest.raises(InvalidField) as refusal:
            chat.send('Чужое', f'x{number}', files=[file_id], contract_number='100001', actor=actor)
        assert refusal.value.field == 'files'

    assert [message.text for message in ChatMessage.select()] == ['']  # not even the text was written


@pytest.mark.parametrize('files', ['abc', 5, None, [5], [None], [['x']], {'a': 1}])
def test_a_forged_list_of_pictures_is_refused(db, anna, files):
    with pytest.raises(InvalidField):
        chat.send('Привет', 'k1', files=files, actor=anna)


def test_a_message_carries_no_more_than_the_document_says(db, anna):
    most = RULES.places[FilePurpose.CHAT].most_files
    ids = [bring(anna) for _ in range(most + 1)]

    with pytest.raises(uploads.TooManyFiles):
        chat.send('', 'k1', files=ids, actor=anna)
    assert chat.send('', 'k1', files=ids[:most], actor=anna)


def test_a_technician_brings_photos_of_his_own_visit(db, taras, olga, anna, stranger):
    visit = field.arrived(taras)
    file_id = bring(taras, 'visit', str(visit.id))
    other = factories.actor(factories.make_user(factories.Role.TECHNICIAN, login='petr'), factories.Role.TECHNICIAN)

    assert db.events[-1] == VisitChanged(visit.id, taras.user_id)
    assert [photo.id for photo in visit_photos.photos_of_visit(visit.id)] == [file_id]
    assert visit_cards.get_visit(visit.id, actor=taras).photos[0].id == file_id
    assert get_card(visit.application.number, actor=olga).photos[0].id == file_id
    assert seen_by(file_id, taras=taras, olga=olga, anna=anna, other=other, nobody=stranger) == {'taras', 'olga'}
    for actor in (other, olga, anna, stranger):
        with pytest.raises(DomainError):
            uploads.begin('visit', str(visit.id), actor=actor)
    with pytest.raises(InvalidField):
        chat.send('', 'k1', files=[file_id], contract_number=anna.contract_number, actor=olga)


@pytest.mark.parametrize('target', ['', '0', '-1', 'x', '9' * 40, '1 OR 1=1', '²', '١'])
def test_a_visit_that_is_not_there_is_not_found(db, taras, target):
    with pytest.raises(NotFound):
        uploads.begin('visit', target, actor=taras)


def test_a_visit_that_is_over_or_full_takes_no_more(db, taras, monkeypatch):
    visit = field.arrived(taras)
    place = RULES.places[FilePurpose.VISIT].model_copy(update={'most_files': 1})
    monkeypatch.setitem(RULES.places, FilePurpose.VISIT, place)
    bring(taras, 'visit', str(visit.id))

    for attempt in (
        lambda: bring(taras, 'visit', str(visit.id)),
        lambda: uploads.begin('visit', str(visit.id), actor=taras),
    ):
        with pytest.raises(uploads.TooManyFiles):
            attempt()
    Visit.update(status=VisitStatus.COMPLETED).where(Visit.id == visit.id).execute()
    with pytest.raises(WrongTransition):
        uploads.begin('visit', str(visit.id), actor=taras)


def aged(file_id, path_of, hours):
    """Make a picture so many hours older."""
    moment = now() - timedelta(hours=hours)
    row = StoredFile.get(StoredFile.public_id == file_id)
    StoredFile.update(created_at=moment).where(StoredFile.id == row.id).execute()
    for small in (False, True):
        os.utime(path_of(row.disk_name, small=small), (moment.timestamp(), moment.timestamp()))
    return row


def test_what_was_never_sent_is_deleted_after_a_day(db, anna, taras, tmp_path):
    forgotten, fresh, sent = bring(anna), bring(anna), bring(anna)
    photo = bring(taras, 'visit', str(field.arrived(taras).id))
    chat.send('', 'k1', files=[sent], actor=anna)
    for file_id in (forgotten, sent, photo):
        aged(file_id, store.path_of, 25)
    aged(fresh, store.path_of, 23)
    stray = tmp_path / ('f' * 32)
    stray.write_bytes(b'left by a crash')
    os.utime(stray, (0, 0))

    assert attachments.sweep() == 2

    assert {row.public_id for row in StoredFile.select()} == {fresh, sent, photo}
    assert not stray.exists()
    assert len(list(tmp_path.iterdir())) == 2 * 3
    assert attachments.sweep() == 0


def test_a_picture_is_kept_and_sent_with_real_commits(committed_db, anna, olga):
    file_id = with_connection(bring)(anna)

    with_connection(chat.send)('', 'k1', files=[file_id], actor=anna)

    assert with_connection(sees)(olga, file_id)


@pytest.mark.parametrize(
    ('typed', 'name'),
    [
        ('Роутер мигает.JPG', 'Роутер мигает.jpg'),
        ('C:\\Users\\Анна\\фото.png', 'фото.jpg'),
        ('../../etc/passwd', 'passwd.jpg'),
        ('../..', 'фото.jpg'),
        ('x.php', 'x.jpg'),
        ('x.php\0.png', 'x.php.jpg'),
        ('con', 'фото.jpg'),
        ('LPT1.png', 'фото.jpg'),
        ('', 'фото.jpg'),
        ('....', 'фото.jpg'),
        ('.htaccess', 'htaccess.jpg'),
        ('a"b\'c;d.png', "a b'c;d.jpg"),
        ('a\r\nSet-Cookie: x=y.png', 'a Set-Cookie x=y.jpg'),
        ('photo\u202egnp.exe', 'photo gnp.jpg'),
        ('ы' * 300, 'ы' * 100 + '.jpg'),
        ('й.png', 'й.jpg'),
        ('\ud800x.png', 'x.jpg'),
        ('<img src=x onerror=alert(1)>.png', 'img src=x onerror=alert(1).jpg'),
        ('%2e%2e%2fx.png', '2e 2e 2fx.jpg'),
    ],
)
def test_a_name_is_cleaned(typed, name):
    assert clean_name(typed, 'jpeg') == name
