"""Personal data: what is found by a keyed hash, wordings agreed to, copies given out, requests with their terms."""

from peewee import BlobField, CharField, DateField, DateTimeField, ForeignKeyField, JSONField, Model, TextField

INDEXED = ('passport_index', 'personal_number_index')


def up(migrator, db):
    migrator.migrate(
        migrator.add_column('application', 'erased_at', DateTimeField(null=True)),
        migrator.add_column('subscriber', 'erased_at', DateTimeField(null=True)),
        migrator.add_column('consent', 'channel', CharField(max_length=16, default='site')),
        *(migrator.add_column('subscriber', name, CharField(max_length=64, null=True, index=True)) for name in INDEXED),
    )

    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class ConsentText(Model):
        sha256 = CharField(unique=True, max_length=64)
        kind = CharField(max_length=32)
        version = CharField(max_length=32)
        html = TextField()
        first_used_at = DateTimeField()

        class Meta:
            database = db
            table_name = 'consent_text'

    class OwnExport(Model):
        user = ForeignKeyField(User, on_delete='CASCADE')
        state = CharField(max_length=32)
        content = BlobField(null=True)
        ordered_at = DateTimeField()
        leased_until = DateTimeField(null=True)
        made_at = DateTimeField(null=True)
        expires_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'own_export'

    class PrivacyRequest(Model):
        user = ForeignKeyField(User, on_delete='RESTRICT')
        kind = CharField(max_length=32)
        state = CharField(max_length=32, default='open')
        contract_number = CharField(max_length=16)
        recorded_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        form_key = CharField(unique=True, max_length=64)
        asked_at = DateTimeField()
        due_on = DateField()
        answered_at = DateTimeField(null=True)
        answered_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        answer = TextField(default='')
        erased = JSONField()

        class Meta:
            database = db
            table_name = 'privacy_request'
            indexes = ((('state', 'due_on'), False),)

    db.create_tables([ConsentText, OwnExport, PrivacyRequest])


def down(migrator, db):
    for table in ('privacy_request', 'own_export', 'consent_text'):
        migrator.migrate(migrator.drop_table(table))
    for name in INDEXED:
        migrator.migrate(
            migrator.drop_index('subscriber', f'subscriber_{name}'), migrator.drop_column('subscriber', name)
        )
    for table, column in (('consent', 'channel'), ('subscriber', 'erased_at'), ('application', 'erased_at')):
        migrator.migrate(migrator.drop_column(table, column))
