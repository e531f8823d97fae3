"""Dated prices of TV packages and add-ons beside those of tariffs; how far the letters about each are written."""

from peewee import BigIntegerField, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

KEPT = 'id, tariff_id, monthly_fee, vat_rate, starts_on, announced_at, set_by_id, reason, withdrawn_by_id, withdrawn_at'
THINGS = ('tariff', 'tv_package', 'add_on')
CHECK = f'{" + ".join(f"({{row}}{thing}_id IS NOT NULL)::int" for thing in THINGS)} = 1'
FURTHEST = 2**31 - 1
"""Further than any subscriber: all letters of the prices that are there have been written."""


def up(migrator, db):
    db.create_tables([_price(db, 'catalogue_price', THINGS)])
    db.execute_sql(
        f'INSERT INTO "catalogue_price" ({KEPT}, told_to, told_at, retold_to, retold_at) '  # noqa: S608 - our words
        f'SELECT {KEPT}, {FURTHEST}, announced_at, {FURTHEST}, withdrawn_at FROM "tariff_price"'
    )
    db.execute_sql('DROP TABLE "tariff_price"')
    if not hasattr(db, 'pragma'):
        _go_on_counting(db, 'catalogue_price')
        condition = CHECK.format(row='')
        db.execute_sql(f'ALTER TABLE "catalogue_price" ADD CONSTRAINT catalogue_price_check CHECK ({condition})')
        return
    condition = CHECK.format(row='NEW.').replace('::int', '')
    for verb in ('INSERT', 'UPDATE'):
        db.execute_sql(
            f'CREATE TRIGGER catalogue_price_check_{verb.lower()} BEFORE {verb} ON "catalogue_price" '
            f"WHEN NOT ({condition}) BEGIN SELECT RAISE(ABORT, 'catalogue_price: one thing has a price'); END"
        )


def down(migrator, db):
    """Prices of TV packages and add-ons have no place in the old table."""
    db.create_tables([_price(db, 'tariff_price', ())])
    db.execute_sql(
        f'INSERT INTO "tariff_price" ({KEPT}) '  # noqa: S608 - our words
        f'SELECT {KEPT} FROM "catalogue_price" WHERE tariff_id IS NOT NULL'
    )
    db.execute_sql('DROP TABLE "catalogue_price"')
    if not hasattr(db, 'pragma'):
        _go_on_counting(db, 'tariff_price')


def _go_on_counting(db, table):
    """The next id comes after those that were copied."""
    last = f'(SELECT COALESCE(MAX(id), 0) + 1 FROM "{table}")'  # noqa: S608 - our words
    db.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last}, false)")


def _price(db, table, things):
    class Known(Model):
        class Meta:
            database = db

    class User(Known):
        class Meta:
            table_name = 'user'

    class Tariff(Known):
        class Meta:
            table_name = 'tariff'

    class TvPackage(Known):
        class Meta:
            table_name = 'tv_package'

    class AddOn(Known):
        class Meta:
            table_name = 'add_on'

    class Price(Known):
        tariff = ForeignKeyField(Tariff, null=bool(things), backref='+', on_delete='RESTRICT')
        if things:
            tv_package = ForeignKeyField(TvPackage, null=True, backref='+', on_delete='RESTRICT')
            add_on = ForeignKeyField(AddOn, null=True, backref='+', on_delete='RESTRICT')
        monthly_fee = BigIntegerField()
        vat_rate = IntegerField()
        starts_on = DateField()
        announced_at = DateTimeField()
        set_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        reason = TextField()
        withdrawn_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        withdrawn_at = DateTimeField(null=True)
        if things:
            told_to = IntegerField(default=0)
            told_at = DateTimeField(null=True)
            retold_to = IntegerField(default=0)
            retold_at = DateTimeField(null=True)

        class Meta:
            table_name = table
            indexes = () if things else ((('tariff', 'starts_on'), False),)

    return Price
