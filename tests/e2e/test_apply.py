"""A visitor builds a package, sees its price change at once, sends an application and follows it."""

import re

import pytest
from playwright.sync_api import expect

CONSTRUCTOR = '/minsk/packets-constructor/'
TYPED = {
    'Фамилия': 'Ёлкина',
    'Имя': 'Анна-Мария',
    'Телефон': '80291234567',
    'E-mail': 'anna-maria@example.by',
    'Населённый пункт': 'Минск',
    'Улица': 'ул. Учебная',
    'Комментарий': 'Звоните после шести',
}


def is_live(page):
    page.wait_for_function('window.socket?.connected === true')


def total(page):
    return page.get_by_role('region', name='Итого')


def fill(page, **other):
    for label, text in {**TYPED, **other}.items():
        page.get_by_label(label).fill(text)
    page.locator('#house').fill('3')


def test_the_total_follows_the_choice_without_a_reload(page, base_url):
    page.goto(base_url + CONSTRUCTOR)
    is_live(page)
    page.evaluate('window.sameDocument = true')
    expect(total(page)).to_contain_text('29,90\u00a0р.')
    page.get_by_label('Драйв').check()
    expect(total(page)).to_contain_text('36,90\u00a0р.')
    page.get_by_label('Расширенный').check()
    expect(total(page)).to_contain_text('49,90\u00a0р.')
    expect(page).to_have_url(re.compile(r'internet=I-200&tv=T-PLUS'))
    page.get_by_label('Промокод').fill('осен3')
    page.get_by_label('Промокод').press('Enter')
    expect(page.get_by_text('Такого промокода нет')).to_be_visible()
    page.get_by_label('Промокод').fill('OSEN3')
    page.get_by_role('button', name='Проверить').click()
    expect(total(page)).to_contain_text('38,83\u00a0р.')
    expect(total(page)).to_contain_text('с 4-го месяца')
    page.get_by_label('Дом в деревне').check()
    expect(page.get_by_label('Загородный')).to_be_checked()
    expect(page.get_by_label('Базовый')).to_have_count(0)
    assert page.evaluate('window.sameDocument')


def test_the_address_brings_the_package_back(page, base_url):
    page.goto(base_url + CONSTRUCTOR)
    is_live(page)
    page.get_by_label('Максимум, 500').check()
    expect(total(page)).to_contain_text('49,90\u00a0р.')
    page.reload()
    expect(page.get_by_label('Максимум, 500')).to_be_checked()
    expect(total(page)).to_contain_text('49,90\u00a0р.')


def test_the_link_of_a_package_is_copied_and_brings_it_to_somebody_else(page, context, new_person, base_url):
    context.grant_permissions(['clipboard-read', 'clipboard-write'], origin=base_url)
    page.goto(base_url + CONSTRUCTOR)
    is_live(page)
    page.get_by_label('Драйв').check()
    expect(total(page)).to_contain_text('36,90\u00a0р.')
    page.evaluate('const wait = setTimeout; window.setTimeout = (work, ms) => (ms === 2000 ? 0 : wait(work, ms))')
    total(page).get_by_role('button', name='Скопировать ссылку').click()
    expect(total(page).get_by_role('button', name='Ссылка скопирована')).to_be_visible()
    link = page.evaluate('navigator.clipboard.readText()')
    assert link == page.url

    friend = new_person()
    friend.goto(link)
    expect(friend.get_by_role('radio', name='Драйв, 200')).to_be_checked()
    expect(total(friend)).to_contain_text('36,90\u00a0р.')


def test_the_constructor_works_without_scripts(new_person, base_url):
    page = new_person(java_script_enabled=False)
    page.goto(base_url + CONSTRUCTOR)
    page.get_by_label('Старт').check()
    page.get_by_label('Промокод').fill('ДОМ50')
    page.get_by_role('button', name='Пересчитать').click()
    expect(total(page)).to_contain_text('22,90\u00a0р.')
    expect(total(page)).to_contain_text('7,50\u00a0р.')
    page.get_by_role('link', name='Оставить заявку').click()
    fill(page)
    page.get_by_role('button', name='Отправить').click()
    expect(page.get_by_text('Заявка принята')).to_be_visible()


def test_from_the_constructor_to_the_tracker(page, base_url):
    page.goto(f'{base_url}{CONSTRUCTOR}?internet=I-50')
    page.get_by_role('link', name='Оставить заявку').click()
    is_live(page)
    expect(page.get_by_text('«Старт»')).to_be_visible()
    expect(page.get_by_role('link', name='Изменить')).to_have_attribute('href', re.compile('internet=I-50'))
    page.get_by_label('Промокод').fill('дом50')
    page.get_by_role('button', name='Проверить').click()
    expect(page.get_by_text('Подключение 7,50\u00a0р. вместо 15,00\u00a0р.')).to_be_visible()
    fill(page)
    page.get_by_role('button', name='Отправить').dblclick()
    page.wait_for_url(re.compile('/application/.*/sent'))
    number = re.search(r'\d{6}', page.get_by_role('heading', level=1).inner_text())[0]
    page.get_by_role('link', name='Открыть заявку').click()
    expect(page.get_by_text('Анна-Мария')).to_have_count(0)
    page.get_by_label('Последние 4 цифры телефона').fill('4567')
    page.get_by_role('button', name='Показать заявку').click()
    expect(page.get_by_role('heading', level=1)).to_have_text(f'Заявка № {number}')
    expect(page.get_by_text('Анна-Мария')).to_be_visible()
    expect(page.get_by_text('Заявка получена')).to_be_visible()


def test_a_mistake_is_told_beside_the_field_and_nothing_is_lost(page, base_url, complaints):
    complaints.expected.append('422')
    page.goto(f'{base_url}{CONSTRUCTOR}application')
    fill(page, Телефон='123', Комментарий='<b>потом</b>')
    page.get_by_role('button', name='Отправить').click()
    expect(page.locator('#phone-error')).to_contain_text('Проверьте номер')
    expect(page.get_by_label('Телефон')).to_have_attribute('aria-describedby', re.compile('phone-error'))
    expect(page.get_by_label('Комментарий')).to_have_value('<b>потом</b>')
    expect(page.locator('#problems')).to_be_focused()
    page.goto(f'{base_url}{CONSTRUCTOR}application')
    expect(page.get_by_label('Фамилия')).to_have_value('Ёлкина')


@pytest.mark.parametrize(
    'query',
    [
        'internet=%00&tv=😀&equipment=<script>&addons=' + 'x,' * 500 + '&house=[]&promo=' + 'я' * 300,
        'internet[]=1&internet=I-100&internet=nope&%FF%FE=%C3%28',
        'house=village&internet=I-500&tv=T-MAX&addons=TV-KINO',
    ],
)
def test_a_hostile_address_falls_back(page, base_url, query):
    answer = page.goto(f'{base_url}{CONSTRUCTOR}?{query}')
    assert answer.status == 200
    expect(total(page)).to_contain_text('в месяц')
    expect(page.locator('[data-painted=notes]')).not_to_be_empty()


@pytest.mark.parametrize(
    'path', ['/atlantis/packets-constructor/', '/atlantis/packets-constructor/application', '/application/nobody']
)
def test_unknown_addresses_are_not_found(page, base_url, complaints, path):
    complaints.expected.append('404')
    assert page.goto(base_url + path).status == 404
    expect(page.get_by_role('heading', name='Страница не найдена')).to_be_visible()
