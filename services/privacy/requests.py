"""Requests about personal data: asked in the cabinet or on paper, answered in time, each with its term by law."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.base import is_postgres, scrub
from models.contract import Contract, ContractStatus, Subscriber
from models.privacy import PrivacyRequest, RequestKind, RequestState
from models.user import Role, User
from services import audit, field_rules, form_keys, limits
from services.authority import Actor, require_operator, require_role
from services.clock import now, today
from services.errors import N_, DomainError, InvalidField, NotFound, WrongTransition
from services.events import OwnDataChanged, PrivacyRequestsChanged, record
from services.input_text import clean_text
from services.messages.letters import privacy as letters
from services.privacy import erasure
from services.privacy.erasure import CannotErase, Obstacle
from services.privacy.inventory import answer_by
from services.runner import transactional

MOST_ROWS = limits.count('privacy_rows')


class SecondPersonNeeded(DomainError):
    """Whoever wrote a request down does not carry it out: one person alone could erase anybody."""

    message = N_('Запрос записали вы. Данные по нему удаляет другой сотрудник.')
    status = 403


@dataclass(frozen=True)
class OwnErasure:
    """What a person sees about erasing his data: what stands in the way, or the request he has sent.

    `books_until` is the day until which contracts and payments are kept, known once every contract has ended.
    """

    obstacles: tuple[Obstacle, ...]
    state: RequestState | None
    due_on: date | None
    answer: str
    books_until: date | None


@dataclass(frozen=True)
class RequestRow:
    """A line of the register; `days_left` is negative when the term is over. `obstacles` only for an open erasure.

    `is_for_colleague`: the reader wrote it down himself, so somebody else erases.
    """

    id: int
    kind: RequestKind
    state: RequestState
    contract_number: str
    name: str
    is_on_paper: bool
    asked_at: datetime
    due_on: date
    days_left: int
    answered_at: datetime | None
    answer: str
    obstacles: tuple[Obstacle, ...]
    is_for_colleague: bool


def own_erasure(*, actor: Actor | None) -> OwnErasure:
    """Return what the person may know about erasing his data."""
    actor = require_role(actor, Role.SUBSCRIBER)
    own = (PrivacyRequest.user == actor.user_id) & (PrivacyRequest.kind == RequestKind.ERASURE)
    last = PrivacyRequest.select().where(own).order_by(PrivacyRequest.id.desc()).first()
    return OwnErasure(
        obstacles=erasure.obstacles_of(actor.user_id),
        state=last.state if last else None,
        due_on=last.due_on if last else None,
        answer=last.answer if last else '',
        books_until=erasure.books_until(actor.user_id),
    )


@transactional
def ask_erasure(form_key: str, *, actor: Actor | None) -> None:
    """Ask to erase one's own data; while a request is open, a second one changes nothing.

    Raises:
        CannotErase: a contract runs, money or debt is on an account, a device is not returned.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    form_key = form_keys.checked(form_key)
    if erasure.obstacles_of(actor.user_id):
        raise CannotErase
    _open(actor.user_id, RequestKind.ERASURE, actor.contract_number, form_key, actor=actor, recorded_by=None)


@transactional
def withdraw(*, actor: Actor | None) -> None:
    """Take one's own open request to erase back."""
    actor = require_role(actor, Role.SUBSCRIBER)
    still = _open_of(actor.user_id, RequestKind.ERASURE)
    if PrivacyRequest.update(state=RequestState.WITHDRAWN, answered_at=now()).where(still).execute():
        audit.note('privacy.withdraw', f'user:{actor.user_id}', actor=actor)
        _tell(actor.user_id)


@transactional
def record_paper(number: str, kind: str, form_key: str, *, actor: Actor | None) -> None:
    """Write down a request that came on paper or by letter; its term begins today.

    Args:
        number: any contract of the person.
        kind: a `RequestKind`.

    Raises:
        InvalidField: beside `number`: no such contract, or its person has no login.
    """
    actor = require_operator(actor)
    form_key = form_keys.checked(form_key)
    user_id = _owner(number)
    wanted = RequestKind(kind) if kind in list(RequestKind) else RequestKind.ERASURE
    _open(user_id, wanted, number.strip(), form_key, actor=actor, recorded_by=actor.user_id)


def list_requests(*, actor: Actor | None) -> tuple[RequestRow, ...]:
    """Return open requests, the most urgent first, then the latest answered ones."""
    actor = require_operator(actor)
    is_open = PrivacyRequest.state == RequestState.OPEN
    query = PrivacyRequest.select(PrivacyRequest, User).join(User, on=PrivacyRequest.user)
    waiting = list(query.where(is_open).order_by(PrivacyRequest.due_on, PrivacyRequest.id).limit(MOST_ROWS))
    answered = list(query.where(~is_open).order_by(PrivacyRequest.answered_at.desc()).limit(MOST_ROWS))
    return tuple(_row(request, actor) for request in waiting + answered)


