"""The operator's console in Chromium: the queue is live, and an application goes from the form to a planned visit."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.application import Application, ApplicationEvent
from models.application import ApplicationStatus as S
from models.base import database, open_database
from models.region import Region
from services.clock import now, today

QUOTE = {
    'monthly': '29.90',
    'monthly_later': '29.90',
    'once': '0.00',
    'lines': [{'kind': 'tariff', 'code': 'I-100', 'title': 'Комфорт', 'sum': '29.90', 'formula': '29,90 р.'}],
    'once_lines': [],
    'promo_months': 0,
}
WITHIN_A_MINUTE = 60_000


@pytest.fixture
def send_application(server):
    """Write an application into the server's own database, as another process of the site would."""
    before = database.obj
    database.obj = None
    open_database(f'sqlite:///{server.folder / "amigo.db"}', connections=2)
    own = database.obj

    def send(number, last_name):
        with own.connection_context(), own.atomic():
            application = Application.create(
                number=number, tracker_hash=number, form_key=f'e2e-{number}', region=Region.get(Region.slug == 'minsk'),
                last_name=last_name, first_name='Нина', phone='+375291112233', email='nina@example.by',
                locality='Минск', street='ул. Демонстрационная', house='8', flat='45', house_kind='flat',
                package={'tariff': 'I-100', 'tv': None, 'equipment': {}, 'addons': []}, quote=QUOTE,
                price_until=today() + timedelta(days=14), consent_version='1', created_at=now(), updated_at=now(),
            )  # fmt: skip
            ApplicationEvent.create(application=application, kind='status', to_status=S.NEW, at=now())

    yield send
    own.close_all()
    database.initialize(before)


def test_an_application_goes_from_the_queue_to_a_planned_visit(page, sign_in, base_url, send_application):
    send_application('900001', 'Путевая')
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')

    page.get_by_role('link', name='900001').click()
    page.get_by_role('button', name='Взять в работу').click()
    expect(page.get_by_text('На рассмотрении').first).to_be_visible()

    page.get_by_label('Что сказал клиент').fill('Ждёт мастера в субботу')
    page.get_by_role('button', name='Дозвонились', exact=True).click()
    expect(page.get_by_text('Ждёт мастера в субботу')).to_be_visible()

    page.get_by_role('button', name='Согласовать').click()
    page.get_by_role('button', name='Назначить выезд').click()
    # The last day offered: how much of today is left depends on the hour of the run.
    page.get_by_role('group', name='День').get_by_role('button', disabled=False).last.click()
    slots = page.get_by_role('group', name='Тарас Техник')
    slots.get_by_role('button', disabled=False).last.click()
    page.get_by_role('button', name=re.compile('^Назначить: .*Тарас Техник')).click()

    expect(page.get_by_text('Назначен выезд').first).to_be_visible()
    expect(page.get_by_role('button', name='Перенести выезд')).to_be_visible()
    page.goto(f'{base_url}/demo/mailbox')
    expect(page.get_by_text(re.compile('Мастер придёт')).first).to_be_visible(timeout=WITHIN_A_MINUTE)


def test_the_queue_of_one_operator_follows_what_another_does(page, new_person, sign_in, base_url, send_application):
    send_application('900002', 'Общая')
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    row = page.get_by_role('row').filter(has_text='900002')
    expect(row.get_by_text('Новая', exact=True)).to_be_visible()
    ada = new_person()
    sign_in(ada, 'ada')
    ada.goto(f'{base_url}/operator/applications/900002')

    ada.get_by_role('button', name='Взять в работу').click()

    expect(row.get_by_text('На рассмотрении')).to_be_visible()
    expect(row.get_by_text('Ада Администратор')).to_be_visible()


def test_rejecting_asks_why_and_closes_the_application(page, sign_in, base_url, send_application):
    send_application('900003', 'Отказная')
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    page.goto(f'{base_url}/operator/applications/900003')

    page.get_by_role('button', name='Отклонить').click()
    dialog = page.get_by_role('dialog')
    dialog.get_by_role('button', name='Отклонить').click()
    expect(dialog.get_by_text('Напишите причину')).to_be_visible()
    dialog.get_by_label('Причина').fill('В доме ремонт кабельного ввода')
    dialog.get_by_role('button', name='Отклонить').click()

    expect(page.get_by_text('Отклонена').first).to_be_visible()
    expect(page.get_by_text('В доме ремонт кабельного ввода').first).to_be_visible()
    expect(page.get_by_role('button', name='Взять в работу')).to_have_count(0)


def test_the_queue_is_walked_by_keyboard(page, sign_in, base_url, send_application):
    send_application('900004', 'Клавишная')
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    expect(page.get_by_role('link', name='900004')).to_be_visible()

    page.keyboard.press('?')
    expect(page.get_by_role('dialog', name='Клавиши')).to_be_visible()
    page.keyboard.press('Escape')
    page.keyboard.press('/')
    page.keyboard.type('клавишная')
    expect(page.get_by_role('row')).to_have_count(2)
    page.keyboard.press('ArrowDown')
    expect(page.get_by_role('link', name='900004')).to_be_focused()
    page.keyboard.press('Enter')

    expect(page.get_by_role('heading', name='Заявка 900004')).to_be_visible()
    page.keyboard.press('g')
    page.wait_for_url('**/operator/')


def test_subscribers_are_found_by_phone_and_opened(page, sign_in, base_url):
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    page.goto(f'{base_url}/operator/subscribers')
    expect(page.get_by_role('link', name='100001')).to_be_visible()

    page.get_by_label('Договор, имя, телефон').fill('образцов')
    expect(page.get_by_role('row')).to_have_count(2)
    page.get_by_role('link', name='100002').click()

    expect(page.get_by_role('heading', name='Договор 100002')).to_be_visible()
    expect(page.get_by_text('Заблокирован за долг')).to_be_visible()
    expect(page.get_by_text('\u221212,40\u00a0р.').first).to_be_visible()


def test_what_a_visitor_sends_stands_in_the_open_queue_without_a_reload(page, new_person, sign_in, base_url):
    sign_in(page, 'olga')
    page.wait_for_url('**/operator/')
    expect(page.get_by_role('heading', name='Заявки')).to_be_visible()
    visitor = new_person()
    visitor.goto(f'{base_url}/minsk/packets-constructor/application?internet=I-100')

    typed = {'last_name': 'Живая', 'first_name': 'Зоя', 'phone': '80297654321', 'locality': 'Минск'}
    for name, text in {**typed, 'street': 'ул. Учебная', 'house': '5', 'flat': '9'}.items():
        visitor.locator(f'#{name}').fill(text)
    visitor.get_by_role('button', name='Отправить').click()

    expect(page.get_by_text('Живая Зоя')).to_be_visible(timeout=30_000)
    expect(page).to_have_title(re.compile(r'^\(\d+\) Заявки'))
