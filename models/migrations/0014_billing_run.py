"""How far the charge of a month is: a row for each month."""

from peewee import BigIntegerField, DateField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class BillingRun(Model):
        month = DateField(unique=True)
        started_at = DateTimeField()
        started_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        seen_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        total = IntegerField()
        done = IntegerField(default=0)
        blocked = IntegerField(default=0)
        charged = BigIntegerField()
        set_aside = JSONField(default=dict)

        class Meta:
            database = db
            table_name = 'billing_run'

    db.create_tables([BillingRun])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('billing_run'))
