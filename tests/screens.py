"""`make screens`: a picture of every page in three widths, light and dark, into var/screens; names what overflows.

`make screens ONLY=cabinet` takes only the pictures whose name contains the word.
"""

import functools
import itertools
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as StillBusy

from tests import pictures, provide
from tests.server import PASSWORD, ROOT, running


@dataclass(frozen=True)
class Shot:
    """One page: the picture's name, its address as registered, and where to find an example of it.

    `{region}` is Minsk; any other hole is filled by the first link of the page `found_on` that fits the address.
    """

    name: str
    address: str
    found_on: str = ''


PAGES: dict[str, tuple[Shot, ...]] = {
    '': (
        Shot('home', '/{region}/'),
        Shot('tariffs', '/{region}/tarify/'),
        Shot('contacts', '/{region}/kontakti/'),
        Shot('address', '/{region}/address/'),
        Shot('address-open', '/{region}/address/?street=ул. Учебная&house=3'),
        Shot('address-planned', '/{region}/address/?street=ул. Новая Образцовая&house=2'),
        Shot('address-streets', '/{region}/address/?street=образцовая ул&house=2'),
        Shot('address-no-house', '/{region}/address/?street=ул. Учебная&house=99'),
        Shot('constructor', '/{region}/packets-constructor/'),
        Shot('constructor-house', '/{region}/packets-constructor/?building=9'),
        Shot('constructor-planned', '/{region}/packets-constructor/?building=18'),
        Shot('application', '/{region}/packets-constructor/application'),
        Shot('tracker', '/application/{token}', found_on='/demo/mailbox'),
        Shot('regions', '/regions'),
        Shot('offer', '/offer'),
        Shot('privacy', '/privacy'),
        Shot('sign-in', '/my/index'),
        Shot('sign-in-ended', '/my/index?ended=1'),
        Shot('recovery', '/my/recovery'),
        Shot('recovery-sent', '/my/recovery?sent=1'),
        Shot('recovery-confirm', '/my/recovery/confirm'),
        Shot('invitation', '/my/access/accept'),
        Shot('offline', '/offline'),
        Shot('not-found', '/no-such-page'),
        Shot('mailbox', '/demo/mailbox'),
        Shot('clock', '/demo/clock'),
        Shot('gallery', '/demo/gallery'),
    ),
    '100001': (
        Shot('cabinet-overview', '/my/index'),
        Shot('cabinet-tariff', '/my/tariff'),
        Shot('cabinet-tariff-quote', '/my/tariff?to=I-200&when=now'),
        Shot('cabinet-services', '/my/services'),
        Shot('cabinet-suspension', '/my/suspension'),
        Shot('cabinet-equipment', '/my/equipment'),
        Shot('cabinet-equipment-take', '/my/equipment?take=R-AX&way=rent'),
        Shot('cabinet-pay', '/my/pay'),
        Shot('cabinet-pay-card', '/my/pay/card'),
        Shot('cabinet-pay-return', '/my/pay/return'),
        Shot('cabinet-cards', '/my/cards'),
        Shot('cabinet-pay-erip', '/my/pay/erip'),
        Shot('cabinet-pay-other', '/my/pay/other'),
        Shot('cabinet-pay-other-found', '/my/pay/other?number=100002'),
        Shot('cabinet-history', '/my/history'),
        Shot('cabinet-history-table', '/my/history?csv=ready'),
        Shot('cabinet-history-later', '/my/history?csv=later'),
        Shot('cabinet-history-part', '/my/history?kind=changes&pdf=wrong'),
        Shot('cabinet-history-none', '/my/history?search=nothing'),
        Shot('cabinet-documents', '/my/documents'),
        Shot('cabinet-profile', '/my/profile'),
        Shot('cabinet-termination', '/my/termination'),
        Shot('cabinet-who-looked', '/my/data-access'),
        Shot('cabinet-access', '/my/access'),
        Shot('cabinet-security', '/my/security'),
        Shot('cabinet-security-confirmed', '/my/security?done=confirmed'),
        Shot('cabinet-profile-limit', '/my/profile?problem=later-1440'),
        Shot('cabinet-chat', '/my/chat'),
        Shot('cabinet-first-login', '/my/first-login'),
        Shot('cabinet-second-step', '/my/second-step'),
        Shot('cabinet-confirm', '/my/confirm'),
        Shot('cabinet-confirm-password', '/my/confirm?next=%2Fmy%2Fsecurity%3Fdone%3Dconfirmed'),
    ),
    '100002': (Shot('debtor-overview', '/my/index'), Shot('debtor-history', '/my/history')),
    '100003': (Shot('suspended-overview', '/my/index'), Shot('suspended-suspension', '/my/suspension')),
    'olga': (
        Shot('operator-applications', '/operator/'),
        Shot('operator-application', '/operator/applications/{number}', found_on='/operator/'),
        Shot('operator-visits', '/operator/visits'),
        Shot('operator-subscribers', '/operator/subscribers'),
        Shot('operator-subscribers-none', '/operator/subscribers?q=nobody'),
        Shot('operator-subscriber', '/operator/subscribers/{number}', found_on='/operator/subscribers?q=100001'),
        Shot('operator-subscriber-in-debt', '/operator/subscribers/100002'),
        Shot('operator-chats', '/operator/chats'),
        Shot('operator-chat', '/operator/chats/{number}', found_on='/operator/chats'),
        Shot('operator-payments', '/operator/payments'),
        Shot('operator-payment', '/operator/payments/{number}', found_on='/operator/payments'),
        Shot('operator-manual-payments', '/operator/manual-payments'),
        Shot('operator-registries', '/operator/registries'),
        Shot('operator-registry', '/operator/registries/{registry_id}', found_on='/operator/registries'),
        Shot('operator-billing', '/operator/billing'),
        Shot('operator-usage', '/operator/usage'),
        Shot('operator-debts', '/operator/debts'),
        Shot('operator-debts-none', '/operator/debts?line=promised&csv=later'),
        Shot('operator-lines', '/operator/lines'),
        Shot('operator-lines-none', '/operator/lines?kind=restore&csv=later'),
        Shot('operator-buildings', '/operator/buildings'),
        Shot('operator-buildings-none', '/operator/buildings?search=nothing&csv=later'),
        Shot('operator-waiting', '/operator/waiting'),
        Shot('operator-corrections', '/operator/corrections'),
        Shot('operator-corrections-all', '/operator/corrections?state=all'),
        Shot('operator-terminations', '/operator/terminations'),
        Shot(
            'operator-termination',
            '/operator/subscribers/{number}/termination',
            found_on='/operator/subscribers/100001',
        ),
        Shot('operator-equipment', '/operator/equipment'),
        Shot('operator-equipment-returns', '/operator/equipment?part=returns&contract=100001'),
        Shot('operator-money', '/operator/subscribers/{number}/money', found_on='/operator/subscribers/100001'),
        Shot('operator-requests', '/operator/data-requests'),
        Shot('operator-security', '/operator/security'),
        Shot('operator-factor-resets', '/operator/factor-resets'),
        Shot('operator-factor-resets-asked', '/operator/factor-resets?done=asked'),
        Shot('operator-confirm', '/my/confirm?next=%2Foperator%2Fsecurity'),
    ),
    'ada': (
        Shot('administrator-staff', '/operator/staff'),
        Shot('administrator-employee', '/operator/staff/{user_id}', found_on='/operator/staff'),
        Shot('administrator-audit', '/operator/audit'),
        Shot('administrator-rules', '/operator/rules'),
        Shot('administrator-rule', '/operator/rules/{name}', found_on='/operator/rules'),
        Shot('administrator-catalogue', '/operator/catalogue'),
        Shot('administrator-tariff', '/operator/catalogue/{code}', found_on='/operator/catalogue'),
        Shot('administrator-audit-none', '/operator/audit?who=nobody'),
    ),
    'taras': (
        Shot('technician-day', '/field/'),
        Shot('technician-visit', '/field/visits/{visit_id}', found_on='/field/'),
        Shot('technician-lines', '/operator/lines'),
        Shot('technician-security', '/field/security'),
    ),
}
"""Who sees which pages; '' is a stranger. A house rule compares this table with the pages there are."""

