"""Finding a person by the paper in hand: keyed hashes of sealed numbers. Nobody's papers are opened for a search."""

import logging
from dataclasses import dataclass
from typing import Any

from models.contract import Contract, Subscriber
from services import audit, field_rules
from services.authority import Actor
from services.contracts import identity_papers
from services.contracts.identity_papers import Papers
from services.identity import vault
from services.runner import transactional

log = logging.getLogger(__name__)
BATCH = 200


def put(subscriber: Subscriber, papers: Papers) -> None:
    """Set the hashes of a subscriber's row; the caller saves it. A foreigner without a number has no hash of one."""
    subscriber.passport_index = _hashed(papers.passport, 'passport')
    subscriber.personal_number_index = _hashed(papers.personal_number, 'personal_number')


def matches(text: object) -> Any | None:
    """Return the condition that a subscriber's passport or identification number is exactly this; None for words."""
    code = _code(text)
    if not field_rules.rule('paper_search').fits(code):
        return None
    return Subscriber.passport_index.in_(vault.blind_indexes(code, 'passport')) | (
        Subscriber.personal_number_index.in_(vault.blind_indexes(code, 'personal_number'))
    )


@transactional
def note_search(text: object, *, actor: Actor) -> None:
    """Write down that somebody was looked for by his papers, found or not; the number itself is not written."""
    code = _code(text)
    if not any(field_rules.rule(name).fits(code) for name in ('passport', 'personal_number')):
        return
    query = Contract.select(Contract.number).join(Subscriber).where(matches(text)).order_by(Contract.number)
    numbers = [contract.number for contract in query]
    for number in numbers:
        audit.note('subscriber.found_by_papers', f'contract:{number}', actor=actor)
    if not numbers:
        audit.note('subscriber.not_found_by_papers', 'subscribers', actor=actor)


@transactional
def fill_missing() -> int:
    """Make the hashes of papers that were sealed before there were any; returns how many people got theirs."""
    lacking = Subscriber.select().where(Subscriber.passport.is_null(False) & Subscriber.passport_index.is_null())
    return sum(_put_anew(subscriber) for subscriber in lacking.order_by(Subscriber.id).limit(BATCH))


def renew() -> int:
    """Make the hashes of an older pepper anew; returns how many people's. May be stopped and called again."""
    last = done = 0
    while (batch := _renew_after(last)).last:
        last, done = batch.last, done + batch.done
    return done


@dataclass(frozen=True)
class _Batch:
    last: int
    done: int


@transactional
def _renew_after(last: int) -> _Batch:
    rows = Subscriber.select().where(Subscriber.passport.is_null(False) & (Subscriber.id > last))
    batch = list(rows.order_by(Subscriber.id).limit(BATCH))
    return _Batch(batch[-1].id if batch else 0, sum(_put_anew(subscriber) for subscriber in batch))


def _put_anew(subscriber: Subscriber) -> int:
    """Set the hashes of sealed papers, unless they are right already or the papers were changed meanwhile."""
    papers, before = identity_papers.kept(subscriber), subscriber.passport_index
    if papers is None:
        return 0
    put(subscriber, papers)
    if subscriber.passport_index == before:
        return 0
    same = (Subscriber.id == subscriber.id) & (Subscriber.passport == subscriber.passport)
    hashes = {'passport_index': subscriber.passport_index, 'personal_number_index': subscriber.personal_number_index}
    return int(Subscriber.update(hashes).where(same).execute())


def _code(text: object) -> str:
    return field_rules.rule('paper_search').brought(text)


def _hashed(number: str, purpose: str) -> str | None:
    return vault.blind_index(number, purpose) if number else None
