"""The code by our own rules (semgrep), and no secret anywhere in the tree (detect-secrets): `make static`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

from tests import provide

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CODE = ('pages', 'components', 'services', 'models', 'main.py')
KNOWN_SECRETS = HERE / 'known_secrets.json'
"""What looks like a secret and is none: its file, its hash, and why it stands there."""
NOT_OURS = (
    'uv.lock',
    'tests/static/known_secrets.json',
    'tests/static/semgrep.txt',
    'components/assets/vendor/',
    'tests/e2e/axe/',
)


def main() -> int:
    """Return 0 when no rule is broken and no new secret is in the tree."""
    return int(_break_rules() | _tell_secrets())


def _break_rules() -> bool:
    program = provide.semgrep()
    if program is None:
        print('semgrep is not there: the rules of tests/static are not applied')
        return os.environ.get('CI') == 'true'
    quiet = {**os.environ, 'SEMGREP_SEND_METRICS': 'off', 'SEMGREP_ENABLE_VERSION_CHECK': '0'}
    quiet['PATH'] = f'{program.parent}{os.pathsep}{quiet["PATH"]}'
    rules = ('--metrics=off', '--config', str(HERE / 'rules.yml'))
    for command in (
        (program, '--test', '--metrics=off', str(HERE)),
        (program, 'scan', '--error', '--quiet', '--disable-version-check', *rules, *CODE),
    ):
        done = subprocess.run(command, cwd=ROOT, env=quiet, check=False, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout, done.stderr)
            return True
    print('semgrep: every rule finds its samples and nothing in the code')
    return False


def _tell_secrets() -> bool:
    found = _secrets()
    known = {(one['file'], one['hash']) for one in json.loads(KNOWN_SECRETS.read_text(encoding='utf-8'))}
    fresh = [(file, line, kind) for file, line, kind, digest in found if (file, digest) not in known]
    gone = known - {(file, digest) for file, _line, _kind, digest in found}
    for file, line, kind in fresh:
        print(f'{file}:{line}: looks like a secret ({kind}); if it is none, say why in tests/static/known_secrets.json')
    for file, digest in sorted(gone):
        print(f'{file}: {digest[:12]}… is no longer there; take it out of tests/static/known_secrets.json')
    if not fresh and not gone:
        print(f'detect-secrets: nothing but the {len(known)} known strings')
    return bool(fresh or gone)


def _secrets() -> list[tuple[str, int, str, str]]:
    """Return file, line, kind and hash of what looks like a secret in the files that belong to the project."""
    listed = subprocess.run(('git', 'ls-files'), cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = [name for name in listed.splitlines() if not name.startswith(NOT_OURS) and (ROOT / name).is_file()]
    secrets = SecretsCollection(root=str(ROOT))
    with default_settings():
        secrets.scan_files(*files)
    return sorted((file, s.line_number, s.type, s.secret_hash) for file, s in secrets)


if __name__ == '__main__':
    sys.exit(main())