APPLICANT = {
    'Фамилия': 'Лесная',
    'Имя': 'Мария',
    'Телефон': '+375 29 100-03-01',
    'E-mail': 'maria@example.by',
    'Населённый пункт': 'Минск',
    'Улица': 'ул. Учебная',
    'Комментарий': 'Звоните после шести',
}
TALK = (
    ('100001', 'Здравствуйте! Переезжаю в соседний дом, можно перенести интернет?'),
    ('olga', 'Добрый день, Анна. Можно: на новом адресе есть оптика. Когда вам удобно?'),
    ('100001', 'В субботу утром, если получится.'),
)

WIDTHS = {360: 780, 820: 1180, 1440: 900}
PUBLIC_WIDTHS = {360: 780, 768: 1024, 1440: 900}
THEMES = ('light', 'dark')
FLAGS = ('--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking')
OUT = ROOT / 'var' / 'screens'


def main() -> int:
    """Take all pictures; returns 1 when something overflows, complains or has no example."""
    path = provide.chromium()
    if path is None:
        print('No Chromium here: see tests/provide.py')
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    faults: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), DEMO_NO_PAGE_LIMITS='1') as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        live_a_little(browser, server.url)
        for login, shots in PAGES.items():
            wanted = [shot for shot in shots if os.environ.get('ONLY', '') in shot.name]
            if wanted:
                faults += _of_person(browser, server.url, login, wanted)
        browser.close()
        faults += server.complaints()
    print(f'{len(list(OUT.glob("*.png")))} pictures in {OUT.relative_to(ROOT)}')
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def live_a_little(browser: Browser, url: str) -> None:
    """Make what the demo begins without: an application with its letter, a payment on its way, and a talk."""
    page = browser.new_context(locale='ru-RU').new_page()
    page.goto(f'{url}/minsk/packets-constructor/application?internet=I-100&promo=OSEN3')
    for label, text in APPLICANT.items():
        page.get_by_label(label).first.fill(text)
    page.locator('#house').fill('4')
    page.get_by_role('button', name='Отправить').click()
    page.wait_for_url('**/sent')
    page = browser.new_context(storage_state=signed_in(browser, url, '100002'), locale='ru-RU').new_page()
    page.goto(f'{url}/my/pay')
    page.get_by_role('button', name='Оплатить').click()
    page.wait_for_url('**/hpp.html*')
    for number, (login, text) in enumerate(TALK):
        page = browser.new_context(storage_state=signed_in(browser, url, login)).new_page()
        page.goto(url + ('/my/chat' if login.isdigit() else '/operator/chats/100001'))
        page.get_by_label('Сообщение').fill(text)
        if number == 0:
            _attach(page)
        page.get_by_role('button', name='Отправить').click()
        page.get_by_role('log').get_by_text(text).wait_for()
    for context in browser.contexts:
        context.close()


