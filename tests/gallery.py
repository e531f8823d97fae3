"""`make gallery`: a small picture of every component of /demo/gallery, light and dark, for docs/design.md."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests import provide
from tests.screens import FLAGS, THEMES
from tests.server import ROOT, running

OUT = ROOT / 'docs' / 'img' / 'gallery'
WIDTH, HEIGHT = 700, 1600
COLOURS = 128
"""Enough for a picture of flat colours; it keeps a file at some kilobytes."""


def main() -> int:
    """Take the pictures; returns 1 where there is no browser."""
    path = provide.chromium()
    if path is None:
        print('No Chromium here: see tests/provide.py')
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for theme in THEMES:
            page = browser.new_page(viewport={'width': WIDTH, 'height': HEIGHT}, color_scheme=theme, locale='ru-RU')
            page.goto(f'{server.url}/demo/gallery')
            page.evaluate('document.fonts.ready.then(() => 0)')
            page.add_style_tag(content='.header { position: static !important }')
            for part in page.locator('[data-gallery]').all():
                taken = Image.open(io.BytesIO(part.screenshot()))
                small = taken.convert('RGB').quantize(COLOURS, dither=Image.Dither.NONE)
                small.save(OUT / f'{part.get_attribute("data-gallery")}-{theme}.png', optimize=True)
        browser.close()
    taken = sorted(OUT.glob('*.png'))
    print(f'{len(taken)} pictures, {sum(file.stat().st_size for file in taken) // 1000} kB, in {OUT.relative_to(ROOT)}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
