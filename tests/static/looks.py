"""`make looked`, before a release: the newest look for known holes is fresh, and no hole is open past its time.

The calendar decides, so this is no test: a build that was green yesterday stays green.
"""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.clock import today

RULES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parent.parent.parent / 'docs' / 'deps.yml').read_text(encoding='utf-8')
)


def faults(rules: dict[str, Any], on: date) -> list[str]:
    """Return what stands in the way of a release on this day, in words."""
    looks = rules['looks']
    newest = max((look['on'] for look in looks), default=None)
    old = newest is None or on - newest > timedelta(days=rules['look_again'])
    found = [f'the newest look is {newest or "none"}: look, and write it into docs/deps.yml'] if old else []
    for hole in (hole for look in looks for hole in look['holes'] if 'closed_on' not in hole):
        until = hole['known_on'] + timedelta(days=rules['remediation'][hole['grade']])
        if on > until:
            found.append(f'{hole["package"]}: a hole ({hole["grade"]}) was to be closed by {until}')
    return found


def main() -> int:
    """Print what is wrong; 0 when nothing is."""
    found = faults(RULES, today())
    print(*found, sep='\n')
    return int(bool(found))


if __name__ == '__main__':
    sys.exit(main())
