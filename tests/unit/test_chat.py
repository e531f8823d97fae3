"""Live chat: one talk a contract, read by its subscriber and by operators, and by nobody else."""

import pytest

from models.chat import ChatMessage, ChatThread
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.events import ChatChanged, ChatTyping
from services.messages import chat


def test_a_message_reaches_the_other_side(db, anna, olga):
    chat.send('Интернет пропал', 'k1', actor=anna)

    talk = chat.get_conversation('100001', actor=olga)

    assert [(m.text, m.is_mine, m.by_operator) for m in talk.messages] == [('Интернет пропал', False, False)]
    assert db.events[-1] == ChatChanged(talk.thread_id, talk.contract_id)


def test_the_answer_of_the_operator_is_shown_as_not_mine(db, anna, olga):
    chat.send('Интернет пропал', 'k1', actor=anna)
    chat.send('Проверяем линию', 'k2', contract_number='100001', actor=olga)

    talk = chat.get_conversation(actor=anna)

    assert [(m.text, m.is_mine) for m in talk.messages] == [('Интернет пропал', True), ('Проверяем линию', False)]
    assert ChatThread.get().operator_id == olga.user_id


def test_an_operator_may_write_first(db, anna, olga):
    chat.send('Завтра плановые работы', 'k1', contract_number='100001', actor=olga)

    assert chat.count_unread(actor=anna) == 1


def test_a_repeated_sending_writes_once(db, anna):
    first = chat.send('Привет', 'same-key', actor=anna)
    second = chat.send('Привет', 'same-key', actor=anna)

    assert first == second
    assert ChatMessage.select().count() == 1


def test_opening_an_empty_talk_writes_nothing(db, anna):
    talk = chat.get_conversation(actor=anna)

    assert talk.thread_id is None
    assert ChatThread.select().count() == 0


def test_a_subscriber_always_gets_his_own_talk(db, anna, boris):
    chat.send('Тайна Анны', 'k1', actor=anna)

    talk = chat.get_conversation('100001', actor=boris)

    assert talk.contract_number == '100002'
    assert talk.messages == ()


def test_a_subscriber_cannot_write_into_another_talk(db, anna, boris):
    chat.send('Тайна Анны', 'k1', actor=anna)
    chat.send('Чужое', 'k2', contract_number='100001', actor=boris)

    assert [m.text for m in chat.get_conversation(actor=anna).messages] == ['Тайна Анны']


def test_a_technician_reads_and_writes_nothing(db, anna, taras):
    chat.send('Тайна Анны', 'k1', actor=anna)

    with pytest.raises(NotAllowed):
        chat.get_conversation('100001', actor=taras)
    with pytest.raises(NotAllowed):
        chat.send('Привет', 'k2', contract_number='100001', actor=taras)
    with pytest.raises(NotAllowed):
        chat.list_threads(actor=taras)


def test_nobody_signed_in_gets_nothing(db, stranger):
    with pytest.raises(SignInRequired):
        chat.get_conversation('100001', actor=stranger)
    with pytest.raises(SignInRequired):
        chat.send('Привет', 'k', actor=stranger)


def test_a_subscriber_does_not_see_the_list_of_talks(db, anna):
    with pytest.raises(NotAllowed):
        chat.list_threads(actor=anna)


def test_an_unknown_contract_is_not_found(db, olga):
    with pytest.raises(NotFound):
        chat.get_conversation('999999', actor=olga)


@pytest.mark.parametrize('text', ['', '   \n ', 'я' * 4001, 'a\x00b', {'a': 1}, None, 12])
def test_a_message_must_be_text_of_a_sane_length(db, anna, text):
    with pytest.raises(InvalidField) as refusal:
        chat.send(text, 'k', actor=anna)

    assert refusal.value.field == 'text'
    assert ChatMessage.select().count() == 0


@pytest.mark.parametrize('text', ['<script>alert(1)</script>', '**жирно**', 'две\nстроки', '👍🏽', 'я' * 4000])
def test_text_is_kept_as_it_was_typed(db, anna, text):
    chat.send(text, 'k', actor=anna)

    assert chat.get_conversation(actor=anna).messages[0].text == text


def test_more_than_thirty_messages_a_minute_are_refused(db, anna):
    for number in range(30):
        chat.send('ещё', f'k{number}', actor=anna)

    with pytest.raises(TooManyRequests):
        chat.send('ещё', 'k30', actor=anna)


def test_unread_counts_fall_when_the_other_side_has_seen(db, anna, olga):
    chat.send('Раз', 'k1', actor=anna)
    last = chat.send('Два', 'k2', actor=anna)

    assert chat.count_unread(actor=olga) == 2
    assert chat.list_threads(actor=olga)[0].unread == 2

    chat.mark_read(last, contract_number='100001', actor=olga)

    assert chat.count_unread(actor=olga) == 0
    assert chat.get_conversation(actor=anna).seen_id == last


def test_a_read_mark_never_goes_back_and_never_beyond_the_last_message(db, anna, olga):
    last = chat.send('Раз', 'k1', actor=anna)
    chat.mark_read(10**9, contract_number='100001', actor=olga)
    chat.mark_read(0, contract_number='100001', actor=olga)

    assert chat.get_conversation(actor=anna).seen_id == last


def test_the_list_shows_unread_talks_first(db, anna, boris, olga):
    chat.send('Старое, но без ответа', 'k1', actor=anna)
    answered = chat.send('Новое', 'k2', actor=boris)
    chat.mark_read(answered, contract_number='100002', actor=olga)

    lines = chat.list_threads(actor=olga)

    assert [(line.contract_number, line.unread, line.last_text) for line in lines] == [
        ('100001', 1, 'Старое, но без ответа'),
        ('100002', 0, 'Новое'),
    ]


def test_only_what_is_newer_is_asked_for(db, anna):
    first = chat.send('Раз', 'k1', actor=anna)
    chat.send('Два', 'k2', actor=anna)

    talk = chat.get_conversation(after_id=first, actor=anna)

    assert [m.text for m in talk.messages] == ['Два']


def test_history_comes_in_pages_of_fifty(db, anna, olga):
    for number in range(55):
        chat.send(f'{number}', f'k{number}', contract_number='100001', actor=(olga if number % 2 else anna))

    newest = chat.get_conversation(actor=anna)
    older = chat.get_conversation(before_id=newest.messages[0].id, actor=anna)

    assert (newest.messages[0].text, len(newest.messages), newest.has_older) == ('5', 50, True)
    assert ([m.text for m in older.messages], older.has_older) == (['0', '1', '2', '3', '4'], False)


def test_typing_is_told_and_not_stored(db, anna):
    chat.send('Раз', 'k1', actor=anna)
    rows = ChatMessage.select().count()

    chat.tell_typing(actor=anna)

    assert isinstance(db.events[-1], ChatTyping)
    assert db.events[-1].by_operator is False
    assert ChatMessage.select().count() == rows
