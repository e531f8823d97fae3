"""A visitor without a mouse sends an application; then he chooses, moves and cancels his visit on its page."""

import re

import pytest
from playwright.sync_api import expect

APPLICATION = '/minsk/packets-constructor/application'
TYPED = {
    'Фамилия': 'Клавишина',
    'Имя': 'Клавдия',
    'Телефон': '80291112299',
    'E-mail': 'klavdia@example.by',
    'Населённый пункт': 'Минск',
    'Улица': 'ул. Учебная',
}


def is_live(page):
    page.wait_for_function('window.socket?.connected === true')


def tab_to(page, target):
    """Press Tab until the focus is there: as many times as a patient person would."""
    for _ in range(150):
        if target.evaluate('element => element === document.activeElement'):
            return
        page.keyboard.press('Tab')
    pytest.fail(f'the keyboard does not reach {target}')


def type_into(page, target, text):
    tab_to(page, target)
    page.keyboard.type(text)


def number_on(page):
    return re.search(r'\d{6}', page.get_by_role('heading', level=1).inner_text())[0]


def apply(page, base_url, **other):
    page.goto(base_url + APPLICATION)
    for label, text in {**TYPED, **other}.items():
        page.get_by_label(label).fill(text)
    page.locator('#house').fill('7')
    page.get_by_role('button', name='Отправить').click()
    page.wait_for_url(re.compile('/application/.*/sent'))
    number = number_on(page)
    page.get_by_role('link', name='Открыть заявку').click()
    page.get_by_label('Последние 4 цифры телефона').fill('2299')
    page.get_by_role('button', name='Показать заявку').click()
    expect(page.get_by_text('Клавдия')).to_be_visible()
    return number


def agree(page, base_url, number):
    page.goto(f'{base_url}/operator/applications/{number}')
    page.get_by_role('button', name='Взять в работу').click()
    expect(page.get_by_text('На рассмотрении').first).to_be_visible()
    page.get_by_label('Что сказал клиент').fill('Удобно в будни')
    page.get_by_role('button', name='Дозвонились', exact=True).click()
    expect(page.get_by_text('Удобно в будни')).to_be_visible()  # the card is drawn anew with the note
    page.get_by_role('button', name='Согласовать').click()
    expect(page.get_by_text('Согласована').first).to_be_visible()


def test_an_application_is_sent_without_a_mouse(page, base_url):
    page.goto(base_url + '/minsk/packets-constructor/')
    is_live(page)
    total = page.get_by_role('region', name='Итого')
    tab_to(page, page.get_by_role('radio', name='Комфорт, 100'))
    page.keyboard.press('ArrowDown')
    expect(page.get_by_role('radio', name='Старт, 50')).to_be_checked()
    expect(total).to_contain_text('22,90\u00a0р.')
    expect(page.get_by_role('radio', name='Старт, 50')).to_be_focused()
    type_into(page, page.get_by_label('Промокод'), 'ДОМ50')
    tab_to(page, page.get_by_role('button', name='Проверить'))
    page.keyboard.press('Enter')
    expect(total).to_contain_text('7,50\u00a0р.')
    tab_to(page, page.get_by_role('link', name='Оставить заявку'))
    page.keyboard.press('Enter')

    page.wait_for_url(re.compile('packets-constructor/application'))
    is_live(page)
    for label, text in TYPED.items():
        type_into(page, page.get_by_label(label), text)
    type_into(page, page.locator('#house'), '7')
    expect(page.get_by_label('Телефон')).to_have_value('+375 29 111-22-99')
    tab_to(page, page.get_by_role('checkbox'))
    expect(page.get_by_role('checkbox')).not_to_be_checked()
    tab_to(page, page.get_by_role('button', name='Отправить'))
    page.keyboard.press('Enter')

    page.wait_for_url(re.compile('/application/.*/sent'))
    number = number_on(page)
    tab_to(page, page.get_by_role('link', name='Открыть заявку'))
    page.keyboard.press('Enter')
    type_into(page, page.get_by_label('Последние 4 цифры телефона'), '2299')
    page.keyboard.press('Enter')
    expect(page.get_by_text('Клавдия')).to_be_visible()
    assert number_on(page) == number


