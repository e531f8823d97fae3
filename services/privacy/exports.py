"""«Мои данные» as a file: ordered on the profile, made by a worker within a minute, there for a day, then gone."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.base import is_postgres
from models.privacy import ExportState, OwnExport
from models.user import Role
from services import audit, limits, rate_limits
from services.authority import Actor, require_role
from services.clock import now
from services.errors import NotFound
from services.events import OwnDataChanged, record
from services.identity import step_up, vault
from services.privacy import own_copy, own_facts
from services.privacy.inventory import terms
from services.runner import transactional

log = logging.getLogger(__name__)
LEASE = limits.span('export_lease')
MOST_A_DAY, DAY = limits.rate('exports')


@dataclass(frozen=True)
class ExportView:
    """The newest copy as its person sees it: until when it may be fetched, once it is ready."""

    state: ExportState
    ordered_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class OwnFile:
    """A file to be saved: its name, its type, its bytes."""

    name: str
    media_type: str
    content: bytes


@transactional
def order(*, actor: Actor | None) -> None:
    """Ask for a copy; one that is being made is not asked for twice.

    Raises:
        TooManyRequests: five copies in a day.
    """
    actor = _require_own_and_fresh(actor)
    waiting = (OwnExport.user == actor.user_id) & (OwnExport.state == ExportState.WAITING)
    if OwnExport.select().where(waiting).exists():
        return
    rate_limits.spend('export', str(actor.user_id), most=MOST_A_DAY, window=DAY)
    OwnExport.delete().where(OwnExport.user == actor.user_id).execute()
    OwnExport.create(user=actor.user_id, state=ExportState.WAITING, ordered_at=now())
    audit.note('export.order', f'user:{actor.user_id}', actor=actor)
    record(OwnDataChanged(actor.user_id))


def current(*, actor: Actor | None) -> ExportView | None:
    """Return the person's newest copy, if there is one that may be waited for or fetched."""
    actor = require_role(actor, Role.SUBSCRIBER)
    row = _newest(actor.user_id)
    return ExportView(row.state, row.ordered_at, row.expires_at) if row else None


@transactional
def open_file(kind: str, *, actor: Actor | None) -> OwnFile:
    """Return the copy: `json` for machines, anything else as a page to read.

    Raises:
        NotFound: none is ready, or its day is over.
    """
    actor = _require_own_and_fresh(actor)
    row = _newest(actor.user_id)
    if row is None or row.state != ExportState.READY:
        raise NotFound
    plain = vault.unseal(bytes(row.content), aad=vault.aad_of('own_export', row.id, 'content'))
    audit.note('export.open', f'user:{actor.user_id}', actor=actor, kind='json' if kind == 'json' else 'html')
    if kind == 'json':
        return OwnFile('Мои данные.json', 'application/json', plain.encode())
    return OwnFile('Мои данные.html', 'text/html; charset=utf-8', own_copy.as_html(json.loads(plain)).encode())


def build_waiting() -> int:
    """Make the copies that were ordered; returns how many. Two workers never make the same one."""
    made = 0
    while (claimed := _claim()) is not None:
        try:
            _build(claimed)
        except Exception:
            log.exception('Copy %s of own data could not be made', claimed)
            _fail(claimed)
        made += 1
    return made


def _require_own_and_fresh(actor: Actor | None) -> Actor:
    """Return the subscriber himself, if he showed within five minutes that it is he."""
    return step_up.require_fresh(require_role(actor, Role.SUBSCRIBER))


def _newest(user_id: int) -> Any:
    alive = OwnExport.expires_at.is_null() | (OwnExport.expires_at > now())
    return OwnExport.select().where((OwnExport.user == user_id) & alive).order_by(OwnExport.id.desc()).limit(1).first()


@transactional
def _claim() -> int | None:
    moment = now()
    free = OwnExport.leased_until.is_null() | (OwnExport.leased_until < moment)
    query = OwnExport.select(OwnExport.id).where((OwnExport.state == ExportState.WAITING) & free).order_by(OwnExport.id)
    row = (query.limit(1).for_update(skip_locked=True) if is_postgres() else query.limit(1)).first()
    if row is None:
        return None
    OwnExport.update(leased_until=moment + LEASE).where(OwnExport.id == row.id).execute()
    return int(row.id)


@transactional
def _build(export_id: int) -> None:
    export = OwnExport.get_by_id(export_id)
    moment = now()
    facts = {'made_at': moment.isoformat(), **own_facts.facts_of(export.user_id)}
    place = vault.aad_of('own_export', export_id, 'content')
    OwnExport.update(
        state=ExportState.READY,
        content=vault.seal(json.dumps(facts, ensure_ascii=False, indent=1), aad=place),
        made_at=moment,
        expires_at=moment + timedelta(days=terms()['export']['days']),
    ).where((OwnExport.id == export_id) & (OwnExport.state == ExportState.WAITING)).execute()
    record(OwnDataChanged(export.user_id))


@transactional
def _fail(export_id: int) -> None:
    export = OwnExport.get_by_id(export_id)
    OwnExport.update(state=ExportState.FAILED).where(OwnExport.id == export_id).execute()
    record(OwnDataChanged(export.user_id))
