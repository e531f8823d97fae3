"""A conversation on an open page: draws the panel and keeps it true while both sides write."""

from collections.abc import Sequence

from nicegui import ui

from components.chat_panel import ChatPanel
from components.i18n import _, long_date, money, record
from components.live import on_event
from components.session import act
from components.templating import render
from services.errors import N_
from services.events import ChatChanged, ChatTyping
from services.messages import chat
from services.messages.disputes import DisputedLine

EMPTY = N_('Здесь будет переписка. Напишите, что случилось, — ответим в этом окне.')
EMPTY_FOR_OPERATOR = N_('Переписки ещё не было. Напишите первым: абонент увидит сообщение в кабинете.')


async def chat_room(contract_number: str = '', *, for_operator: bool, about: DisputedLine | None = None) -> None:
    """Draw the talk of a contract and follow it live.

    Args:
        contract_number: whose talk, for an operator; a subscriber always gets his own.
        about: the line of the wallet his first message is about: it goes with that message.
    """
    first = await act(chat.get_conversation, contract_number)

    disputed = about

    async def send(text: str, key: str, files: Sequence[str]) -> None:
        nonlocal disputed
        operation = disputed.operation_id if disputed else None
        await act(chat.send, text, key, files=files, about=operation, contract_number=contract_number)
        disputed = None

    async def tell_typing() -> None:
        await act(chat.tell_typing, contract_number=contract_number)

    async def older(before_id: int) -> chat.Conversation:
        return await act(chat.get_conversation, contract_number, before_id=before_id)

    if for_operator:
        ui.html(render('_chat_head.html', talk=first), sanitize=False)
    panel = ChatPanel(
        first,
        on_send=send,
        on_typing=tell_typing,
        on_older=older,
        empty=_(EMPTY_FOR_OPERATOR if for_operator else EMPTY),
        other_side=first.subscriber.split()[1] if for_operator and ' ' in first.subscriber else _('Оператор'),
    )

    if about:
        panel.begin(_draft(about))

    async def reread(_event: ChatChanged) -> None:
        panel.show(await act(chat.get_conversation, contract_number, after_id=panel.last_id))
        await mark_read()

    async def typing(_event: ChatTyping) -> None:
        panel.show_typing()

    async def mark_read() -> None:
        if panel.last_id:
            await act(chat.mark_read, panel.last_id, contract_number=contract_number)

    on_event(ChatChanged, reread, when=lambda e: e.contract_id == first.contract_id)
    on_event(ChatTyping, typing, when=lambda e: e.contract_id == first.contract_id and e.by_operator != for_operator)
    # Read means seen: not when the page is built, but when a browser has really opened it.
    ui.context.client.on_connect(mark_read)


def _draft(line: DisputedLine) -> str:
    """Return how a message about a line begins: «Списание 29,90 р. 1 декабря: …»."""
    words = _('Списание {sum} {day}: {title}. ') if line.sum < 0 else _('Пополнение {sum} {day}: {title}. ')
    return words.format(sum=money(abs(line.sum)), day=long_date(line.at), title=record(line.title))
