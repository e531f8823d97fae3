"""Who waits for a house: name, e-mail, the house by any spelling, whether he was called or told; and his consent."""

COLUMNS = (
    ('waiting', 'name', "VARCHAR(80) NOT NULL DEFAULT ''"),
    ('waiting', 'email', "VARCHAR(254) NOT NULL DEFAULT ''"),
    ('waiting', 'street_key', "VARCHAR(240) NOT NULL DEFAULT ''"),
    ('waiting', 'house_key', "VARCHAR(280) NOT NULL DEFAULT ''"),
    ('waiting', 'contacted_at', {True: 'DATETIME', False: 'TIMESTAMP'}),
    ('waiting', 'contacted_by_id', 'INTEGER REFERENCES "user" ("id") ON DELETE RESTRICT'),
    ('waiting', 'told_at', {True: 'DATETIME', False: 'TIMESTAMP'}),
    ('consent', 'waiting_id', 'INTEGER REFERENCES "waiting" ("id") ON DELETE CASCADE'),
)
INDEXES = (('waiting', 'house_key'), ('waiting', 'contacted_by_id'), ('consent', 'waiting_id'))


def up(migrator, db):
    for table, column, kind in COLUMNS:
        words = kind if isinstance(kind, str) else kind[hasattr(db, 'pragma')]
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {words}')
    for table, column in INDEXES:
        db.execute_sql(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')


def down(migrator, db):
    """Consents to the waiting list have no place in the older table."""
    db.execute_sql('DELETE FROM "consent" WHERE waiting_id IS NOT NULL')
    for table, column in INDEXES:
        db.execute_sql(f'DROP INDEX "{table}_{column}"')
    for table, column, _kind in reversed(COLUMNS):
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
