"""The audit log as an administrator reads it: by person, action, subject and day, and whether it is whole."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import JOIN

from models.user import AuditEvent, Role, User
from services import audit, clock, field_rules, limits
from services.audit import anchors, chain
from services.authority import Actor, require_role
from services.chains.verification import Fault, Verdict
from services.search import matches

PAGE = limits.count('journal_page')
MOST_PEOPLE = limits.count('journal_people')
KINDS = ('contract', 'application', 'visit', 'user', 'chat', 'payments', 'payment', 'document', 'list')
"""Kinds of subjects: a bare number is looked for under each."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty is anything. `before` is the id below which the page begins."""

    who: str = ''
    action: str = ''
    subject: str = ''
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class JournalLine:
    """One line: `who` is a name or empty where nobody was signed in, `role` the hat he wore.

    `about` is the name of the person whose account the subject is.
    """

    id: int
    at: datetime
    who: str
    role: Role | None
    address: str
    action: str
    subject: str
    about: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class JournalState:
    """What the newest check found; `entries` of then."""

    at: datetime
    entries: int
    fault: Fault | None
    line: int


@dataclass(frozen=True)
class Journal:
    """A page of the log, the newest first; `older` is the `before` of the next page, None on the last."""

    lines: tuple[JournalLine, ...]
    older: int | None
    state: JournalState | None


def read(wanted: Wanted, *, actor: Actor | None) -> Journal:
    """Return a page of PAGE lines; that the log was read stands in it.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    audit.note_reading('audit', actor=actor)
    query: Any = AuditEvent.select(AuditEvent, User).join(User, JOIN.LEFT_OUTER)
    for condition in _conditions(wanted):
        query = query.where(condition)
    rows = list(query.order_by(AuditEvent.id.desc()).limit(PAGE + 1))
    names = _names_of(row.subject for row in rows)
    lines = tuple(_line(row, names) for row in rows[:PAGE])
    return Journal(lines, lines[-1].id if len(rows) > PAGE else None, state())


def check_now(*, actor: Actor | None) -> Verdict:
    """Walk the whole chain now, instead of waiting for the night.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    verdict = anchors.check()
    audit.note('audit.check', 'audit', actor=actor, entries=verdict.entries, fault=verdict.fault)
    return verdict


def state() -> JournalState | None:
    """Return what the newest check found, None before the first."""
    row = anchors.newest_check()
    if row is None:
        return None
    return JournalState(row.at, row.entries, Fault(row.fault) if row.fault else None, row.line)


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    who = matches(wanted.who, (User.name, User.login, User.first_name))
    if who is not None:
        people = [row.id for row in User.select(User.id).where(who).limit(MOST_PEOPLE)]
        # Who signs in is not signed in yet: such a line names him as its subject.
        found.append(AuditEvent.actor.in_(people) | AuditEvent.subject.in_([f'user:{person}' for person in people]))
    if action := _searched(wanted.action):
        found.append(AuditEvent.action == action)
    if subject := _searched(wanted.subject):
        found.append(AuditEvent.subject.in_(_subjects(subject)))
    if wanted.since:
        found.append(AuditEvent.at >= clock.midnight(wanted.since))
    if wanted.until:
        found.append(AuditEvent.at < clock.midnight(wanted.until + timedelta(days=1)))
    if wanted.before:
        found.append(AuditEvent.id < wanted.before)
    return found


def _searched(typed: object) -> str:
    return chain.storable(typed[: field_rules.most('log_search')]).strip() if isinstance(typed, str) else ''


def _subjects(typed: str) -> list[str]:
    """Return what a typed subject may mean: `contract:100001` itself, `100001` whatever has this number."""
    return [f'{kind}:{typed}' for kind in KINDS] if re.fullmatch(r'\d+', typed, re.ASCII) else [typed]


def _names_of(subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of the people whose accounts are among these subjects."""
    ids = [int(found[1]) for subject in subjects if (found := re.fullmatch(r'user:(\d{1,9})', subject, re.ASCII))]
    return {f'user:{row.id}': row.name for row in User.select(User.id, User.name).where(User.id.in_(ids))}


def _line(row: Any, names: dict[str, str]) -> JournalLine:
    role = Role(row.role) if row.role in set(Role) else None
    who = row.actor.name if row.actor else ''
    about = names.get(row.subject, '')
    return JournalLine(row.id, row.at, who, role, row.address, row.action, row.subject, about, row.facts or {})
