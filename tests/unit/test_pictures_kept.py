"""Pictures later on: no room on the disk, a wrong photo of a visit, and who opened one."""

import errno
import os

import pytest

from models.file import StoredFile
from models.user import AuditEvent, Role
from models.visit import Visit, VisitStatus
from services.audit import who_looked
from services.errors import NotAllowed, NotFound, SignInRequired
from services.files import downloads, store, visit_photos
from services.messages import chat
from services.visits import visit_cards
from tests import factories, field
from tests.unit.test_files import bring, sees


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Keep the pictures of a test in a folder of its own."""
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)


def test_a_full_disk_is_told_in_words_and_leaves_no_half_of_a_picture(db, anna, tmp_path, monkeypatch, caplog):
    syncs = iter([None, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))])  # the picture fits, its preview does not

    def fsync(_handle):
        if (error := next(syncs)) is not None:
            raise error

    monkeypatch.setattr(os, 'fsync', fsync)

    with pytest.raises(store.NoRoom) as refused:
        bring(anna)

    assert (refused.value.status, 'место' in str(refused.value)) == (507, True)
    assert list(tmp_path.iterdir()) == []
    assert StoredFile.select().count() == 0
    assert 'no room' in caplog.text


def test_another_fault_of_the_disk_is_not_called_a_full_one(db, anna, tmp_path, monkeypatch):
    def fsync(_handle):
        raise OSError(errno.EIO, 'broken')

    monkeypatch.setattr(os, 'fsync', fsync)

    with pytest.raises(OSError, match='broken'):
        bring(anna)
    assert list(tmp_path.iterdir()) == []


def lines_of(action):
    return [
        (line.subject, line.actor_id)
        for line in AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.id)
    ]


def test_a_wrong_photo_leaves_the_visit_and_the_disk(db, taras, tmp_path):
    visit = field.arrived(taras)
    wrong, right = (bring(taras, 'visit', str(visit.id)) for _ in range(2))

    for _ in range(2):
        visit_photos.remove(visit.id, wrong, actor=taras)

    assert [photo.id for photo in visit_cards.get_visit(visit.id, actor=taras).photos] == [right]
    assert len(list(tmp_path.iterdir())) == 2
    assert not sees(taras, wrong)
    assert lines_of('visit.photo_remove') == [(f'visit:{visit.id}', taras.user_id)]


def test_a_photo_of_a_closed_visit_stays(db, taras):
    visit = field.arrived(taras)
    photo = bring(taras, 'visit', str(visit.id))

    for status in (VisitStatus.COMPLETED, VisitStatus.FAILED, VisitStatus.PLANNED):
        Visit.update(status=status).where(Visit.id == visit.id).execute()
        with pytest.raises(visit_photos.VisitClosed):
            visit_photos.remove(visit.id, photo, actor=taras)

    assert sees(taras, photo)


def test_nobody_takes_away_what_is_not_of_his_visit(db, anna, olga, taras):
    visit = field.arrived(taras)
    other = field.arrived(factories.actor(factories.make_user(Role.TECHNICIAN, login='ivan'), Role.TECHNICIAN))
    photo, of_talk = bring(taras, 'visit', str(visit.id)), bring(anna)

    for actor, refusal in ((olga, NotAllowed), (anna, NotAllowed), (None, SignInRequired)):
        with pytest.raises(refusal):
            visit_photos.remove(visit.id, photo, actor=actor)
    with pytest.raises(NotFound):
        visit_photos.remove(other.id, photo, actor=taras)
    for nothing in (None, {'a': 1}):
        with pytest.raises(NotFound):
            visit_photos.remove(visit.id, nothing, actor=taras)
    visit_photos.remove(visit.id, of_talk, actor=taras)

    assert {row.public_id for row in StoredFile.select()} == {photo, of_talk}


def test_a_picture_an_employee_opens_is_a_line_and_the_subscriber_reads_it(db, anna, olga):
    file_id = bring(anna)
    chat.send('', 'k1', files=[file_id], actor=anna)

    for _ in range(2):
        downloads.open_file(file_id, actor=olga)
        downloads.open_file(file_id, small=True, actor=olga)
    downloads.open_file(file_id, actor=anna)

    row = StoredFile.get(StoredFile.public_id == file_id)
    assert lines_of('read') == [(f'picture:{row.id}', olga.user_id), ('chat:100001', olga.user_id)]
    (day,) = who_looked.list_accesses(actor=anna).days
    assert [access.kind for access in day.accesses] == ['chat', 'picture']


def test_a_photo_of_a_visit_is_a_line_too(db, taras, olga):
    visit = field.arrived(taras)
    photo = bring(taras, 'visit', str(visit.id))

    downloads.open_file(photo, actor=olga)
    downloads.open_file(photo, small=True, actor=olga)

    row = StoredFile.get(StoredFile.public_id == photo)
    assert lines_of('read') == [(f'picture:{row.id}', olga.user_id), (f'visit:{visit.id}', olga.user_id)]


def test_who_may_not_see_a_picture_leaves_no_line_of_reading(db, anna, taras):
    file_id = bring(anna)

    assert not sees(taras, file_id)
    assert lines_of('read') == []
