"""Live chat: one talk a contract. The subscriber reads and writes his own, operators any; nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Expression, fn

from models.access import Access
from models.chat import ChatMessage, ChatThread
from models.contract import Contract, Subscriber
from models.user import User
from services import audit, field_rules, form_keys, limits, rate_limits
from services.authority import Actor, own_contract, require_operator
from services.clock import now
from services.errors import N_, InvalidField
from services.events import ChatChanged, ChatTyping, record
from services.files import attachments
from services.files.uploads import FileView
from services.input_text import clean_text
from services.messages import disputes
from services.messages.chat_access import contract_of_talk, is_operator
from services.messages.disputes import DisputedLine
from services.runner import transactional

LONGEST = field_rules.most('chat_text')
PAGE, MOST_THREADS = limits.count('chat_page'), limits.count('chat_threads')
MOST_A_MINUTE, MINUTE = limits.rate('chat_messages')


@dataclass(frozen=True)
class MessageView:
    """One message as the screen shows it; `is_mine` by the side of the reader, not by the person; `about` is the
    line of the wallet a subscriber disputes."""

    id: int
    text: str
    author: str
    by_operator: bool
    is_mine: bool
    sent_at: datetime
    files: tuple[FileView, ...] = ()
    about: DisputedLine | None = None


@dataclass(frozen=True)
class Conversation:
    """A talk as one side sees it; no `thread_id` before the first message, `seen_id` is what the other side read."""

    contract_id: int
    contract_number: str
    subscriber: str
    thread_id: int | None
    messages: tuple[MessageView, ...]
    has_older: bool
    seen_id: int


@dataclass(frozen=True)
class ThreadLine:
    """One line of the operators' list."""

    contract_number: str
    subscriber: str
    last_text: str
    last_at: datetime
    unread: int
    operator: str


def get_conversation(
    contract_number: str = '', *, after_id: int = 0, before_id: int | None = None, actor: Actor | None
) -> Conversation:
    """Return a talk: the newest 50 messages, those after an id, or the 50 before one.

    Args:
        contract_number: whose talk; a subscriber always gets his own.
        after_id: only messages newer than this one (an open page asks for what it does not have yet).
        before_id: an older page of the history.

    Raises:
        NotFound: no such contract, or not yours.
    """
    contract = contract_of_talk(contract_number, actor)
    thread = ChatThread.get_or_none(ChatThread.contract == contract)
    by_operator = is_operator(actor)
    if actor and by_operator:
        audit.note_reading(f'chat:{contract.number}', actor=actor)
    query = ChatMessage.select(ChatMessage, User).join(User).where(ChatMessage.thread == (thread.id if thread else 0))
    if after_id:
        query = query.where(ChatMessage.id > after_id)
    if before_id is not None:
        query = query.where(ChatMessage.id < before_id)
    rows = list(query.order_by(ChatMessage.id.desc()).limit(PAGE + 1))
    files = attachments.files_of(rows[:PAGE])
    about = disputes.lines_of([row.operation_id for row in rows[:PAGE] if row.operation_id], contract)
    seen = 0 if thread is None else thread.subscriber_read_id if by_operator else thread.operator_read_id
    return Conversation(
        contract_id=contract.id,
        contract_number=contract.number,
        subscriber=contract.subscriber.full_name,
        thread_id=thread.id if thread else None,
        messages=tuple(
            _view(row, files.get(row.id, ()), about.get(row.operation_id or 0), by_operator=by_operator)
            for row in reversed(rows[:PAGE])
        ),
        has_older=len(rows) > PAGE,
        seen_id=seen,
    )


@transactional
def send(
    text: str,
    client_message_id: str,
    *,
    files: Sequence[str] = (),
    about: int | None = None,
    contract_number: str = '',
    actor: Actor | None,
) -> int:
    """Write a message and return its id; the same `client_message_id` again returns the first one's.

    Args:
        files: ids of pictures uploaded for this talk by the same person; with them the text may be empty.
        about: the operation a subscriber disputes.

    Raises:
        InvalidField: nothing to send, more than 4,000 characters, or a picture that is not there any more.
        TooManyFiles: more pictures than one message carries.
        TooManyRequests: more than 30 messages in a minute.
        NotFound: no such contract, or not yours; no such operation on its wallet.
    """
    contract = contract_of_talk(contract_number, actor)
    by_operator = is_operator(actor)
    disputed = disputes.line_of(contract, about) if about is not None and not by_operator else None
    words = clean_text('text', text, rule='chat_text')
    attached = attachments.read_ids(files)
    if not words and not attached:
        raise InvalidField('text', N_('Напишите сообщение.'))
    key = form_keys.of_message(client_message_id)
    thread = _thread_of(contract)
    repeated = ChatMessage.get_or_none((ChatMessage.thread == thread) & (ChatMessage.client_message_id == key))
    if repeated is not None:
        return int(repeated.id)
    assert actor is not None
    rate_limits.spend('chat', str(actor.user_id), most=MOST_A_MINUTE, window=MINUTE)
    message = ChatMessage.create(
        thread=thread,
        author=actor.user_id,
        by_operator=by_operator,
        text=words,
        client_message_id=key,
        sent_at=now(),
        operation=disputed.operation_id if disputed else None,
    )
    attachments.attach(attached, message, contract, actor)
    changed = {'last_message_at': message.sent_at}
    changed['operator_read_id' if by_operator else 'subscriber_read_id'] = message.id
    if by_operator and thread.operator_id is None:
        changed['operator'] = actor.user_id
    ChatThread.update(**changed).where(ChatThread.id == thread.id).execute()
    if by_operator:
        audit.note('chat.send', f'chat:{contract.number}', actor=actor)
    record(ChatChanged(thread.id, contract.id))
    return int(message.id)


