"""The whole path, as the customer described it: from the first look at a tariff to a recovered password.

One visitor becomes a subscriber: package with a promo code → application → operator → visit → signature → credentials →
first sign-in → card → another tariff → pause → chat → recovery. Every step is a real page in a real browser.
"""

import math
import re

import pytest
from playwright.sync_api import Locator, Page, expect

E_MAIL = 'svetlana@example.by'
ONE_TIME = re.compile(r'[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}')
OWN_PASSWORD = 'тёплый свитер у окна'
NEW_PASSWORD = 'зимний лес за рекой'


@pytest.fixture
def people(new_person):
    """The visitor on a phone, the operator at a desk, the technician with a tablet."""
    return (
        new_person(viewport={'width': 390, 'height': 844}),
        new_person(viewport={'width': 1440, 'height': 900}),
        new_person(viewport={'width': 820, 'height': 1180}),
    )


def test_from_the_first_look_to_the_recovered_password(people, base_url, sign_in):
    client, olga, taras = people
    sign_in(olga, 'olga')
    olga.wait_for_url('**/operator/')

    number = apply(client, base_url)
    agree_and_schedule(olga, number)
    follow_on_the_tracker(client, number)
    sign_in(taras, 'taras')
    contract, one_time = connect(taras)

    first_sign_in(client, sign_in, contract, one_time)
    pay(client, base_url, '120')
    change_tariff(client, base_url)
    suspend_and_come_back(client, base_url)
    talk(client, olga, base_url, contract)
    recover(client, base_url, sign_in, contract)


def apply(page: Page, base_url: str) -> str:
    """Choose a package with a promo code and send the application; return its number."""
    page.goto(base_url)
    expect(page.get_by_role('banner').get_by_role('button', name='Минск')).to_be_visible()
    page.get_by_role('link', name='Подключиться').first.click()
    is_live(page)
    page.get_by_role('radio', name='Комфорт, 100').check()
    page.get_by_role('radio', name='Базовый, 75').check()
    total = page.get_by_role('region', name='Итого')
    expect(total).to_contain_text('38,90\u00a0р.')
    page.get_by_label('Промокод').fill('osen3')
    page.get_by_role('button', name='Проверить').click()
    expect(total).to_contain_text('29,93\u00a0р.')
    page.get_by_role('link', name='Оставить заявку').click()
    is_live(page)
    for label, text in {
        'Фамилия': 'Лесная',
        'Имя': 'Светлана',
        'Телефон': '80296667788',
        'E-mail': E_MAIL,
        'Населённый пункт': 'Минск',
        'Улица': 'ул. Демонстрационная',
        'Квартира': '77',
    }.items():
        page.get_by_label(label, exact=False).first.fill(text)
    page.locator('#house').fill('6')
    page.get_by_role('button', name='Отправить').click()
    page.wait_for_url(re.compile('/application/.*/sent'))
    return re.search(r'\d{6}', page.get_by_role('heading', level=1).inner_text())[0]


def agree_and_schedule(page: Page, number: str) -> None:
    """Take the application that appeared by itself, call, agree, schedule."""
    page.get_by_role('link', name=number).click()
    page.get_by_role('button', name='Взять в работу').click()
    expect(page.get_by_text('На рассмотрении').first).to_be_visible()
    page.get_by_label('Что сказал клиент').fill('Ждёт мастера, роутер свой')
    page.get_by_role('button', name='Дозвонились', exact=True).click()
    expect(page.get_by_text('Ждёт мастера, роутер свой')).to_be_visible()
    page.get_by_role('button', name='Согласовать').click()
    page.get_by_role('button', name='Назначить выезд').click()
    # The last day offered: how much of today is left depends on the hour of the run.
    page.get_by_role('group', name='День').get_by_role('button', disabled=False).last.click()
    slots = page.get_by_role('group', name='Тарас Техник')
    slots.get_by_role('button', disabled=False).last.click()
    page.get_by_role('button', name=re.compile('^Назначить: .*Тарас Техник')).click()
    expect(page.get_by_text('Назначен выезд').first).to_be_visible()


