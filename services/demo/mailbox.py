"""The demo mailbox: letters and SMS that left the house, kept as files for the page `/demo/mailbox`."""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from services.clock import now
from services.settings import get_settings

MOST = 200


@dataclass(frozen=True)
class Kept:
    """A message as it arrived; `channel` is email | sms, `subject` is empty for an SMS."""

    channel: str
    recipient: str
    subject: str
    text: str
    at: datetime


def keep(channel: str, recipient: str, subject: str, text: str) -> None:
    """Store one message and let the oldest go. The folder is for its owner only: letters carry secret links."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f'{time.time_ns():020d}-{secrets.token_hex(4)}'
    body = json.dumps(asdict(Kept(channel, recipient, subject, text, now())), default=str, ensure_ascii=False)
    draft = folder / f'{name}.part'
    draft.write_text(body, encoding='utf-8')
    os.replace(draft, folder / f'{name}.json')  # noqa: PTH105 - a reader sees the whole message or none
    for old in _files(folder)[MOST:]:
        old.unlink(missing_ok=True)


def kept() -> list[Kept]:
    """Return what arrived, newest first."""
    found = []
    for file in _files(_folder()):
        try:
            facts = json.loads(file.read_text(encoding='utf-8'))
        except FileNotFoundError:  # the oldest was let go meanwhile
            continue
        found.append(Kept(**{**facts, 'at': datetime.fromisoformat(facts['at'])}))
    return found


def _folder() -> Path:
    return get_settings().data_dir / 'mailbox'


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob('*.json'), reverse=True)
