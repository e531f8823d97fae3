"""Uploaded pictures: a row each, the bytes lie in the data folder."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model


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

    class ChatMessage(Known):
        class Meta:
            table_name = 'chat_message'

    class Visit(Known):
        class Meta:
            table_name = 'visit'

    class StoredFile(Known):
        public_id = CharField(unique=True, max_length=32)
        disk_name = CharField(unique=True, max_length=32)
        purpose = CharField(max_length=32)
        owner = ForeignKeyField(User, on_delete='RESTRICT')
        contract = ForeignKeyField(Contract, null=True, on_delete='RESTRICT')
        message = ForeignKeyField(ChatMessage, null=True, on_delete='RESTRICT')
        visit = ForeignKeyField(Visit, null=True, on_delete='RESTRICT')
        kind = CharField(max_length=8)
        name = CharField(max_length=120)
        size = IntegerField()
        width = IntegerField()
        height = IntegerField()
        sha256 = CharField(max_length=64)
        created_at = DateTimeField(index=True)

        class Meta:
            table_name = 'stored_file'

    db.create_tables([StoredFile])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('stored_file'))
