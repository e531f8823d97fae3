"""docs/mutation.md: the survivors we know, each with the reason why it may live."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / 'docs' / 'mutation.md'
_BLOCK = re.compile(r'^### (?P<reason>.+?)\n+```diff\n(?P<lines>.*?)^```$', re.MULTILINE | re.DOTALL)


def listed(text=None):
    """Return what is listed as {(function, its changed lines): how often}.

    A block begins with its reason; inside, `@@ services.money.kopecks @@` stands before the changed lines of a mutant.
    """
    found = Counter()
    for block in _BLOCK.finditer(DOCUMENT.read_text('utf-8') if text is None else text):
        for mutant in re.split(r'^@@ ', block['lines'], flags=re.MULTILINE)[1:]:
            name, *change = mutant.splitlines()
            found[name.removesuffix(' @@'), tuple(line for line in change if line)] += 1
    return found


def written(name, change):
    """Return a mutant as it is listed."""
    return '\n'.join([f'@@ {name} @@', *change])
