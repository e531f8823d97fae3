"""A house is chosen by keys alone, without scripts, and where nothing is connected yet somebody waits and is told."""

import re

from playwright.sync_api import expect

CONSTRUCTOR = '/minsk/packets-constructor/'


def house(page, name):
    return page.get_by_role('region', name=name)


def offers(page, **facts):
    """Return what an open list offers; the options of a native select are none of them."""
    return page.get_by_role('listbox').get_by_role('option', **facts)


def test_a_house_is_chosen_by_keys_alone(page, base_url):
    page.goto(f'{base_url}{CONSTRUCTOR}?internet=I-200')
    street, number = (page.get_by_role('combobox', name=name) for name in ('Улица', 'Дом'))
    expect(street).to_be_visible()
    page.get_by_role('combobox', name='Населённый пункт').focus()
    page.keyboard.press('Tab')
    expect(street).to_be_focused()

    page.keyboard.type('ПPИМ')  # the second sign and the third are Latin
    expect(offers(page)).to_have_text(['пр-т Примерный'])
    expect(street).to_have_attribute('aria-expanded', 'true')
    page.keyboard.press('ArrowDown')
    expect(offers(page, selected=True)).to_have_text('пр-т Примерный')
    page.keyboard.press('Enter')
    expect(street).to_have_value('пр-т Примерный')
    expect(offers(page)).to_have_count(0)

    page.keyboard.press('Tab')
    expect(offers(page)).to_have_text(['21', '23', '25', '27', '29'])
    page.keyboard.press('Escape')
    expect(offers(page)).to_have_count(0)
    page.keyboard.type('25')
    expect(offers(page)).to_have_text(['25'])
    page.keyboard.press('ArrowDown')
    page.keyboard.press('Enter')
    expect(number).to_have_value('25')
    page.keyboard.press('Enter')

    expect(house(page, 'Минск, пр-т Примерный, 25')).to_contain_text('Подключаем')
    expect(page).to_have_url(re.compile(r'internet=I-200.*building=\d+'))
    expect(page.get_by_role('radio', name='Старт, 50')).to_be_disabled()
    expect(page.get_by_role('radio', name='Драйв, 200')).to_be_checked()


def test_the_chosen_house_stays_when_something_else_is_chosen(page, base_url):
    page.goto(f'{base_url}/minsk/address/?street=учебная&house=3')
    page.get_by_role('link', name='Показать тарифы для этого дома').click()
    page.wait_for_function('window.socket?.connected === true')
    page.get_by_role('radio', name='Старт, 50').check()
    expect(page).to_have_url(re.compile(r'internet=I-50.*building=\d+'))
    expect(page.get_by_role('radio', name='Драйв, 200')).to_be_disabled()
    page.reload()
    expect(house(page, 'Минск, ул. Учебная, 3')).to_be_visible()
    expect(page.get_by_role('radio', name='Старт, 50')).to_be_checked()

    page.get_by_role('link', name='Оставить заявку').click()
    expect(page.get_by_label('Улица')).to_have_value('ул. Учебная')
    expect(page.get_by_label('Населённый пункт')).to_have_value('Минск')


def test_without_scripts_the_page_asks_one_thing_after_another(new_person, base_url):
    page = new_person(java_script_enabled=False)
    page.goto(base_url + CONSTRUCTOR)
    page.get_by_label('Улица').fill('образц')
    page.get_by_role('button', name='Найти дом').click()
    expect(page.get_by_role('heading', name='Проверить адрес')).to_be_visible()
    page.get_by_label('Улица').fill('ул. Учебная')
    page.get_by_role('textbox', name='Дом').first.fill('99')
    page.get_by_role('button', name='Найти дом').click()
    expect(page.get_by_text('Такого дома у нас в базе нет')).to_be_visible()
    page.get_by_role('link', name='3', exact=True).click()

    expect(house(page, 'Минск, ул. Учебная, 3')).to_contain_text('Ниже — только то, что подключаем в этом доме')
    expect(page.get_by_role('radio', name='Драйв, 200')).to_be_disabled()
    page.get_by_role('link', name='Оставить заявку').click()
    expect(page.get_by_label('Улица')).to_have_value('ул. Учебная')


def test_who_waits_for_a_planned_house_is_told_when_it_is_connected(page, new_person, sign_in, base_url):
    page.goto(base_url + CONSTRUCTOR)
    expect(page.get_by_role('combobox', name='Улица')).to_be_visible()
    page.get_by_label('Улица').fill('новая образцовая')
    page.get_by_role('combobox', name='Дом').fill('д. 3')
    page.get_by_role('button', name='Найти дом').click()
    expect(house(page, 'Минск, ул. Новая Образцовая, 3')).to_contain_text('Подключим позже')
    waiting = house(page, 'Сообщить, когда подключим')
    expect(waiting.get_by_role('checkbox')).not_to_be_checked()
    waiting.get_by_label('E-mail').fill('waiting@example.by')
    waiting.get_by_role('checkbox').check()
    waiting.get_by_role('button', name='Записаться').click()
    expect(page.get_by_role('heading', name='Записали вас в лист ожидания')).to_be_visible()

    operator = new_person()
    sign_in(operator, 'olga')
    operator.wait_for_url('**/operator/')
    operator.goto(f'{base_url}/operator/waiting')
    operator.get_by_role('button', name='Связались: waiting@example.by').click()
    expect(operator.get_by_text('Отметили')).to_be_visible()
    operator.goto(f'{base_url}/operator/buildings?search=новая образцовая 3')
    operator.get_by_role('button', name='Изменить: Минск, ул. Новая Образцовая, 3').click()
    dialog = operator.get_by_role('dialog', name='Минск, ул. Новая Образцовая, 3')
    dialog.get_by_label('Состояние').click()
    operator.get_by_role('listbox').get_by_role('option', name='Подключаем', exact=True).click()
    dialog.get_by_label('Свободных портов').fill('8')
    dialog.get_by_role('button', name='Сохранить').click()
    expect(operator.get_by_text('Сохранили и написали')).to_be_visible()

    page.goto(f'{base_url}/minsk/address/?street=новая образцовая&house=3')
    expect(house(page, 'Минск, ул. Новая Образцовая, 3')).to_contain_text('Подключаем')
