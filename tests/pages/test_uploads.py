"""Uploads over the address pages use, when the machine has no room for them."""

import errno
import os

import pytest

from services.files import store
from tests import pictures

ORIGIN = {'origin': 'http://test'}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(store, 'folder', lambda: tmp_path)
    return tmp_path


class FullDisk:
    """A place for an upload on a disk without room: /dev/full takes nothing."""

    def __enter__(self):
        self._file = open('/dev/full', 'wb', buffering=0)  # noqa: PTH123 - closed below
        return self._file

    def __exit__(self, *_error):
        self._file.close()


def cannot_sync(_handle):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize('where', ['while it comes', 'when it is kept'])
async def test_a_full_disk_is_told_in_words_and_leaves_nothing(someone, anna, folder, monkeypatch, caplog, where):
    visitor = someone(anna)
    if where == 'while it comes':
        monkeypatch.setattr(store, 'spool', FullDisk)
    else:
        monkeypatch.setattr(os, 'fsync', cannot_sync)

    answer = await visitor.http_client.post('/files/chat', content=pictures.picture(), headers=ORIGIN)

    assert answer.status_code == 507
    assert answer.json()['error'].startswith('На сервере кончилось место для фото')
    assert list(folder.iterdir()) == []
    caplog.clear()  # the line for whoever looks after the machine is wanted
