"""The language an application or a place on the waiting list was sent in; '' for those from before, nobody noted it."""

TABLES = ('application', 'waiting')


def up(migrator, db):
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "language" VARCHAR(2) NOT NULL DEFAULT \'\'')


def down(migrator, db):
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "language"')
