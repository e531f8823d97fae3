"""ERIP in Chromium: the codes and the picture, a payment in the pretended banking app, the money that arrives live."""

import re
from datetime import UTC, datetime

from playwright.sync_api import expect


def test_money_through_erip_arrives_on_the_open_page(context, page, sign_in, base_url):
    sign_in(page, '100001')
    expect(page.locator('[data-balance]').first).to_be_visible()
    page.goto(f'{base_url}/my/pay')
    page.get_by_role('link', name='ЕРИП').click()
    expect(page.get_by_text('99999999').first).to_be_visible()
    expect(page.get_by_text('100001').first).to_be_visible()
    expect(page.get_by_alt_text(re.compile('QR-код'))).to_be_visible()

    with context.expect_page() as opened:
        page.get_by_role('link', name='Демонстрация: открыть ЕРИП').click()
    bank = opened.value
    bank.get_by_role('button', name='Открыть счёт').click()
    bank.locator('#amount').fill('31,50')
    bank.get_by_role('button', name='Оплатить в ЕРИП').click()
    expect(bank.get_by_text('Оплата прошла')).to_be_visible()

    expect(page.get_by_text('Деньги пришли: 31,50 р.')).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role('link', name='Квитанция').click()
    assert download.value.suggested_filename.endswith('.pdf')
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_text('Оплата через ЕРИП').first).to_be_visible()


def test_payment_for_another_contract_shows_a_masked_name_only(page, new_person, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/pay/other')
    page.get_by_label('Номер договора').fill('100002')
    page.get_by_role('button', name='Дальше').click()
    expect(page.get_by_text('Борис О.')).to_be_visible()
    assert 'Образцов' not in page.content()

    page.get_by_label('Сумма, р.').fill('33')
    page.get_by_role('button', name='Оплатить').click()
    expect(page).to_have_url(re.compile('/demo/gateway/widget/'))
    page.locator('[name=number]').fill('4200000000000000')
    page.locator('[name=expiry]').fill('12/30')
    page.locator('[name=cvc]').fill('123')
    page.locator('[name=holder]').fill('IVAN PETROV')
    page.get_by_role('button', name='Оплатить').click()

    expect(page.get_by_text('За договор 100002')).to_be_visible()
    page.goto(f'{base_url}/my/pay/other')
    expect(page.get_by_text('За договор 100002').first).to_be_visible()
    boris = new_person()
    sign_in(boris, '100002')
    boris.goto(f'{base_url}/my/history')
    expect(boris.get_by_text('Оплата картой, оплатил кто-то другой').first).to_be_visible()
    assert 'Анна' not in boris.content()


def test_an_operator_loads_a_register_and_books_it(page, sign_in, base_url):
    day = f'{datetime.now(UTC):%d.%m.%Y}'
    rows = ('100001;4,44;e2e1;Оплата', '999999;5;e2e2;Кто-то')
    text = '\n'.join(['Дата;Счёт;Сумма;Документ;Назначение', *(f'{day};{row}' for row in rows)])
    sign_in(page, 'olga')
    expect(page).to_have_url(f'{base_url}/operator/')
    page.goto(f'{base_url}/operator/registries')
    page.get_by_label('Файл CSV').set_input_files(
        {'name': 'erip.csv', 'mimeType': 'text/csv', 'buffer': text.encode('cp1251')}
    )
    page.get_by_role('button', name='Загрузить и проверить').click()
    expect(page.get_by_text('Будет зачислен').first).to_be_visible()

    page.get_by_role('button', name='Провести 4,44').click()
    page.get_by_role('dialog').get_by_role('button', name='Провести').click()
    expect(page.get_by_text('Проведён', exact=True)).to_be_visible()

    page.goto(f'{base_url}/operator/registries')
    page.get_by_label('Номер договора').fill('100002')
    page.get_by_role('button', name='Отнести на договор').click()
    expect(page.get_by_text('Платёж зачислен')).to_be_visible()
