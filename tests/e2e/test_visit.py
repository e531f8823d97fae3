"""A technician at the client: from the road to the signature, and the client's first way into his cabinet."""

import math
import re

import pytest
from playwright.sync_api import expect

from tests import pictures

CLIENT = 'Ковалёва Нина Андреевна'
PASSWORD_SHAPE = re.compile(r'[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}')


@pytest.fixture
def tablet(new_context, complaints):
    context = new_context(viewport={'width': 820, 'height': 1180}, has_touch=False)
    context.on('page', complaints.listen)
    context.set_default_timeout(15_000)
    return context.new_page()


def heading(page, text):
    return page.get_by_role('heading', name=text)


def tap(page, name):
    page.get_by_role('button', name=name, exact=True).click()


def draw(page):
    """Write something like a name with the mouse."""
    place = page.locator('canvas.signature')
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    page.mouse.move(box['x'] + 60, box['y'] + 120)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box['x'] + 60 + step * 6, box['y'] + 120 + 50 * math.sin(step / 4))
    page.mouse.up()


def record(page):
    """Write down devices and line; the first try is wrong."""
    expect(heading(page, 'Оборудование')).to_be_visible()
    tap(page, 'Записать и дальше')
    expect(page.get_by_text('Серийный номер с наклейки: от 4 до 32')).to_be_visible()
    serials = ('tp-e2e-0001', 'stb-e2e-0001', 'HWTC00E2E001')
    for place, serial in enumerate(serials):
        page.get_by_label('Серийный номер').nth(place).fill(serial)
        page.get_by_label('MAC').nth(place).fill(f'50c7bf0e2e0{place}')
    tap(page, 'Записать и дальше')

    expect(heading(page, 'Проверка линии')).to_be_visible()
    page.get_by_label('Уровень сигнала').fill('−18,5')
    with page.expect_file_chooser() as chooser:
        tap(page, 'Добавить фото')
    chooser.value.set_files({'name': 'Терминал.jpg', 'mimeType': 'image/jpeg', 'buffer': pictures.picture()})
    expect(page.get_by_role('link', name='Открыть фото: Терминал.jpg')).to_be_visible()
    take_back(page, 'Чужой щит.jpg')
    expect(page.get_by_label('Уровень сигнала')).to_have_value('−18,5')  # what is typed stays
    page.get_by_label('Приём').fill('94')
    page.get_by_label('Передача').fill('91')
    tap(page, 'Записать и дальше')


def take_back(page, name):
    """Add a photo by mistake and take it away again; the other one stays."""
    with page.expect_file_chooser() as chooser:
        tap(page, 'Добавить фото')
    chooser.value.set_files({'name': name, 'mimeType': 'image/jpeg', 'buffer': pictures.picture()})
    tap(page, f'Убрать фото: {name}')
    page.get_by_role('dialog').get_by_role('button', name='Убрать фото').dblclick()
    expect(page.get_by_role('link', name=f'Открыть фото: {name}')).to_have_count(0)
    expect(page.get_by_role('link', name='Открыть фото: Терминал.jpg')).to_be_visible()


def fill_papers(page):
    """Type the client's passport; only two letters and two digits of it are shown afterwards."""
    expect(heading(page, 'Документы клиента')).to_be_visible()
    papers = {
        'Серия и номер паспорта': 'МР1234567',
        'Идентификационный номер': '4230790B001PB5',
        'Кем выдан': 'Фрунзенским РУВД г. Минска',
        'Когда выдан': '14.02.2019',
        'Дата рождения': '23.07.1990',
    }
    for label, value in papers.items():
        page.get_by_label(label).fill(value)
    tap(page, 'Записать и сверить')
    expect(page.get_by_text('MP•••••67')).to_be_visible()


def test_a_visit_from_the_road_to_the_first_sign_in(tablet, base_url, sign_in, new_person):
    page = tablet
    sign_in(page, 'taras')
    page.get_by_role('listitem').filter(has_text=CLIENT).get_by_role('link', name='Открыть выезд').click()
    expect(page.get_by_role('link', name='+375 29 100-02-01')).to_have_attribute('href', 'tel:+375291000201')
    expect(page.get_by_role('status')).to_contain_text('Есть связь')
    tap(page, 'Выехал')
    expect(heading(page, 'В пути')).to_be_visible()
    tap(page, 'Я на месте')

    record(page)
    fill_papers(page)
    printed = page.get_by_role('link', name='Показать договор клиенту').get_attribute('href')
    assert page.request.get(base_url + printed).body().startswith(b'%PDF')
    tap(page, 'Сверил, к подписи')

    expect(heading(page, 'Подпись клиента')).to_be_visible()
    tap(page, 'Подписать договор')
    expect(page.get_by_text('Попросите клиента расписаться в рамке.')).to_be_visible()
    draw(page)
    page.get_by_role('button', name='Подписать договор').dblclick()

    expect(heading(page, 'Доступ в кабинет')).to_be_visible()
    tap(page, 'Показать пароль клиенту')
    number = page.locator('[data-login]').inner_text()
    password = page.locator('[data-password]').inner_text()
    assert PASSWORD_SHAPE.fullmatch(password)
    page.reload()
    expect(heading(page, 'Пароль уже показан')).to_be_visible()
    assert password not in page.content()
    tap(page, 'Показал клиенту, закрыть')
    expect(heading(page, 'Всё готово')).to_be_visible()
    expect(page.get_by_role('link', name=f'Акт {number}')).to_be_visible()
    tap(page, 'Завершить выезд')
    expect(heading(page, 'Выезд закончен')).to_be_visible()

    client = new_person()
    sign_in(client, number, password)
    client.wait_for_url('**/my/first-login')


def test_others_do_not_come_to_the_tablet(page, base_url, sign_in):
    page.goto(f'{base_url}/field/visits/1')
    expect(page).to_have_url(re.compile(r'/my/index\?next='))
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/**')
    page.goto(f'{base_url}/field/')
    expect(page).to_have_url(re.compile('/operator/'))