@transactional
def mark_read(up_to_id: int, *, contract_number: str = '', actor: Actor | None) -> None:
    """Remember that this side has seen everything up to a message; a smaller number than before changes nothing."""
    contract = contract_of_talk(contract_number, actor)
    thread = ChatThread.get_or_none(ChatThread.contract == contract)
    if thread is None:
        return
    up_to_id = up_to_id if isinstance(up_to_id, int) else 0
    mark = ChatThread.operator_read_id if is_operator(actor) else ChatThread.subscriber_read_id
    newest = ChatMessage.select(fn.MAX(ChatMessage.id)).where(ChatMessage.thread == thread).scalar() or 0
    moved = (
        ChatThread.update({mark: min(up_to_id, newest)})
        .where((ChatThread.id == thread.id) & (mark < min(up_to_id, newest)))
        .execute()
    )
    if moved:
        record(ChatChanged(thread.id, contract.id))


def tell_typing(*, contract_number: str = '', actor: Actor | None) -> None:
    """Let the other side know that somebody is typing; nothing is stored."""
    contract = contract_of_talk(contract_number, actor)
    thread = ChatThread.get_or_none(ChatThread.contract == contract)
    if thread is not None:
        record(ChatTyping(thread.id, contract.id, by_operator=is_operator(actor)))


def list_threads(*, actor: Actor | None) -> list[ThreadLine]:
    """Return the newest 200 talks for the operators' list, those with unread messages first. Three queries."""
    actor = require_operator(actor)
    audit.note_reading('list:chats', actor=actor)
    threads = list(
        ChatThread.select(ChatThread, Contract, Subscriber, User)
        .join(Contract)
        .join(Subscriber)
        .join_from(ChatThread, User, JOIN.LEFT_OUTER)
        .order_by(ChatThread.last_message_at.desc())
        .limit(MOST_THREADS)
    )
    last = _last_texts(threads)
    unread = _unread_counts(threads)
    lines = [
        ThreadLine(
            contract_number=thread.contract.number,
            subscriber=thread.contract.subscriber.full_name,
            last_text=last.get(thread.id, '')[:120],
            last_at=thread.last_message_at,
            unread=unread.get(thread.id, 0),
            operator=thread.operator.first_name if thread.operator else '',
        )
        for thread in threads
    ]
    return sorted(lines, key=lambda line: line.unread == 0)


def _last_texts(threads: list[ChatThread]) -> dict[int, str]:
    last_ids = (
        ChatMessage.select(fn.MAX(ChatMessage.id)).where(ChatMessage.thread.in_(threads)).group_by(ChatMessage.thread)
    )
    rows: Any = ChatMessage.select(ChatMessage.thread, ChatMessage.text).where(ChatMessage.id.in_(last_ids)).tuples()
    return dict(rows)


def _unread_counts(threads: list[ChatThread]) -> dict[int, int]:
    rows: Any = (
        ChatMessage.select(ChatMessage.thread, fn.COUNT(ChatMessage.id))
        .join(ChatThread)
        .where(ChatMessage.thread.in_(threads) & _waits_for_operator())
        .group_by(ChatMessage.thread)
        .tuples()
    )
    return dict(rows)


def _waits_for_operator() -> Expression:
    return (ChatMessage.by_operator == False) & (ChatMessage.id > ChatThread.operator_read_id)  # noqa: E712 - SQL


def count_unread(*, actor: Actor | None) -> int:
    """Return how many messages wait for the actor: his own talk for a subscriber, all talks for an operator."""
    if is_operator(actor):
        waiting = _waits_for_operator()
    else:
        waiting = (
            (ChatThread.contract == own_contract(actor, need=Access.MANAGE))
            & (ChatMessage.by_operator == True)  # noqa: E712
            & (ChatMessage.id > ChatThread.subscriber_read_id)
        )
    return int(ChatMessage.select().join(ChatThread).where(waiting).count())


def _thread_of(contract: Contract) -> ChatThread:
    thread = ChatThread.get_or_none(ChatThread.contract == contract)
    if thread is None:
        # Both sides may write the first message at once: the unique contract lets one insert win.
        ChatThread.insert(contract=contract, last_message_at=now()).on_conflict_ignore().execute()
        thread = ChatThread.get(ChatThread.contract == contract)
    return thread


def _view(
    row: ChatMessage, files: tuple[FileView, ...], about: DisputedLine | None, *, by_operator: bool
) -> MessageView:
    return MessageView(
        id=row.id,
        text=row.text,
        author=row.author.first_name or row.author.name,
        by_operator=row.by_operator,
        is_mine=row.by_operator == by_operator,
        sent_at=row.sent_at,
        files=files,
        about=about,
    )