def confirm(request_id: int, *, actor: Actor | None) -> None:
    """Erase the data of the person who asked. There is no way back.

    Raises:
        NotFound, WrongTransition: no such request, or it is answered.
        SecondPersonNeeded: the actor wrote it down himself.
        CannotErase: something has come up since he asked.
    """
    _confirm(request_id, actor=actor)
    scrub()


@transactional
def _confirm(request_id: int, *, actor: Actor | None) -> None:
    actor = require_operator(actor)
    request = _held(request_id, RequestKind.ERASURE)
    if request.recorded_by_id == actor.user_id:
        raise SecondPersonNeeded
    erasure.erase(request, actor=actor)
    _tell(request.user_id)


@transactional
def refuse(request_id: int, reason: str, *, actor: Actor | None) -> None:
    """Say no, with the reason that the person reads.

    Raises:
        InvalidField: no reason.
        NotFound, WrongTransition: no such request, or it is answered.
    """
    actor = require_operator(actor)
    request = _held(request_id, RequestKind.ERASURE)
    _answer(request, RequestState.REFUSED, reason, actor=actor)
    letters.refused(User.get_by_id(request.user_id), reason=reason.strip(), key=f'request:{request.id}:refused')


@transactional
def answer(request_id: int, text: str, *, actor: Actor | None) -> None:
    """Note how a request for information was answered: by letter, on paper, when.

    Raises:
        InvalidField: nothing written.
        NotFound, WrongTransition: no such request, or it is answered.
    """
    actor = require_operator(actor)
    _answer(_held(request_id, RequestKind.INFORMATION), RequestState.DONE, text, actor=actor)


def _open(
    user_id: int, kind: RequestKind, number: str, form_key: str, *, actor: Actor, recorded_by: int | None
) -> None:
    if PrivacyRequest.select().where(_open_of(user_id, kind) | (PrivacyRequest.form_key == form_key)).exists():
        return
    request = PrivacyRequest.create(
        user=user_id,
        kind=kind,
        contract_number=number[:16],
        recorded_by=recorded_by,
        form_key=form_key,
        asked_at=now(),
        due_on=answer_by(kind),
    )
    audit.note('privacy.ask', f'user:{user_id}', actor=actor, request=request.id, kind=kind)
    letters.received(User.get_by_id(user_id), due_on=request.due_on, key=f'request:{request.id}:received')
    _tell(user_id)


def _answer(request: PrivacyRequest, state: RequestState, text: object, *, actor: Actor) -> None:
    words = clean_text('reason', text, rule='privacy_answer', required=True)
    PrivacyRequest.update(state=state, answered_at=now(), answered_by=actor.user_id, answer=words).where(
        PrivacyRequest.id == request.id
    ).execute()
    audit.note(f'privacy.{state}', f'user:{request.user_id}', actor=actor, request=request.id)
    _tell(request.user_id)


def _held(request_id: object, kind: RequestKind) -> PrivacyRequest:
    """Return an open request with its row held until the end of the transaction."""
    query = PrivacyRequest.select().where((PrivacyRequest.id == request_id) & (PrivacyRequest.kind == kind))
    request: PrivacyRequest | None = (query.for_update() if is_postgres() else query).get_or_none()
    if type(request_id) is not int or request is None:
        raise NotFound
    if request.state != RequestState.OPEN:
        raise WrongTransition
    return request


def _open_of(user_id: int, kind: RequestKind) -> Any:
    same = (PrivacyRequest.user == user_id) & (PrivacyRequest.kind == kind)
    return same & (PrivacyRequest.state == RequestState.OPEN)


def _owner(number: object) -> int:
    typed = number.strip() if isinstance(number, str) else ''
    found = None
    if field_rules.rule('contract_number').fits(typed):
        query = Contract.select(Subscriber.user).join(Subscriber)
        found = query.where((Contract.number == typed) & (Contract.status != ContractStatus.VOID)).scalar()
    if found is None:
        raise InvalidField('number', N_('Такого договора нет, или у него ещё нет входа в кабинет. Проверьте номер.'))
    return int(found)


def _row(request: Any, actor: Actor) -> RequestRow:
    is_open_erasure = request.state == RequestState.OPEN and request.kind == RequestKind.ERASURE
    return RequestRow(
        id=request.id,
        kind=request.kind,
        state=request.state,
        contract_number=request.contract_number,
        name=request.user.name,
        is_on_paper=request.recorded_by_id is not None,
        asked_at=request.asked_at,
        due_on=request.due_on,
        days_left=(request.due_on - today()).days,
        answered_at=request.answered_at,
        answer=request.answer,
        obstacles=erasure.obstacles_of(request.user_id) if is_open_erasure else (),
        is_for_colleague=is_open_erasure and request.recorded_by_id == actor.user_id,
    )


def _tell(user_id: int) -> None:
    record(OwnDataChanged(user_id))
    record(PrivacyRequestsChanged())
