"""`make sbom`: whose code is in the image, as CycloneDX 1.5: what uv.lock names for it, and the browser's code we serve.

uv reads its own lock file, nothing is asked of anybody.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ROOT / 'components' / 'assets' / 'vendor'
_VERSION = re.compile(r'\b(?:v|Leaflet )(\d+\.\d+\.\d+)\b')


class NoUv(RuntimeError):
    """The pinned uv is not here; `make setup` fetches it."""


def sbom(*groups: str) -> dict[str, Any]:
    """Return the list of components; `--no-dev` is what the image takes, `--all-groups` is all of uv.lock.

    Raises:
        NoUv: see there.
    """
    uv = next((ROOT / '.venv-tools').glob('uv-*/bin/uv'), None)
    if uv is None:
        raise NoUv('.venv-tools holds no uv: make setup')
    command = (uv, 'export', '--quiet', '--frozen', '--offline', '--format', 'cyclonedx1.5', *groups)
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found['components'] += vendored()
    return found


def vendored() -> list[dict[str, Any]]:
    """Return the browser's code of other people: its folder is the name on npm, its first lines tell the version."""
    return [_component(folder) for folder in sorted(VENDOR.iterdir()) if folder.is_dir()]


def _component(folder: Path) -> dict[str, Any]:
    told = (_VERSION.search(file.read_text(encoding='utf-8')[:2000]) for file in sorted(folder.glob('*.js')))
    version = next(found[1] for found in told if found)
    url = f'pkg:npm/{folder.name}@{version}'
    return {'type': 'library', 'bom-ref': url, 'name': folder.name, 'version': version, 'purl': url}


def main(target: Path) -> None:
    """Write the list for a release."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = sbom('--no-dev')
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding='utf-8')
    print(f'{target}: {len(found["components"])} components')


if __name__ == '__main__':
    main(Path(sys.argv[1]))
