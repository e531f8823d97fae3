"""The daily job: what is past its term is deleted or emptied. The figures stand in `docs/data.yml`, nowhere else."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.application import (
    CLOSED,
    TRANSITIONS,
    Application,
    ApplicationStatus,
    Consent,
    Waiting,
)
from models.base import scrub
from models.chat import ChatMessage
from models.contract import Contract, ContractStatus
from models.file import StoredFile
from models.outbox import OutgoingMessage, OutgoingState
from models.payment import Webhook
from models.privacy import OwnExport, PrivacyRequest
from models.usage import UsageFile
from models.user import RecoveryToken, Session
from models.visit import Visit, VisitStatus
from services.applications import application_steps
from services.clock import now
from services.contracts import contracts, paper_index
from services.files.letting_go import let_go
from services.privacy import forgetting
from services.privacy.inventory import cutoff
from services.runner import transactional

log = logging.getLogger(__name__)
BATCH = 200
OPEN_VISITS = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE, VisitStatus.STARTED)
OUT_OF_TERM = 'Срок хранения заявки закончился'


@dataclass(frozen=True)
class Rule:
    """What to let go: `due` finds rows by the present instant, `forget` takes their ids inside a transaction."""

    name: str
    model: Any
    due: Callable[[datetime], Any]
    forget: Callable[[list[int], datetime], object]


def run(*, dry_run: bool = False) -> dict[str, int]:
    """Let go of everything past its term; returns how many rows of what. Safe to run again and at any time.

    Args:
        dry_run: only count.
    """
    moment = now()
    found = {rule.name: _count(rule, moment) if dry_run else _apply_all(rule, moment) for rule in rules()}
    if not dry_run:
        paper_index.fill_missing()
        scrub()
        log.info('Retention: %s', ', '.join(f'{name} {count}' for name, count in found.items() if count) or 'nothing')
    return found


def rules() -> tuple[Rule, ...]:
    """Return all rules, by the names of the log."""
    return (
        Rule('applications', Application, _stale_applications, _forget_applications),
        Rule('waiting list', Waiting, _old_waiting, _delete(Waiting)),
        Rule('chat messages', ChatMessage, lambda at: ChatMessage.sent_at < cutoff('chat', at), _forget_messages),
        Rule('sessions', Session, _old_sessions, _delete(Session)),
        Rule('recovery links', RecoveryToken, _old_links, _delete(RecoveryToken)),
        Rule('consents', Consent, _old_consents, _delete(Consent)),
        Rule('letters', OutgoingMessage, _old_letters, _empty_letters),
        Rule('webhook bodies', Webhook, _old_webhooks, _empty_webhooks),
        Rule('requests', PrivacyRequest, _old_requests, _delete(PrivacyRequest)),
        Rule('usage tables', UsageFile, lambda at: UsageFile.sent_at < cutoff('export', at), _delete(UsageFile)),
        Rule('copies', OwnExport, _old_exports, _delete(OwnExport)),
    )


def _count(rule: Rule, moment: datetime) -> int:
    return int(rule.model.select().where(rule.due(moment)).count())


def _apply_all(rule: Rule, moment: datetime) -> int:
    total = 0
    while done := _apply(rule, moment):
        total += done
    return total


@transactional
def _apply(rule: Rule, moment: datetime) -> int:
    """Let go of one batch, so that the site waits for nobody."""
    query = rule.model.select(rule.model.id).where(rule.due(moment)).order_by(rule.model.id).limit(BATCH)
    ids = [row.id for row in query]
    if ids:
        rule.forget(ids, moment)
    return len(ids)


def _delete(model: Any) -> Callable[[list[int], datetime], object]:
    def forget(ids: list[int], _moment: datetime) -> object:
        return model.delete().where(model.id.in_(ids)).execute()

    return forget


def _old_waiting(at: datetime) -> Any:
    """Nobody waits for ever; who was told that the house is connected waits no more."""
    return (Waiting.created_at < cutoff('waiting', at)) | (Waiting.told_at < cutoff('told', at))


def _forget_messages(ids: list[int], _moment: datetime) -> None:
    """Delete messages of the chat with their pictures."""
    let_go(StoredFile.message.in_(ids))
    ChatMessage.delete().where(ChatMessage.id.in_(ids)).execute()


def _stale_applications(at: datetime) -> Any:
    """Without a contract, untouched for the term; one with a visit to come was touched when it was planned."""
    return (
        (Application.status != ApplicationStatus.ACTIVATED)
        & Application.erased_at.is_null()
        & (Application.updated_at < cutoff('application', at))
    )


def _forget_applications(ids: list[int], moment: datetime) -> None:
    for application_id in ids:
        application = _closed(application_steps.locked(application_id))
        contracts.void_draft(application, actor=None)
        drafts = Contract.select().where(
            (Contract.application == application_id) & (Contract.status == ContractStatus.VOID)
        )
        for contract in drafts:
            forgetting.forget_contract(contract, moment)
            forgetting.forget_subscriber(contract.subscriber, moment)
    forgetting.forget_applications(ids, moment)


def _closed(application: Application) -> Application:
    """Close an application nobody finished, by steps the table allows; its open visits are off."""
    for step in _way_out(application.status):
        application = application_steps.advance(application.id, step, actor_id=None, note=OUT_OF_TERM)
    still = (Visit.application == application) & Visit.status.in_(OPEN_VISITS)
    Visit.update(status=VisitStatus.CANCELLED).where(still).execute()
    return application


def _way_out(status: ApplicationStatus) -> list[ApplicationStatus]:
    """Return the shortest way to a closed state that is no contract; empty when it is closed."""
    ends = CLOSED - {ApplicationStatus.ACTIVATED}
    ways: deque[tuple[ApplicationStatus, list[ApplicationStatus]]] = deque([(status, [])])
    while ways and status not in ends:
        here, steps = ways.popleft()
        for following in sorted(TRANSITIONS[here] - {ApplicationStatus.ACTIVATED}):
            if following in ends:
                return [*steps, following]
            if following not in steps:
                ways.append((following, [*steps, following]))
    return []


def _old_sessions(at: datetime) -> Any:
    before = cutoff('sign_in', at)
    return (Session.revoked_at < before) | (Session.expires_at < before)


def _old_links(at: datetime) -> Any:
    return RecoveryToken.expires_at < cutoff('token', at)


def _old_consents(at: datetime) -> Any:
    """Past the term since it was withdrawn, or since the application it came with tells of nobody."""
    before = cutoff('consent', at)
    nobodys = Application.select(Application.id).where(Application.erased_at < before)
    return (Consent.withdrawn_at < before) | Consent.application.in_(nobodys)


def _old_letters(at: datetime) -> Any:
    """Old ones; and the letter about an erasure, which holds the last address, as soon as it has left."""
    is_old = OutgoingMessage.created_at < cutoff('letter', at)
    is_farewell = OutgoingMessage.key.startswith(forgetting.FAREWELL)
    has_left = OutgoingMessage.state != OutgoingState.WAITING
    return has_left & (OutgoingMessage.recipient != '') & (is_old | is_farewell)


def _empty_letters(ids: list[int], _moment: datetime) -> None:
    OutgoingMessage.update(forgetting.EMPTY_LETTER).where(OutgoingMessage.id.in_(ids)).execute()


def _old_webhooks(at: datetime) -> Any:
    return (Webhook.received_at < cutoff('webhook', at)) & (Webhook.body != b'')


def _empty_webhooks(ids: list[int], _moment: datetime) -> None:
    Webhook.update(body=b'').where(Webhook.id.in_(ids)).execute()


def _old_requests(at: datetime) -> Any:
    return PrivacyRequest.answered_at < cutoff('request', at)


def _old_exports(at: datetime) -> Any:
    return (OwnExport.expires_at < at) | (OwnExport.ordered_at < cutoff('export', at))
