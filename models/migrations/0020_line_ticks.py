"""What an engineer did by hand to the lines of contracts."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


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

    class LineTick(Known):
        contract = ForeignKeyField(Contract, backref='line_ticks', on_delete='RESTRICT')
        work = CharField(max_length=16)
        state = CharField(max_length=32)
        down_kbit = IntegerField(null=True)
        up_kbit = IntegerField(null=True)
        note = TextField(default='')
        form_key = CharField(unique=True, max_length=64)
        done_at = DateTimeField(index=True)
        done_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        undone_at = DateTimeField(null=True)

        class Meta:
            table_name = 'line_tick'

    db.create_tables([LineTick])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('line_tick'))
