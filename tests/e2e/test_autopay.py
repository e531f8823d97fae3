"""A card is kept while paying; then it pays in one click, and by itself: the letter before, the money, the letter after."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models.base import database, open_database
from models.saved_card import Autopay
from services.clock import today
from tests.e2e.test_pay import CHALLENGE, OK, balance_of, give_card
from tests.server import ROOT

RUN = """
from datetime import timedelta
import main
from services import clock
from services.payments import autopay_runs
from services.runner import with_connection
main.create()
moment = clock.now()
if clock.local(moment + timedelta(days=1)).day == 1:  # nothing is announced for the day of a charge
    moment -= timedelta(days=1)
if {announces}:
    with clock.stopped_at(moment):
        with_connection(autopay_runs.run_due)()
else:
    with_connection(autopay_runs.run_due)()
    autopay_runs.send_due()
"""


def work(server, *, announces):
    """Do the work of a day as the timetable of the server does it, without waiting for its hour."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(('PYTEST', 'NICEGUI', 'AMIGO_'))}
    port = server.url.rpartition(':')[2]
    settings = {'AMIGO_DEMO': '1', 'AMIGO_DATA_DIR': str(server.folder), 'AMIGO_PORT': port}
    program = RUN.replace('{announces}', str(announces))
    subprocess.run([sys.executable, '-c', program], cwd=ROOT, env={**kept, **settings}, check=True, capture_output=True)


def a_night_passes(server):
    """What was written down for tomorrow is due today."""
    open_database(f'sqlite:///{server.folder / "amigo.db"}', connections=2)
    with database.connection_context():
        Autopay.update(looked_on=today() - timedelta(days=1), announced_on=today()).execute()


@pytest.fixture
def letter(page, base_url):
    """Look into the mailbox until a letter is there."""

    def come(subject):
        for _ in range(20):
            page.goto(f'{base_url}/demo/mailbox')
            if page.get_by_text(subject).count():
                break
            page.wait_for_timeout(500)
        expect(page.get_by_text(subject).first).to_be_visible()

    return come


def keep_card(page, base_url, number=OK, amount='20'):
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill(amount)
    if page.get_by_text('Другая карта').count():
        page.get_by_text('Другая карта').click()
    page.get_by_text('Сохранить новую карту').click()
    page.get_by_role('button', name='Оплатить').click()
    expect(page.locator('[name=save_card]')).to_be_checked()
    give_card(page, number)
    if number == CHALLENGE:
        page.locator('[name=code]').fill('1234')
        page.get_by_role('button', name='Подтвердить').click()
    expect(page.get_by_text('получена')).to_be_visible()


def test_the_tick_is_off_until_somebody_sets_it(page, sign_in, base_url):
    sign_in(page, '100001')
    page.goto(f'{base_url}/my/pay')

    expect(page.locator('[name=keep]')).not_to_be_checked()


def test_a_kept_card_pays_by_itself_and_tells_before_and_after(page, sign_in, server, base_url, letter, complaints):
    complaints.expected.append('422')  # the form without the consent
    sign_in(page, '100001')
    keep_card(page, base_url)
    page.goto(f'{base_url}/my/cards')
    expect(page.get_by_text('Visa •• 0000').first).to_be_visible()

    page.get_by_text('Когда на счёте мало').click()
    page.get_by_label('Меньше какой суммы, р.').fill('1000')
    page.get_by_text('Всегда одну сумму').click()
    page.get_by_label('Сумма, р.', exact=True).fill('33')
    page.get_by_label('Не больше за месяц, р.').fill('50')
    page.get_by_role('button', name='Включить автоплатёж').click()
    expect(page.get_by_text('без согласия списывать нельзя')).to_be_visible()
    expect(page.get_by_label('Меньше какой суммы, р.')).to_have_value('1000')
    page.get_by_text('Разрешаю списывать').click()
    page.get_by_role('button', name='Включить автоплатёж').click()
    expect(page.get_by_text('Автоплатёж включён')).to_be_visible()
    page.goto(f'{base_url}/my/index')
    before = balance_of(page)

    work(server, announces=True)
    letter(re.compile('Автоплатёж .*33,00 р. с карты Visa •• 0000'))
    a_night_passes(server)
    work(server, announces=False)

    letter('Автоплатёж 33,00 р. прошёл')
    page.goto(f'{base_url}/my/index')
    expect(page.locator(f'[data-balance="{before + 3300}"]').first).to_be_visible()
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_text('Автоплатёж картой Visa •• 0000').first).to_be_visible()
    page.goto(f'{base_url}/my/cards')
    expect(page.get_by_text('списано 33,00 р.')).to_be_visible()

    a_night_passes(server)
    work(server, announces=False)
    page.goto(f'{base_url}/my/index')
    expect(page.locator(f'[data-balance="{before + 3300}"]').first).to_be_visible()


def test_one_click_pays_after_a_last_look(page, sign_in, base_url):
    sign_in(page, '100004')
    keep_card(page, base_url, amount='5')
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill('7,50')
    expect(page.get_by_role('radio', name='Visa •• 0000')).to_be_checked()
    page.get_by_role('button', name='Оплатить').click()

    expect(page.get_by_text('Visa •• 0000 · до 12/30')).to_be_visible()
    page.get_by_role('button', name='Оплатить 7,50 р.').click()

    expect(page.get_by_text('Оплата 7,50 р. получена')).to_be_visible()
    page.reload()
    expect(page.get_by_text('Оплата 7,50 р. получена')).to_be_visible()


def test_a_bank_that_asks_is_answered_and_the_card_is_removed(page, sign_in, base_url):
    sign_in(page, '100002')
    keep_card(page, base_url, CHALLENGE, '6')
    page.goto(f'{base_url}/my/pay')
    page.get_by_label('Сумма, р.').fill('8')
    page.get_by_role('button', name='Оплатить').click()
    page.get_by_role('button', name='Оплатить 8,00 р.').click()
    page.locator('[name=code]').fill('1234')
    page.get_by_role('button', name='Подтвердить').click()
    expect(page.get_by_text('Оплата 8,00 р. получена')).to_be_visible()

    page.goto(f'{base_url}/my/cards')
    page.get_by_role('link', name='Удалить Visa •• 1097').click()
    expect(page.get_by_text('Удалить карту Visa •• 1097?')).to_be_visible()
    page.get_by_role('button', name='Удалить').click()

    expect(page.get_by_text('Карта удалена')).to_be_visible()
    expect(page.get_by_text('Пока ни одной')).to_be_visible()
