"""Prices of tariffs from a day on, to which tariffs one may move from each, promo codes for new clients."""

from peewee import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    migrator.migrate(
        migrator.add_column('tariff', 'targets', JSONField(null=True)),
        migrator.add_column('promo_code', 'new_clients_only', BooleanField(default=False)),
    )
    db.execute_sql("UPDATE tariff SET targets = '[]'")
    migrator.migrate(migrator.add_not_null('tariff', 'targets'))

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
    migrator.migrate(
        migrator.drop_table('tariff_price'),
        migrator.drop_column('promo_code', 'new_clients_only'),
        migrator.drop_column('tariff', 'targets'),
    )
