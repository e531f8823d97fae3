"""Live chat in two browsers: each side sees the other within a second, and the history is kept."""

from playwright.sync_api import expect

WITHIN_A_SECOND = 1_000
UNTIL_IT_TRIES_AGAIN = 60_000
"""A try to connect that hears nothing ends after twenty seconds; then it waits and tries again."""
LONG = 'В подъезде нет сети, пишу заранее: интернет пропал утром, роутер мигает.'
"""More letters than the server takes events at once."""


def write(page, text):
    field = page.get_by_label('Сообщение')
    field.fill(text)
    field.press('Enter')


def test_subscriber_and_operator_talk_live(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/chat')
    olga = new_person()
    sign_in(olga, 'olga')
    olga.goto(f'{base_url}/operator/chats')

    write(page, 'Здравствуйте, пропал <b>интернет</b>')
    expect(olga.get_by_role('link', name='Здравствуйте, пропал')).to_be_visible()
    expect(olga.get_by_text('1 новое')).to_be_visible()

    olga.get_by_role('link', name='Здравствуйте, пропал').click()
    expect(olga.get_by_role('log').get_by_text('пропал <b>интернет</b>')).to_be_visible()
    expect(page.get_by_text('Прочитано')).to_be_visible()

    write(olga, 'Проверяем линию')
    expect(page.get_by_role('log').get_by_text('Проверяем линию')).to_be_visible(timeout=WITHIN_A_SECOND)

    write(page, 'Спасибо, заработало')
    expect(olga.get_by_role('log').get_by_text('Спасибо, заработало')).to_be_visible(timeout=WITHIN_A_SECOND)

    page.reload()
    expect(page.get_by_role('log').get_by_text('Проверяем линию')).to_be_visible()


def test_the_other_side_sees_that_somebody_types(page, new_person, sign_in, base_url):
    sign_in(page, '100003')
    page.goto(f'{base_url}/my/chat')
    write(page, 'Хочу вернуться раньше')
    expect(page.get_by_role('log').get_by_text('Хочу вернуться раньше')).to_be_visible()
    olga = new_person()
    sign_in(olga, 'olga')
    olga.goto(f'{base_url}/operator/chats/100003')
    expect(page.get_by_text('Прочитано')).to_be_visible()

    olga.get_by_label('Сообщение').press_sequentially('Сейчас')

    expect(page.get_by_text('Оператор печатает…')).to_be_visible()


def test_what_is_not_sent_yet_survives_a_page_that_is_loaded_anew(page, sign_in, base_url):
    sign_in(page, '100003')
    page.goto(f'{base_url}/my/chat')
    field = page.get_by_label('Сообщение')
    field.fill('Не успел отправить')

    page.reload()
    expect(field).to_have_value('Не успел отправить')
    field.press('Enter')
    expect(page.get_by_role('log').get_by_text('Не успел отправить')).to_be_visible()
    expect(field).to_have_value('')

    page.reload()
    expect(page.get_by_role('log').get_by_text('Не успел отправить')).to_be_visible()
    expect(field).to_have_value('')


def test_boris_does_not_see_what_anna_wrote(page, sign_in, base_url):
    sign_in(page, '100002')
    page.goto(f'{base_url}/my/chat')

    expect(page.get_by_text('Здесь будет переписка')).to_be_visible()


def test_a_technician_is_led_away_from_the_chats(page, sign_in, base_url):
    sign_in(page, 'taras')
    page.goto(f'{base_url}/operator/chats')

    expect(page).to_have_url(f'{base_url}/field/')


def test_what_is_typed_before_the_connection_is_there_arrives_whole_and_in_order(page, sign_in, base_url):
    sign_in(page, '100003')
    held = []

    def hold(socket):
        held.append(socket)

    page.route_web_socket('**/socket.io/**', hold)
    page.goto(f'{base_url}/my/chat')
    field = page.get_by_label('Сообщение')
    field.press_sequentially(LONG)
    field.press('Enter')
    expect(field).to_have_value(LONG)  # nothing has gone yet

    held[0].connect_to_server()

    expect(page.get_by_role('log').get_by_text(LONG)).to_be_visible(timeout=UNTIL_IT_TRIES_AGAIN)
    expect(field).to_have_value('')


def test_what_is_typed_while_the_connection_is_away_arrives_when_it_is_back(page, sign_in, base_url):
    sign_in(page, '100003')
    is_away, lines = False, []

    def be_the_network(line):
        lines.append(line)
        if not is_away:
            line.connect_to_server()

    page.route_web_socket('**/socket.io/**', be_the_network)
    page.goto(f'{base_url}/my/chat')
    write(page, 'Проверка связи')
    expect(page.get_by_role('log').get_by_text('Проверка связи')).to_be_visible()
    is_away = True
    lines[0].close()
    expect(page.get_by_text('Связь с сайтом прервалась')).to_be_visible()
    field = page.get_by_label('Сообщение')
    field.press_sequentially(f'Снова. {LONG}')
    field.press('Enter')

    is_away = False
    if len(lines) > 1:  # it has tried already
        lines[-1].connect_to_server()

    expect(page.get_by_text('Связь с сайтом прервалась')).to_be_hidden(timeout=UNTIL_IT_TRIES_AGAIN)
    expect(page.get_by_role('log').get_by_text(f'Снова. {LONG}')).to_be_visible()
    expect(field).to_have_value('')
