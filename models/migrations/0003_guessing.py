"""Failed sign-ins by account and network, and recovery letters asked for."""

from peewee import CharField, DateTimeField, IntegerField, Model


def up(migrator, db):
    db.create_tables(_tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(_tables(db), safe=False)


def _tables(db):
    class FailedSignIn(Model):
        account = CharField(max_length=64)
        network = CharField(max_length=64, index=True)
        failures = IntegerField(default=0)
        tried_at = DateTimeField(index=True)

        class Meta:
            database = db
            table_name = 'failed_sign_in'
            indexes = ((('account', 'network'), True),)

    class RecoveryRequest(Model):
        contract_number = CharField(max_length=32)
        email = CharField(max_length=254)
        address = CharField(max_length=64)
        asked_at = DateTimeField()
        due_at = DateTimeField(index=True)

        class Meta:
            database = db
            table_name = 'recovery_request'

    return [FailedSignIn, RecoveryRequest]
