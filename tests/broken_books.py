"""What somebody does to the books who holds the database itself."""

from models.base import database, is_postgres

TABLES = ('operation', 'entry', 'operation_link', 'audit_anchor')


def unlock():
    """Take the triggers off the books, and let rows point to nothing."""
    if is_postgres():
        for table in TABLES:
            database.execute_sql(f'ALTER TABLE {table} DISABLE TRIGGER ALL')
        return
    for table in TABLES:
        for verb in ('update', 'delete'):
            database.execute_sql(f'DROP TRIGGER {table}_no_{verb}')
    database.execute_sql('DROP TRIGGER entry_check_update')


def change(sql, *values):
    """Run a statement of the intruder."""
    database.execute_sql(sql.replace('?', database.param), values)
