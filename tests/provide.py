"""What the tests need besides Python: Chromium, PostgreSQL, pdftotext, hledger, semgrep; taken where they are or installed
where we may."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEMGREP = ROOT / '.venv-tools' / 'semgrep'
LIST_OF_SEMGREP = ROOT / 'tests' / 'static' / 'semgrep.txt'
NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')


def chromium() -> str | None:
    """Return the path of a browser: $CHROMIUM, the system's, or the one Playwright downloaded."""
    named = os.environ.get('CHROMIUM')
    if named:
        return named
    found = next((path for path in map(shutil.which, NAMES) if path and _starts(path)), None)
    return found or _downloaded()


def _starts(path: str) -> bool:
    """Ubuntu's `chromium-browser` may be a note that asks for a snap."""
    try:
        return subprocess.run([path, '--version'], check=False, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _downloaded() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def postgres() -> bool:
    """Tell whether PostgreSQL's own programs are here."""
    return any(Path('/usr/lib/postgresql').glob('*/bin/initdb')) or shutil.which('initdb') is not None


def semgrep() -> Path | None:
    """Return the program that reads the code by our rules; it lives apart, because it needs another peewee."""
    found = SEMGREP / 'bin' / 'semgrep'
    return found if found.exists() and (SEMGREP / 'made.txt').exists() else None


def _semgrep() -> bool:
    wanted = LIST_OF_SEMGREP.read_bytes()
    if semgrep() and (SEMGREP / 'made.txt').read_bytes() == wanted:
        return True
    uv = next((ROOT / '.venv-tools').glob('uv-*/bin/uv'), None)
    if uv is None:
        return False
    print('Installing semgrep…', flush=True)
    environment = {**os.environ, 'UV_PYTHON_DOWNLOADS': 'never'}
    install = [str(uv), 'pip', 'install', '--quiet', '--python', str(SEMGREP / 'bin' / 'python')]
    locked = ['--require-hashes', '--only-binary', ':all:', '-r', str(LIST_OF_SEMGREP)]
    if not _runs([str(uv), 'venv', '--quiet', '--clear', '--python', sys.executable, str(SEMGREP)], environment):
        return False
    if not _runs([*install, *locked], environment):
        return False
    (SEMGREP / 'made.txt').write_bytes(wanted)
    return True


def all_tools() -> list[str]:
    """Install what is missing as far as we may; return what could not be had, with the reason."""
    missing = []
    if chromium() is None and not (_apt('chromium') and chromium()) and not _playwright():
        missing.append('Chromium: no system browser, no Debian package, no download; the journeys in e2e are skipped')
    if not postgres() and not (_apt('postgresql') and postgres()):
        missing.append('PostgreSQL: not installed, and only root can install it; services are tested on SQLite alone')
    if not shutil.which('pdftotext') and not (_apt('poppler-utils') and shutil.which('pdftotext')):
        missing.append('pdftotext: not installed, and only root can install it; the words of the papers are not read')
    if not shutil.which('hledger') and not (_apt('hledger') and shutil.which('hledger')):
        missing.append('hledger: not installed, and only root can install it; nobody else adds up the books')
    if not _semgrep():
        missing.append('semgrep: not installed and not to be had; the rules of tests/static are not applied')
    return missing


def _apt(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which('apt-get') is None:
        return False
    print(f'Installing {package} from Debian…', flush=True)
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    install = ['apt-get', 'install', '--quiet', '--yes', '--no-install-recommends', package]
    return _lists_are_fresh() and _runs(install, environment)


@cache
def _lists_are_fresh() -> bool:
    return _runs(['apt-get', 'update', '--quiet'], dict(os.environ))


def _playwright() -> bool:
    print("Downloading Playwright's Chromium…", flush=True)
    more = ['--with-deps'] if os.geteuid() == 0 else []
    return _runs([sys.executable, '-m', 'playwright', 'install', *more, 'chromium'], dict(os.environ))


def _runs(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0