@pytest.mark.parametrize('has_scripts', [True, False])
def test_a_visit_is_chosen_moved_and_cancelled(new_person, base_url, sign_in, has_scripts):
    client, olga = new_person(java_script_enabled=has_scripts), new_person()
    number = apply(client, base_url)
    expect(client.get_by_role('region', name='Визит мастера')).to_have_count(0)
    sign_in(olga, 'olga')
    olga.wait_for_url('**/operator/')
    if has_scripts:
        client.evaluate('window.sameDocument = true')
    agree(olga, base_url, number)
    if not has_scripts:
        client.reload()

    visit = client.get_by_role('region', name='Визит мастера')
    expect(visit).to_be_visible()
    if has_scripts:
        assert client.evaluate('window.sameDocument')
    visit.get_by_text('Другие дни').click()
    visit.get_by_role('radio').last.check()
    visit.get_by_role('button', name='Выбрать это время').click()
    expect(visit).to_contain_text('с 19:00 до 21:00')
    expect(olga.get_by_text('Назначен выезд').first).to_be_visible()
    expect(olga.get_by_text('Клиент выбрал время')).to_be_visible()

    visit.get_by_text('Перенести визит', exact=True).first.click()
    visit.get_by_text('Другие дни').click()
    visit.get_by_role('radio', name='17:00–19:00').last.check()
    visit.get_by_role('button', name='Перенести визит').click()
    expect(visit).to_contain_text('с 17:00 до 19:00')
    expect(olga.get_by_text('Клиент перенёс выезд')).to_be_visible()

    visit.get_by_text('Отменить визит', exact=True).first.click()
    visit.get_by_role('button', name='Отменить визит').click()
    expect(visit.get_by_role('button', name='Выбрать это время')).to_be_visible()
    expect(olga.get_by_text('Клиент отменил выезд')).to_be_visible()


def test_the_page_says_by_itself_that_the_technician_is_on_his_way(new_person, base_url, sign_in, complaints):
    complaints.expected.append('422')
    client, olga, taras = new_person(), new_person(), new_person()
    number = apply(client, base_url, Фамилия='Дорожная')
    sign_in(olga, 'olga')
    olga.wait_for_url('**/operator/')
    agree(olga, base_url, number)
    visit = client.get_by_role('region', name='Визит мастера')
    visit.get_by_text('Другие дни').click()
    day = visit.get_by_role('radio').last.input_value().partition(' ')[0]
    visit.get_by_role('radio').last.check()
    visit.get_by_role('button', name='Выбрать это время').click()
    expect(visit).to_contain_text('Мастера зовут Тарас')
    visit.get_by_text('Перенести визит', exact=True).first.click()
    visit.get_by_role('radio').first.evaluate('slot => { slot.value = "2020-01-01 9"; }')
    visit.get_by_role('radio').first.check()
    visit.get_by_role('button', name='Перенести визит').click()
    expect(visit.get_by_role('alert')).to_contain_text('На это время выезд назначить нельзя')
    client.evaluate('window.sameDocument = true')

    sign_in(taras, 'taras')
    taras.wait_for_url('**/field/')
    taras.goto(f'{base_url}/field/?day={day}')
    mine = taras.get_by_role('listitem').filter(has_text='Дорожная')
    mine.get_by_role('link', name='Открыть выезд').click()
    taras.get_by_role('button', name='Выехал', exact=True).click()
    expect(taras.get_by_role('heading', name='В пути')).to_be_visible()

    state = client.get_by_role('region', name='Состояние заявки')
    expect(state).to_contain_text('Мастер уже едет', timeout=30_000)  # asked every five seconds
    expect(client.get_by_role('status')).to_contain_text('Мастер уже едет к вам.')
    expect(visit.get_by_role('button')).to_have_count(0)
    assert client.evaluate('window.sameDocument'), 'even at the address of the form that was refused'
