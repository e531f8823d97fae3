"""The words of the house and which of them visitors and subscribers see: those have to stand in every catalogue.

`python -m tests.catalogues` lists what is not translated yet, as lines of a .po file; `python -m tests.catalogues own` does
the same for what stands in the database of the settings: a provider's own tariffs, devices, promo codes, towns, offices.
"""

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from models.base import database, open_database
from models.catalogue import AddOn, Equipment, PromoCode, Tariff, TvPackage
from models.region import Office, Region
from services.i18n import LOCALE, PARTS
from services.settings import get_settings

HOUSE = Path(__file__).parents[1]
OTHERS = ('be', 'en')
KEYWORDS = {'_': None, 'plural': (2, 4)}
MARKS = ('_', 'N_')
STAFF = tuple((HOUSE / 'tests' / 'staff_words.txt').read_text('utf-8').split())
"""Files whose words only employees see; they stay Russian. Everything else has to be translated."""
OF_DATABASE = {
    Region: (Region.name, Region.name_where),
    Office: (Office.hours, Office.directions),
    Tariff: (Tariff.name, Tariff.description),
    TvPackage: (TvPackage.name, TvPackage.description),
    Equipment: (Equipment.name,),
    AddOn: (AddOn.name, AddOn.description),
    PromoCode: (PromoCode.title,),
}
"""Texts of the database that visitors and subscribers see through the catalogues; one nobody translated stays Russian."""
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


def of_database() -> dict[Id, str]:
    """Return every text of the open database that visitors and subscribers see, and the column it stands in."""
    return {
        text: f'{model._meta.table_name}.{column.name}'
        for model, columns in OF_DATABASE.items()
        for column in columns
        for (text,) in model.select(column).order_by(model.id).tuples()
        if text
    }


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


def missing(language: str, wanted: dict[Id, str]) -> dict[Id, str]:
    """Return what of `asked()` or `of_database()` has no translation."""
    said = {message.id: message for _name, catalogue in parts(language) for message in catalogue}
    return {key: path for key, path in wanted.items() if key not in said or not all_said(said[key].string)}


def all_said(translation: object) -> bool:
    """Tell whether a translation is there, in all its forms."""
    return all(translation) if isinstance(translation, tuple | list) else bool(translation)


def _own() -> dict[Id, str]:
    open_database(get_settings().database, 1)
    with database.connection_context():
        return of_database()


if __name__ == '__main__':
    found = _own() if sys.argv[1:] == ['own'] else asked()
    for code in OTHERS:
        catalogue = Catalog(locale=code, header_comment=f'# {code}')
        for key, path in missing(code, found).items():
            catalogue.add(key, locations=[(path, None)])  # type: ignore[list-item]
        write_po(sys.stdout.buffer, catalogue, omit_header=True, width=0)