def _attach(page: Page) -> None:
    photo = {'name': 'Роутер.jpg', 'mimeType': 'image/jpeg', 'buffer': pictures.picture()}
    with page.expect_file_chooser() as chooser:
        page.get_by_role('button', name='Прикрепить фото').click()
    chooser.value.set_files([photo, {**photo, 'name': 'Щиток.jpg'}])
    page.get_by_text('Готово').nth(1).wait_for()


def _of_person(browser: Browser, url: str, login: str, shots: list[Shot]) -> list[str]:
    faults: list[str] = []
    state = signed_in(browser, url, login) if login else None
    widths = WIDTHS if login else PUBLIC_WIDTHS
    for (width, height), theme in itertools.product(widths.items(), THEMES):
        context = browser.new_context(
            storage_state=state, viewport={'width': width, 'height': height}, color_scheme=theme, locale='ru-RU'
        )
        page = context.new_page()
        page.on('pageerror', functools.partial(_complain, faults, f'{login or "stranger"} at {width} {theme}'))
        for shot in shots:
            faults += [f'{shot.name} at {width} {theme}: {fault}' for fault in _take(page, url, shot, width, theme)]
        context.close()
    return faults


def _complain(faults: list[str], where: str, error: object) -> None:
    faults.append(f'{where}: {error}')


def signed_in(browser: Browser, url: str, login: str):
    """Return what a browser keeps of a person who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f'{url}/my/index')
    page.get_by_label('Номер договора').fill(login)
    page.get_by_label('Пароль').fill(PASSWORD)
    page.get_by_role('button', name='Войти').click()
    page.get_by_role('button', name='Выйти').wait_for(state='attached')
    state = context.storage_state()
    context.close()
    return state


def _take(page: Page, url: str, shot: Shot, width: int, theme: str) -> list[str]:
    address = address_of(page, url, shot)
    if address is None:
        return [f'no example of {shot.address} on {shot.found_on}']
    _open(page, url + address)
    page.screenshot(path=OUT / f'{shot.name}-{width}-{theme}.png', full_page=True)
    wide = page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
    return [f'{wide} px wider than the screen'] if wide > 0 else []


def address_of(page: Page, url: str, shot: Shot) -> str | None:
    """Return the address of a picture's page, its hole filled by an example from another page; None without one."""
    address = shot.address.replace('{region}', 'minsk')
    if '{' not in address:
        return address
    _open(page, url + shot.found_on)
    fits = re.compile(re.sub(r'\{\w+\}', '[^/?#]+', address) + r'(?=$|[?#])')
    links = [link.get_attribute('href') or '' for link in page.locator('a[href]').all()]
    found = (fits.search(link) for link in links)
    return next((match[0] for match in found if match), None)


def _open(page: Page, url: str) -> None:
    page.goto(url)
    try:
        page.wait_for_load_state('networkidle', timeout=5_000)
    except StillBusy:
        print(f'{url} did not come to rest in 5 s')
    page.evaluate('document.fonts.ready.then(() => 0)')


if __name__ == '__main__':
    sys.exit(main())
