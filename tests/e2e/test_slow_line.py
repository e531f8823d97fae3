"""The line is slow: a visitor chooses on before the answer comes. Nothing he chose is taken back, or left behind."""

import re

from playwright.sync_api import expect

CONSTRUCTOR = '/minsk/packets-constructor/'
HOLD = """() => {
    const paint = window.amigoPainted.replace;
    window.held = [];
    window.amigoPainted.replace = (order) => window.held.push(() => paint(order));
}"""
"""Answers arrive and wait to be let through."""


def opened(page, base_url, query=''):
    page.goto(f'{base_url}{CONSTRUCTOR}{query}')
    page.wait_for_function('window.socket?.connected === true')


def total(page):
    return page.get_by_role('region', name='Итого')


def test_an_answer_to_an_older_question_takes_nothing_back(page, base_url):
    opened(page, base_url)
    page.evaluate(HOLD)
    page.get_by_role('radio', name='Драйв, 200').check()
    page.wait_for_function('window.held.length === 1')
    page.get_by_role('radio', name='Расширенный').check()
    page.wait_for_function('window.held.length === 2')

    page.evaluate('window.held[0]()')
    expect(page.get_by_role('radio', name='Расширенный')).to_be_checked()
    page.evaluate('window.held[1]()')
    expect(page.get_by_role('radio', name='Расширенный')).to_be_checked()
    expect(total(page)).to_contain_text('49,90\u00a0р.')
    expect(page).to_have_url(re.compile('internet=I-200&tv=T-PLUS'))


def test_who_applies_at_once_applies_for_what_he_chose(page, base_url):
    opened(page, base_url, '?internet=I-100')
    page.evaluate(HOLD)
    page.get_by_role('radio', name='Драйв, 200').check()
    page.get_by_role('link', name='Оставить заявку').click()

    expect(page.get_by_role('heading', level=1)).to_have_text('Заявка на подключение')
    expect(page.get_by_text('«Драйв»')).to_be_visible()


def test_another_town_gets_what_was_chosen(page, base_url):
    opened(page, base_url)
    page.get_by_role('radio', name='Драйв, 200').check()
    expect(total(page)).to_contain_text('36,90\u00a0р.')
    page.get_by_role('banner').get_by_role('button', name='Минск').click()
    page.get_by_role('dialog').get_by_role('link', name='Борисов').click()

    expect(page).to_have_url(re.compile('/borisov/packets-constructor/.*internet=I-200'))
    expect(page.get_by_role('radio', name='Драйв, 200')).to_be_checked()


def test_another_language_after_a_mistake_keeps_the_form_and_its_package(page, base_url, complaints):
    complaints.expected.append('422')
    page.goto(f'{base_url}{CONSTRUCTOR}application?internet=I-200')
    page.get_by_label('Фамилия').fill('Ёлкина')
    page.get_by_role('button', name='Отправить').click()
    expect(page.locator('#phone-error')).to_be_visible()
    page.get_by_role('contentinfo').get_by_role('link', name='English').click()

    expect(page.get_by_role('heading', level=1)).to_have_text('Application for connection')
    expect(page.get_by_label('Last name')).to_have_value('Ёлкина')
    expect(page.get_by_text('“Drive”')).to_be_visible()


def test_who_waits_finds_what_he_typed_in_another_language_and_after_a_reload(page, base_url, complaints):
    complaints.expected.append('422')
    page.goto(f'{base_url}/minsk/address/?street=новая образцовая&house=2')
    waiting = page.get_by_role('region', name='Сообщить, когда подключим')
    waiting.get_by_label('Телефон').fill('80291234567')
    waiting.get_by_role('checkbox').check()
    page.reload()
    expect(waiting.get_by_label('Телефон')).to_have_value('+375 29 123-45-67')
    expect(waiting.get_by_role('checkbox')).not_to_be_checked()
    waiting.get_by_role('button', name='Записаться').click()
    expect(waiting.get_by_text('Без согласия записать вас не можем')).to_be_visible()
    page.get_by_role('contentinfo').get_by_role('link', name='English').click()

    expect(page.locator('html')).to_have_attribute('lang', 'en')
    expect(page.get_by_role('heading', name='ул. Новая Образцовая, 2')).to_be_visible()
    expect(page.locator('#waiting').get_by_label('Phone')).to_have_value('+375 29 123-45-67')


def test_what_is_chosen_without_a_network_is_counted_when_it_comes_back(page, context, base_url, complaints):
    complaints.expected.append('ERR_INTERNET_DISCONNECTED')
    opened(page, base_url)
    context.set_offline(True)
    page.evaluate('window.socket.disconnect()')
    page.get_by_role('radio', name='Драйв, 200').check()
    expect(page.get_by_role('radio', name='Драйв, 200')).to_be_checked()
    expect(page.get_by_role('heading', level=1)).to_have_text('Соберите свой пакет')
    context.set_offline(False)

    expect(total(page)).to_contain_text('36,90\u00a0р.')
    expect(page).to_have_url(re.compile('internet=I-200'))
