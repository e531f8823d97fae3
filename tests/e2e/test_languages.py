"""Three languages in a browser: a visitor switches and reads a total, a subscriber uses the cabinet in Belarusian."""

import re

from playwright.sync_api import expect


def test_a_visitor_switches_to_english_and_to_belarusian_and_reads_the_total(page, base_url):
    page.goto(f'{base_url}/minsk/packets-constructor/?internet=I-100&tv=none')
    expect(page.get_by_role('region', name='Итого')).to_contain_text('29,90 р.')

    page.get_by_role('contentinfo').get_by_role('link', name='English').click()
    expect(page).to_have_url(re.compile(r'/en/minsk/packets-constructor/'))
    expect(page.locator('html')).to_have_attribute('lang', 'en')
    expect(page.get_by_role('heading', level=1)).to_have_text('Build your package')
    expect(page.get_by_role('region', name='Total')).to_contain_text('29.90 BYN')

    page.get_by_role('radio', name=re.compile('«?Drive')).check()
    expect(page.get_by_role('region', name='Total')).to_contain_text('36.90 BYN')
    expect(page).to_have_url(re.compile(r'/en/minsk/packets-constructor/\?.*internet=I-200'))

    page.get_by_role('contentinfo').get_by_role('link', name='Беларуская').click()
    expect(page).to_have_url(re.compile(r'/be/minsk/packets-constructor/'))
    expect(page.get_by_role('heading', level=1)).to_have_text('Збярыце свой пакет')
    expect(page.get_by_role('region', name='Разам')).to_contain_text('36,90 р.')
    expect(page.get_by_role('banner').get_by_role('link', name='Асабісты кабінет')).to_be_visible()

    page.goto(base_url)
    expect(page).to_have_url(f'{base_url}/be/minsk/')
    page.get_by_role('contentinfo').get_by_role('link', name='Русский').click()
    expect(page).to_have_url(f'{base_url}/minsk/')
    page.goto(base_url)
    expect(page).to_have_url(f'{base_url}/minsk/')


def test_anna_reads_her_cabinet_in_belarusian_and_goes_back(page, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.locator('[data-balance]')).to_be_visible()

    page.get_by_role('contentinfo').get_by_role('button', name='Беларуская').click()
    expect(page).to_have_url(f'{base_url}/my/index')
    expect(page.locator('html')).to_have_attribute('lang', 'be')
    menu = page.get_by_role('navigation', name='Кабінет')
    expect(menu.get_by_role('link', name='Гісторыя')).to_be_visible()
    expect(page.get_by_role('link', name='Папоўніць').first).to_be_visible()

    page.goto(f'{base_url}/my/suspension')
    page.get_by_role('button', name='Палічыць').click()
    expect(page.get_by_role('heading', name='Прыпыненне на 14 дзён')).to_be_visible()

    page.goto(f'{base_url}/my/index')
    page.get_by_role('contentinfo').get_by_role('button', name='Русский').click()
    expect(page.get_by_role('navigation', name='Кабинет').get_by_role('link', name='История')).to_be_visible()
