"""Pictures in the chat: Anna shows what she sees, Olga looks at it whole; what goes wrong is said beside the file."""

import re

import pytest
from playwright.sync_api import expect

from tests import pictures

PHOTO = {'name': 'Роутер мигает.jpg', 'mimeType': 'image/jpeg', 'buffer': pictures.picture(size=(900, 600))}
SCREEN = {'name': 'Экран.png', 'mimeType': 'image/png', 'buffer': pictures.picture('PNG', size=(300, 600))}
NO_PHOTO = {'name': 'Договор.jpg', 'mimeType': 'image/jpeg', 'buffer': b'%PDF-1.7 not a picture'}


def open_chat(page, address):
    page.goto(address)
    page.wait_for_function('() => window.socket?.connected')


def pick(page, *files, by_key=False):
    button = page.get_by_role('button', name='Прикрепить фото')
    with page.expect_file_chooser() as chooser:
        button.press('Enter') if by_key else button.click()
    chooser.value.set_files(list(files))


def test_anna_shows_a_photo_and_olga_opens_it(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    open_chat(page, f'{base_url}/my/chat')
    olga = new_person()
    sign_in(olga, 'olga')
    open_chat(olga, f'{base_url}/operator/chats/100001')

    pick(page, PHOTO, SCREEN, by_key=True)
    expect(page.get_by_text('Готово')).to_have_count(2)
    page.get_by_label('Сообщение').fill('Вот так')
    page.get_by_role('button', name='Отправить').click()

    for side in (page, olga):
        photo = side.get_by_role('log').get_by_role('link', name='Открыть фото: Роутер мигает.jpg')
        expect(photo).to_be_visible()
        expect(side.get_by_role('link', name='Открыть фото: Экран.png')).to_be_visible()
        expect(photo.locator('img')).to_have_js_property('naturalWidth', 480)
    expect(page.get_by_text('Готово')).to_have_count(0)

    with olga.context.expect_page() as opened:
        olga.get_by_role('link', name='Открыть фото: Роутер мигает.jpg').click()
    whole = opened.value.locator('img')
    expect(whole).to_have_js_property('naturalWidth', 900)
    expect(opened.value).to_have_url(re.compile(r'/files/[\w-]{32}$'))

    page.reload()
    expect(page.get_by_role('link', name='Открыть фото: Экран.png')).to_be_visible()


def test_a_photo_alone_is_sent_and_the_list_of_talks_says_so(page, new_person, sign_in, base_url):
    olga = new_person()
    sign_in(olga, 'olga')
    open_chat(olga, f'{base_url}/operator/chats')
    sign_in(page, '100002')
    open_chat(page, f'{base_url}/my/chat')

    pick(page, PHOTO)
    expect(page.get_by_text('Готово')).to_be_visible()
    page.get_by_role('button', name='Отправить').click()

    expect(page.get_by_role('link', name='Открыть фото')).to_be_visible()
    expect(olga.get_by_role('link', name=re.compile('Образцов.*Фото'))).to_be_visible()


def test_what_goes_wrong_is_said_beside_the_file(page, sign_in, base_url, complaints):
    complaints.expected += ['415', 'blob:']
    sign_in(page, '100003')
    open_chat(page, f'{base_url}/my/chat')

    pick(page, NO_PHOTO, PHOTO)
    expect(page.get_by_role('alert').filter(has_text='Подойдут JPEG, PNG и WebP')).to_be_visible()
    expect(page.get_by_text('Готово')).to_be_visible()
    page.get_by_role('button', name='Убрать Договор.jpg').click()
    expect(page.get_by_role('alert').filter(has_text='Подойдут')).to_have_count(0)
    pick(page, *[PHOTO] * 5)
    expect(page.get_by_text('Больше 5 фото сюда не добавить.')).to_be_visible()
    expect(page.get_by_text('Готово')).to_have_count(5)

    page.get_by_role('button', name='Отправить').click()
    expect(page.get_by_role('log').get_by_role('link', name='Открыть фото')).to_have_count(5)


def test_without_a_connection_the_photo_stays_with_a_word(page, sign_in, base_url, complaints):
    complaints.expected += ['ERR_FAILED']
    sign_in(page, '100003')
    open_chat(page, f'{base_url}/my/chat')
    page.route('**/files/chat', lambda route: route.abort())

    pick(page, PHOTO)

    expect(page.get_by_text('Фото не дошло. Проверьте связь и попробуйте ещё раз.')).to_be_visible()


@pytest.mark.parametrize('width', [360, 1440])
def test_the_paperclip_is_large_enough_for_a_finger(page, sign_in, base_url, width):
    page.set_viewport_size({'width': width, 'height': 800})
    sign_in(page, '100001')
    open_chat(page, f'{base_url}/my/chat')
    pick(page, PHOTO)

    for name in ('Прикрепить фото', 'Убрать Роутер мигает.jpg'):
        box = page.get_by_role('button', name=name).bounding_box()
        assert min(box['width'], box['height']) >= 44
    assert page.evaluate('document.documentElement.scrollWidth') <= width


def test_the_history_is_saved_as_a_table(page, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/history')

    with page.expect_download() as download:
        page.get_by_role('link', name='Скачать CSV').click()

    assert download.value.suggested_filename == 'История 100001.csv'
    assert download.value.path().read_bytes().startswith('\ufeffДата;Операция;'.encode())
