"""The static site in a browser: choosing a town, finding an office, reading without scripts."""

import re

import pytest
from playwright.sync_api import expect

OPEN_OR_NOT = re.compile(r'(?:Открыто|Перерыв) до (?!23:59)\d\d:\d\d|Закрыто(?:, откроется [^<]+)?')


def test_another_town_keeps_the_page_and_is_remembered(page, base_url):
    page.goto(f'{base_url}/')
    expect(page).to_have_url(f'{base_url}/minsk/')
    page.goto(f'{base_url}/minsk/kontakti/')

    page.get_by_role('banner').get_by_role('button', name='Минск').click()
    dialog = page.get_by_role('dialog', name='Где подключаем')
    dialog.get_by_label('Найти город').fill('бори')
    expect(dialog.get_by_role('link')).to_have_count(1)
    dialog.get_by_role('link', name='Борисов').click()

    expect(page).to_have_url(f'{base_url}/borisov/kontakti/')
    expect(page.get_by_role('heading', level=1)).to_have_text('Контакты в Борисове')
    expect(page.get_by_role('banner').get_by_role('button', name='Борисов')).to_be_visible()
    page.goto(f'{base_url}/')
    expect(page).to_have_url(f'{base_url}/borisov/')


def test_the_town_is_in_the_middle_and_both_ways_in_are_on_the_right(page, base_url):
    page.set_viewport_size({'width': 1440, 'height': 900})
    page.goto(f'{base_url}/minsk/')
    banner = page.get_by_role('banner')
    town = banner.get_by_role('button', name='Минск').bounding_box()
    connect, cabinet = (banner.get_by_role('link', name=name) for name in ('Подключиться', 'Личный кабинет'))

    assert abs(town['x'] + town['width'] / 2 - 720) < 60
    assert town['x'] < connect.bounding_box()['x'] < cabinet.bounding_box()['x']
    expect(connect).to_have_css('background-color', 'rgb(20, 122, 61)')
    expect(cabinet).to_have_css('background-color', 'rgb(200, 30, 43)')
    connect.click()
    expect(page).to_have_url(re.compile(r'/minsk/packets-constructor/'))


def test_an_office_has_a_scheme_directions_and_a_place_on_the_map(page, base_url):
    page.goto(f'{base_url}/minsk/kontakti/')
    office = page.get_by_role('article', name='Офис: ул. Демонстрационная, 1')
    scheme = office.get_by_role('img', name=re.compile('Схема проезда'))

    scheme.scroll_into_view_if_needed()
    assert scheme.evaluate('picture => picture.complete && picture.naturalWidth > 0')
    expect(office.get_by_text('Метро «Центральная»')).to_be_visible()
    expect(office.get_by_role('link', name='+375 17 282-85-55')).to_have_attribute('href', 'tel:+375172828555')
    expect(office.get_by_role('link', name=re.compile('OpenStreetMap'))).to_have_attribute(
        'href', re.compile(r'^https://www\.openstreetmap\.org/\?mlat=53\.9023')
    )


@pytest.mark.parametrize('address', ['/minsk/', '/minsk/kontakti/'])
def test_who_comes_back_to_an_old_page_reads_what_holds_now(page, base_url, address):
    page.clock.install()
    page.goto(base_url + address)
    expect(page.get_by_text(OPEN_OR_NOT)).not_to_have_count(0)

    def later(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=OPEN_OR_NOT.sub('Перерыв до 23:59', answer.text()))

    page.route(base_url + address, later)
    page.clock.fast_forward('10:00')
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.get_by_text('Перерыв до 23:59')).not_to_have_count(0)
    expect(page.get_by_text(OPEN_OR_NOT)).to_have_count(0)


@pytest.mark.parametrize('width', [360, 820, 1440])
@pytest.mark.parametrize('address', ['/minsk/', '/minsk/kontakti/', '/offer', '/privacy', '/regions', '/demo/mailbox'])
def test_nothing_is_wider_than_the_screen(page, base_url, width, address):
    page.set_viewport_size({'width': width, 'height': 800})
    page.goto(base_url + address)

    assert page.evaluate('document.documentElement.scrollWidth - innerWidth') <= 0


def test_without_scripts_the_town_is_chosen_on_a_page(new_person, base_url):
    page = new_person(java_script_enabled=False)
    page.goto(f'{base_url}/minsk/kontakti/')

    page.get_by_role('banner').get_by_role('link', name='Минск').click()
    page.get_by_role('main').get_by_role('link', name='Солигорск').click()

    expect(page).to_have_url(f'{base_url}/soligorsk/kontakti/')


def test_an_answer_opens_without_the_others(page, base_url):
    page.goto(f'{base_url}/minsk/')
    question = page.get_by_text('Могу ли я зарегистрироваться сам?')
    answer = page.get_by_text('Доступ выдаёт мастер после подписания договора')

    expect(answer).to_be_hidden()
    question.click()
    expect(answer).to_be_visible()


def test_an_unknown_address_says_so_and_leads_home(page, base_url, complaints):
    complaints.expected.append('status of 404')
    page.goto(f'{base_url}/nowhere')

    expect(page.get_by_role('heading', name='Страница не найдена')).to_be_visible()
    page.get_by_role('link', name='На главную').click()
    expect(page).to_have_url(f'{base_url}/minsk/')
