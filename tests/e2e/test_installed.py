"""The cabinet on the home screen: without a network it says so, and it keeps nothing of anybody."""

from playwright.sync_api import expect

KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
  return found.sort();
}"""
OFFLINE = [
    '/assets/css/site.css', '/assets/css/tokens.css', '/assets/fonts/onest-cyrillic.woff2', '/assets/fonts/onest-latin.woff2',
    '/assets/img/empty.svg', '/offline',
]  # fmt: skip
READY = '() => navigator.serviceWorker.ready.then((found) => found.active.state === "activated" && !!navigator.serviceWorker.controller)'


def test_without_a_network_the_cabinet_says_so_and_keeps_nothing_else(page, context, sign_in, base_url, complaints):
    complaints.expected += ['ERR_INTERNET_DISCONNECTED', 'ERR_FAILED', '_nicegui_ws']
    page.goto(base_url)
    page.evaluate("caches.open('offline-before').then((kept) => kept.put('/left', new Response('of an older worker')))")
    sign_in(page, '100001')
    expect(page.get_by_role('heading', level=1)).to_be_visible()
    page.wait_for_function(READY)
    page.goto(f'{base_url}/my/history')
    expect(page.get_by_role('heading', name='История')).to_be_visible()

    assert page.evaluate(KEPT) == OFFLINE

    context.set_offline(True)
    page.goto(f'{base_url}/my/pay')
    expect(page.get_by_role('heading', name='Нет подключения')).to_be_visible()
    assert page.evaluate('getComputedStyle(document.body).fontFamily').startswith('Onest'), 'it is dressed'
    context.set_offline(False)
    page.get_by_role('link', name='Попробовать снова').click()

    expect(page.get_by_role('banner')).to_contain_text('100001')
    assert page.evaluate(KEPT) == OFFLINE


def test_signing_out_takes_the_worker_away_too(page, sign_in, base_url):
    sign_in(page, '100001')
    page.wait_for_function(READY)

    page.get_by_role('banner').get_by_role('button', name='Выйти', exact=True).click()

    expect(page.get_by_role('button', name='Войти')).to_be_visible()
    page.wait_for_function('async () => (await caches.keys()).length === 0')


def test_a_browser_may_install_it(page, context, sign_in, base_url):
    sign_in(page, '100001')
    page.wait_for_function(READY)
    asked = context.new_cdp_session(page)

    told = asked.send('Page.getAppManifest')

    assert (told['url'], told['errors']) == (f'{base_url}/manifest.webmanifest', [])
    missing = [one['errorId'] for one in asked.send('Page.getInstallabilityErrors')['installabilityErrors']]
    assert missing == ['in-incognito'], 'a test has no other browser; nothing else is in the way'


def test_the_consoles_install_nothing(page, sign_in):
    sign_in(page, 'olga')
    expect(page.get_by_role('banner')).to_be_visible()

    assert page.locator('link[rel="manifest"]').count() == 0
    assert page.evaluate('navigator.serviceWorker.getRegistrations().then((found) => found.length)') == 0
