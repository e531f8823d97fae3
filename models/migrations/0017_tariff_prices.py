"""Prices of tariffs from a day on, to which tariffs one may move from each, promo codes for new clients."""

from peewee import BigIntegerField, DateField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

# Not by the migrator: on SQLite it would make the tables anew and lose the triggers that guard them.
COLUMNS = (
    ('tariff', 'targets', {True: "TEXT NOT NULL DEFAULT '[]'", False: "JSONB NOT NULL DEFAULT '[]'"}),
    ('promo_code', 'new_clients_only', {True: 'INTEGER NOT NULL DEFAULT 0', False: 'BOOLEAN NOT NULL DEFAULT false'}),
)


def up(migrator, db):
    for table, column, kinds in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kinds[hasattr(db, "pragma")]}')

    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class Tariff(Model):
        class Meta:
            database = db
            table_name = 'tariff'

    class TariffPrice(Model):
        tariff = ForeignKeyField(Tariff, backref='prices', on_delete='RESTRICT')
        monthly_fee = BigIntegerField()
        vat_rate = IntegerField()
        starts_on = DateField()
        announced_at = DateTimeField()
        set_by = ForeignKeyField(User, backref='prices_set', on_delete='RESTRICT')
        reason = TextField()
        withdrawn_by = ForeignKeyField(User, null=True, backref='prices_withdrawn', on_delete='RESTRICT')
        withdrawn_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'tariff_price'
            indexes = ((('tariff', 'starts_on'), False),)

    db.create_tables([TariffPrice])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('tariff_price'))
    for table, column, _ in reversed(COLUMNS):
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
