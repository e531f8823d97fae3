"""How much traffic a contract used in a month; tables of readings an operator sent."""

from peewee import BigIntegerField, DateField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class User(Known):
        class Meta:
            table_name = 'user'

    class Contract(Known):
        class Meta:
            table_name = 'contract'

    class TrafficUsage(Known):
        contract = ForeignKeyField(Contract, backref='traffic', on_delete='RESTRICT')
        period = DateField()
        used_bytes = BigIntegerField()
        taken_at = DateTimeField()
        settled_at = DateTimeField(null=True)

        class Meta:
            table_name = 'traffic_usage'
            indexes = ((('contract', 'period'), True),)

    class UsageFile(Known):
        text = TextField()
        sent_at = DateTimeField()
        sent_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        taken_at = DateTimeField(null=True)

        class Meta:
            table_name = 'usage_file'

    db.create_tables([TrafficUsage, UsageFile])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('usage_file'), migrator.drop_table('traffic_usage'))
