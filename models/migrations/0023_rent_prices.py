"""Dated prices of the rent of devices, beside those of tariffs, TV packages and add-ons."""

# Not by the migrator: on SQLite it would make the table anew and lose the triggers that guard it.
BEFORE = ('tariff', 'tv_package', 'add_on')
AFTER = (*BEFORE, 'equipment')


def up(migrator, db):
    _let_go(db)
    db.execute_sql(
        'ALTER TABLE "catalogue_price" ADD COLUMN "equipment_id" INTEGER REFERENCES "equipment" ("id") ON DELETE RESTRICT'
    )
    db.execute_sql('CREATE INDEX "catalogue_price_equipment_id" ON "catalogue_price" ("equipment_id")')
    _guard(db, AFTER)


def down(migrator, db):
    """Prices of rent have no place in the older table."""
    _let_go(db)
    db.execute_sql('DELETE FROM "catalogue_price" WHERE equipment_id IS NOT NULL')
    db.execute_sql('DROP INDEX "catalogue_price_equipment_id"')
    db.execute_sql('ALTER TABLE "catalogue_price" DROP COLUMN "equipment_id"')
    _guard(db, BEFORE)


def _let_go(db):
    if not hasattr(db, 'pragma'):
        db.execute_sql('ALTER TABLE "catalogue_price" DROP CONSTRAINT catalogue_price_check')
        return
    for verb in ('insert', 'update'):
        db.execute_sql(f'DROP TRIGGER catalogue_price_check_{verb}')


def _guard(db, things):
    """Exactly one thing has the price."""
    if not hasattr(db, 'pragma'):
        condition = _one_of(things, '', '::int')
        db.execute_sql(f'ALTER TABLE "catalogue_price" ADD CONSTRAINT catalogue_price_check CHECK ({condition})')
        return
    for verb in ('INSERT', 'UPDATE'):
        db.execute_sql(
            f'CREATE TRIGGER catalogue_price_check_{verb.lower()} BEFORE {verb} ON "catalogue_price" '
            f'WHEN NOT ({_one_of(things, "NEW.", "")}) '
            "BEGIN SELECT RAISE(ABORT, 'catalogue_price: one thing has a price'); END"
        )


def _one_of(things, row, number):
    return ' + '.join(f'({row}{thing}_id IS NOT NULL){number}' for thing in things) + ' = 1'
