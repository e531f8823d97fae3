"""All tables as they are at a moment, and what differs between two moments."""

from models.base import database
from models.tables import ALL

NAMES = [model._meta.table_name for model in ALL]


def snapshot():
    """Return every row of every table: {table: {id: {column: value}}}."""
    return {name: _rows(name) for name in NAMES}


def _rows(name):
    cursor = database.execute_sql(f'SELECT * FROM "{name}"')  # noqa: S608 - a table of ours
    columns = [column[0] for column in cursor.description]
    rows = (dict(zip(columns, row, strict=True)) for row in cursor.fetchall())
    return {row['id']: row for row in rows}


def changes(before, after):
    """Return (table, old row, new row) of everything that is not as it was; None where there is no row."""
    return [
        (name, old, new)
        for name in NAMES
        for key in before[name].keys() | after[name].keys()
        if (old := before[name].get(key)) != (new := after[name].get(key))
    ]


def is_of(change, world):
    """Tell whether a change touches the owner: his contract, person, login, application or visit."""
    name, old, new = change
    person = world.contract.subscriber
    his = {
        'contract': world.contract.id,
        'subscriber': person.id,
        'user': person.user_id,
        'application': world.application.id,
        'visit': world.visit.id,
    }
    rows = [row for row in (old, new) if row]
    return any(
        row.get(f'{key}_id') == own or (name == key and row['id'] == own) for key, own in his.items() for row in rows
    )