def follow_on_the_tracker(page: Page, number: str) -> None:
    """See on the secret page that a technician is coming."""
    page.get_by_role('link', name='Открыть заявку').click()
    page.get_by_label('Последние 4 цифры телефона').fill('7788')
    page.get_by_role('button', name='Показать заявку').click()
    expect(page.get_by_role('heading', level=1)).to_have_text(f'Заявка № {number}')
    expect(page.get_by_text('Назначен выезд').first).to_be_visible()


def connect(page: Page) -> tuple[str, str]:
    """Do the visit: devices, line, papers, signature; return the contract's number and the one-time password."""
    find_visit(page).get_by_role('link', name='Открыть выезд').click()
    tap(page, 'Выехал')
    tap(page, 'Я на месте')
    expect(page.get_by_role('heading', name='Оборудование')).to_be_visible()
    for place, field in enumerate(page.get_by_label('Серийный номер').all()):
        field.fill(f'HWTC0E2E0A{place:02}')
    for place, field in enumerate(page.get_by_label('MAC').all()):
        field.fill(f'aabbccddee0{place}')
    tap(page, 'Записать и дальше')
    page.get_by_label('Уровень сигнала').fill('−19,2')
    page.get_by_label('Приём').fill('96')
    page.get_by_label('Передача').fill('95')
    tap(page, 'Записать и дальше')
    for label, value in {
        'Серия и номер паспорта': 'МР7654321',
        'Идентификационный номер': '4230790B001PB5',
        'Кем выдан': 'Центральным РУВД г. Минска',
        'Когда выдан': '14.02.2019',
        'Дата рождения': '23.07.1990',
    }.items():
        page.get_by_label(label).fill(value)
    tap(page, 'Записать и сверить')
    tap(page, 'Сверил, к подписи')
    expect(page.get_by_role('heading', name='Подпись клиента')).to_be_visible()
    draw(page)
    tap(page, 'Подписать договор')
    tap(page, 'Показать пароль клиенту')
    contract = page.locator('[data-login]').inner_text()
    one_time = page.locator('[data-password]').inner_text()
    assert ONE_TIME.fullmatch(one_time)
    tap(page, 'Показал клиенту, закрыть')
    tap(page, 'Завершить выезд')
    expect(page.get_by_role('heading', name='Выезд закончен')).to_be_visible()
    return contract, one_time


def find_visit(page: Page) -> Locator:
    """Leaf through the days until the client's visit is there."""
    visit = page.get_by_role('listitem').filter(has_text='Лесная')
    for _ in range(14):
        expect(page.get_by_role('heading', level=1)).to_contain_text('Выезды')
        if visit.count():
            break
        shown = page.url
        page.get_by_role('navigation', name='Другой день').get_by_role('link').last.click()
        page.wait_for_url(lambda url, shown=shown: url != shown)
    return visit


def first_sign_in(page: Page, sign_in, contract: str, one_time: str) -> None:
    """Come with the one-time password and choose an own one."""
    sign_in(page, contract, one_time)
    page.wait_for_url('**/my/first-login')
    page.get_by_label('Новый пароль', exact=True).fill(OWN_PASSWORD)
    page.get_by_label('Новый пароль ещё раз').fill(OWN_PASSWORD)
    page.get_by_role('button', name='Сохранить и войти').click()
    page.wait_for_url('**/my/index')
    expect(page.locator('[data-balance]').first).to_be_visible()


def pay(page: Page, base_url: str, amount: str) -> None:
    """Pay by card on the bank's page and see the sum arrive."""
    before = int(page.locator('[data-balance]').first.get_attribute('data-balance'))
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill(amount)
    page.get_by_role('button', name='Оплатить').click()
    for name, text in {
        'Номер карты': '4200000000000000',
        'Срок действия': '12/30',
        'CVC': '123',
        'Имя на карте': 'SVETLANA',
    }.items():
        page.get_by_label(name).fill(text)
    page.get_by_role('button', name='Оплатить').click()
    expect(page.get_by_text(f'Оплата {amount},00 р. получена')).to_be_visible()
    page.goto(f'{base_url}/my/index')
    expect(page.locator(f'[data-balance="{before + int(amount) * 100}"]').first).to_be_visible()


