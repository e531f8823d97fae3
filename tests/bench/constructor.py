"""`make bench-constructor`: how soon the sum of the constructor changes after a click, in a real browser.

From the click to the frame in which the new sum stands: browser → server → calculator → HTML → browser, on this machine.
"""

import argparse
import statistics
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import provide
from tests.server import running

PROMISED_MS = 100
CHOICES = (
    'internet=I-200', 'tv=T-PLUS', 'equipment=R-AX:rent', 'addons=A-IP', 'internet=I-500', 'tv=T-MAX', 'equipment=own',
    'addons=A-IP', 'house=village', 'house=flat', 'internet=I-50', 'tv=T-BASE', 'equipment=R-AC:buy', 'tv=none',
)  # fmt: skip
CLICK = """(selector) => new Promise((resolve) => {
  const total = document.querySelector('[data-painted=total]');
  const began = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - began));
  });
  seen.observe(total, { subtree: true, childList: true, characterData: true });
  document.querySelector(selector).click();
})"""


def measure(page, url, query, clicks):
    """Return the milliseconds of each click; a browser that has just opened the page warms up with one round."""
    page.goto(f'{url}/minsk/packets-constructor/?{query}')
    page.wait_for_function('window.socket?.connected === true')
    times = []
    for choice in islice(cycle(CHOICES), clicks + len(CHOICES)):
        name, value = choice.split('=')
        times.append(page.evaluate(CLICK, f'input[name="{name}"][value="{value}"]'))
    return times[len(CHOICES) :]


def report(words, times):
    """Print one line and return the 95th percentile."""
    p95 = statistics.quantiles(times, n=20)[-1]
    print(
        f'{words}: {len(times)} clicks, median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, max {max(times):.0f} ms'
    )
    return p95


def main():
    """Measure without and with a promo code and a comparison; 1 when the promise is broken."""
    asked = argparse.ArgumentParser()
    asked.add_argument('--clicks', type=int, default=140)
    clicks = asked.parse_args().clicks
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        sync_playwright() as engine,
        engine.chromium.launch(executable_path=provide.chromium(), args=['--no-sandbox', '--disable-gpu']) as browser,
    ):
        plain = report('package', measure(browser.new_page(), server.url, 'internet=I-100', clicks))
        full = measure(browser.new_page(), server.url, 'internet=I-100&promo=OSEN3&compare=I-200', clicks)
        worst = max(plain, report('with a promo code and a comparison', full))
    return 0 if worst <= PROMISED_MS else 1


if __name__ == '__main__':
    sys.exit(main())
