"""The words of the house and which of them visitors and subscribers see: those have to stand in every catalogue.

`python -m tests.catalogues` lists what is not translated yet, as lines of a .po file.
"""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from services.i18n import LOCALE, PARTS

HOUSE = Path(__file__).parents[1]
OTHERS = ('be', 'en')
KEYWORDS = {'_': None, 'plural': (2, 4)}
MARKS = ('_', 'N_')
STAFF = tuple((HOUSE / 'tests' / 'staff_words.txt').read_text('utf-8').split())
"""Files whose words only employees see; they stay Russian. Everything else has to be translated."""
Id = str | tuple[str, str]


def is_for_staff(path: str) -> bool:
    """Tell whether only employees see the words of a file."""
    return any(fnmatch(path, each) for each in STAFF)


def sources() -> Iterator[Path]:
    """Give all files with words for visitors and subscribers."""
    for folder in ('components', 'pages', 'services'):
        for file in sorted((HOUSE / folder).rglob('*')):
            is_ours = file.suffix in {'.py', '.html'} and 'assets' not in file.parts
            if is_ours and not is_for_staff(str(file.relative_to(HOUSE))):
                yield file


def asked() -> dict[Id, str]:
    """Return every string that has to be translated and the file it stands in; a tuple is (of one, of many)."""
    found: dict[Id, str] = {}
    for file in sources():
        for key in _of_code(file) if file.suffix == '.py' else _of_template(file):
            found.setdefault(key, str(file.relative_to(HOUSE)))
    return found


def _of_template(file: Path) -> Iterator[Id]:
    for _line, message, _notes, _context in extract_from_file('jinja2.ext:babel_extract', file, keywords=KEYWORDS):
        yield (message[0], message[1]) if isinstance(message, tuple) else message


def _of_code(file: Path) -> Iterator[Id]:
    """Babel's own reading of Python loses a mark inside another: `_(WORDS.get(code, N_('…')))`."""
    for node in ast.walk(ast.parse(file.read_text('utf-8'))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if node.func.id in MARKS and words:
            yield words[0]
        elif node.func.id == 'plural' and len(words) == 3:
            yield words[0], words[2]


def parts(language: str) -> list[tuple[str, Catalog]]:
    """Return (name of the file, its content) of a language's catalogue."""
    read = []
    for part in PARTS:
        file = LOCALE / language / 'LC_MESSAGES' / f'{part}.po'
        if file.exists():
            with file.open('rb') as source:
                read.append((file.name, read_po(source, locale=language)))
    return read


def missing(language: str) -> dict[Id, str]:
    """Return what of `asked()` has no translation."""
    said = {message.id: message for _name, catalogue in parts(language) for message in catalogue}
    return {key: path for key, path in asked().items() if key not in said or not all_said(said[key].string)}


def all_said(translation: object) -> bool:
    """Tell whether a translation is there, in all its forms."""
    return all(translation) if isinstance(translation, tuple | list) else bool(translation)


if __name__ == '__main__':
    for code in OTHERS:
        catalogue = Catalog(locale=code, header_comment=f'# {code}')
        for key, path in missing(code).items():
            catalogue.add(key, locations=[(path, None)])  # type: ignore[list-item]
        write_po(sys.stdout.buffer, catalogue, omit_header=True, width=0)