def change_tariff(page: Page, base_url: str) -> None:
    """Move to a faster tariff now; the money is shown before."""
    page.goto(f'{base_url}/my/tariff?to=I-200&when=now')
    expect(page.get_by_text('Скидка по промокоду закончится')).to_be_visible()
    page.get_by_role('button', name=re.compile('^Перейти')).click()
    expect(page.get_by_text('Готово.')).to_be_visible()
    page.goto(f'{base_url}/my/index')
    expect(page.get_by_text('Драйв').first).to_be_visible()
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_role('button', name='Почему списано?').first).to_be_visible()


def suspend_and_come_back(page: Page, base_url: str) -> None:
    """Pause the internet from tomorrow, then think better of it."""
    page.goto(f'{base_url}/my/suspension')
    page.get_by_label('На сколько дней').fill('10')
    page.get_by_role('button', name='Посчитать').click()
    page.get_by_role('button', name='Приостановить').click()
    expect(page.get_by_text('Приостановка назначена').first).to_be_visible()
    page.get_by_role('link', name='Отменить приостановку').click()
    page.get_by_role('button', name='Отменить приостановку').click()
    expect(page.get_by_text('Приостановка отменена.')).to_be_visible()


def talk(page: Page, olga: Page, base_url: str, contract: str) -> None:
    """Ask the operator and get an answer."""
    page.goto(f'{base_url}/my/chat')
    page.get_by_label('Сообщение').fill('Спасибо, всё работает')
    page.get_by_role('button', name='Отправить').click()
    olga.goto(f'{base_url}/operator/chats/{contract}')
    expect(olga.get_by_role('log').get_by_text('Спасибо, всё работает')).to_be_visible()
    olga.get_by_label('Сообщение').fill('Пользуйтесь на здоровье')
    olga.get_by_role('button', name='Отправить').click()
    expect(page.get_by_role('log').get_by_text('Пользуйтесь на здоровье')).to_be_visible()


def recover(page: Page, base_url: str, sign_in, contract: str) -> None:
    """Forget the password and get in again by the letter."""
    page.goto(f'{base_url}/my/index')
    sign_out(page)
    page.get_by_role('link', name='Забыли пароль').click()
    window = page.get_by_role('dialog')
    window.get_by_label('Номер договора').fill(contract)
    window.get_by_label('E-mail').fill(E_MAIL)
    window.get_by_label('Код с картинки').fill('12345')
    window.get_by_role('button', name='Восстановить').click()
    page.goto(link_from_the_letter(page, base_url))
    page.get_by_label('Новый пароль', exact=True).fill(NEW_PASSWORD)
    page.get_by_label('Новый пароль ещё раз').fill(NEW_PASSWORD)
    page.get_by_role('button', name='Сохранить пароль').click()
    sign_in(page, contract, NEW_PASSWORD)
    expect(page.locator('[data-balance]').first).to_be_visible()


def sign_out(page: Page) -> None:
    menu = page.get_by_role('banner').locator('summary')
    if menu.first.is_visible():
        menu.first.click()
    page.get_by_role('button', name='Выйти').click()
    expect(page.get_by_role('button', name='Войти')).to_be_visible()


def link_from_the_letter(page: Page, base_url: str) -> str:
    page.goto(f'{base_url}/demo/mailbox')
    return page.get_by_role('link', name=re.compile('recovery.confirm')).first.get_attribute('href')


def is_live(page: Page) -> None:
    page.wait_for_function('window.socket?.connected === true')


def tap(page: Page, name: str) -> None:
    page.get_by_role('button', name=name, exact=True).click()


def draw(page: Page) -> None:
    place = page.locator('canvas.signature')
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    page.mouse.move(box['x'] + 60, box['y'] + 120)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box['x'] + 60 + step * 6, box['y'] + 120 + 50 * math.sin(step / 4))
    page.mouse.up()
