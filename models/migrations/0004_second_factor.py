"""Second factors, recovery codes, requests for a reset; what a session still owes and when a factor was given."""

from peewee import BigIntegerField, BlobField, CharField, DateTimeField, ForeignKeyField, Model, TextField
from playhouse.migrate import migrate

COLUMNS = ('factor_at', 'second_step')


def up(migrator, db):
    migrate(
        migrator.add_column('session', 'factor_at', DateTimeField(null=True)),
        migrator.add_column('session', 'second_step', CharField(max_length=32, null=True)),
    )
    db.create_tables(_tables(db))


def down(migrator, db):
    db.drop_tables(list(reversed(_tables(db))))
    migrate(*(migrator.drop_column('session', name) for name in COLUMNS))


def _tables(db):
    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class TotpSecret(Model):
        user = ForeignKeyField(User, unique=True, on_delete='CASCADE')
        sealed = BlobField(null=True)
        last_step = BigIntegerField(default=0)
        pending = BlobField(null=True)
        pending_at = DateTimeField(null=True)
        created_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'totp_secret'

    class Passkey(Model):
        user = ForeignKeyField(User, on_delete='CASCADE')
        credential_id = CharField(unique=True, max_length=1400)
        public_key = BlobField()
        sign_count = BigIntegerField(default=0)
        name = CharField(max_length=60)
        created_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'passkey'

    class PasskeyChallenge(Model):
        session_hash = CharField(max_length=64)
        purpose = CharField(max_length=16)
        challenge = CharField(max_length=100)
        expires_at = DateTimeField(index=True)

        class Meta:
            database = db
            table_name = 'passkey_challenge'
            indexes = ((('session_hash', 'purpose'), True),)

    class RecoveryCode(Model):
        user = ForeignKeyField(User, on_delete='CASCADE')
        code_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'recovery_code'

    return [TotpSecret, Passkey, PasskeyChallenge, RecoveryCode, _reset(db, User)]


def _reset(db, person):
    class FactorReset(Model):
        user = ForeignKeyField(person, on_delete='CASCADE', backref='+')
        reason = TextField()
        asked_by = ForeignKeyField(person, on_delete='RESTRICT', backref='+')
        asked_as = CharField(max_length=32)
        asked_at = DateTimeField(index=True)
        expires_at = DateTimeField()
        confirmed_by = ForeignKeyField(person, null=True, on_delete='RESTRICT', backref='+')
        confirmed_at = DateTimeField(null=True)
        declined_by = ForeignKeyField(person, null=True, on_delete='RESTRICT', backref='+')
        declined_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'factor_reset'

    return FactorReset
