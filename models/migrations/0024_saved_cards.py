"""Cards the gateway keeps, payments that want something of one, and autopay."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
)

CHECKS = {  # `{row}` is the row as SQLite's triggers name it
    'saved_card': (
        '{row}expires_month BETWEEN 1 AND 12 AND LENGTH({row}last4) = 4 '
        'AND ({row}token IS NULL) = ({row}removed_at IS NOT NULL)'
    ),
    'card_payment': (
        "{row}purpose IN ('keep', 'chosen', 'automatic') AND ({row}purpose = 'keep' OR {row}card_id IS NOT NULL) "
        "AND ({row}purpose = 'automatic') = ({row}due_key IS NOT NULL)"
    ),
    'autopay': '({row}days_before IS NULL) <> ({row}below IS NULL) AND {row}month_limit > 0 AND {row}failures >= 0',
}


def up(migrator, db):
    db.create_tables(_tables(db))
    for table, condition in CHECKS.items():
        if not hasattr(db, 'pragma'):
            db.execute_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_check CHECK ({condition.format(row="")})')
            continue
        for verb in ('INSERT', 'UPDATE'):
            db.execute_sql(
                f'CREATE TRIGGER {table}_check_{verb.lower()} BEFORE {verb} ON "{table}" '
                f'WHEN NOT ({condition.format(row="NEW.")}) '
                f"BEGIN SELECT RAISE(ABORT, '{table}: a value is out of range'); END"
            )


def down(migrator, db):
    for table in ('autopay', 'card_payment', 'saved_card'):
        db.execute_sql(f'DROP TABLE "{table}"')  # triggers and constraints go with it


def _known(db, name):
    class Known(Model):
        class Meta:
            database = db
            table_name = name

    return Known


def _tables(db):
    class Known(Model):
        class Meta:
            database = db

    people, contracts, payments = (_known(db, name) for name in ('user', 'contract', 'payment'))

    class SavedCard(Known):
        contract = ForeignKeyField(contracts, backref='+', on_delete='RESTRICT')
        gateway = CharField(max_length=16)
        token = BlobField(null=True)
        brand = CharField(max_length=16)
        last4 = CharField(max_length=4)
        expires_month = IntegerField()
        expires_year = IntegerField()
        created_at = DateTimeField()
        created_by = ForeignKeyField(people, null=True, backref='+', on_delete='RESTRICT')
        removed_at = DateTimeField(null=True)
        removed_by = ForeignKeyField(people, null=True, backref='+', on_delete='RESTRICT')

        class Meta:
            table_name = 'saved_card'

    class CardPayment(Known):
        payment = ForeignKeyField(payments, unique=True, backref='+', on_delete='RESTRICT')
        purpose = CharField(max_length=32)
        card = ForeignKeyField(SavedCard, null=True, backref='+', on_delete='RESTRICT')
        due_key = CharField(unique=True, null=True, max_length=64)
        charge_on = DateField(null=True)
        sent_at = DateTimeField(null=True)

        class Meta:
            table_name = 'card_payment'

    class Autopay(Known):
        contract = ForeignKeyField(contracts, unique=True, backref='+', on_delete='RESTRICT')
        card = ForeignKeyField(SavedCard, backref='+', on_delete='RESTRICT')
        days_before = IntegerField(null=True)
        below = BigIntegerField(null=True)
        fixed = BigIntegerField(null=True)
        month_limit = BigIntegerField()
        is_on = BooleanField()
        failures = IntegerField(default=0)
        stopped_at = DateTimeField(null=True)
        looked_on = DateField(null=True)
        announced_on = DateField(null=True)
        announced_sum = BigIntegerField(null=True)
        agreed_at = DateTimeField()
        agreed_by = ForeignKeyField(people, backref='+', on_delete='RESTRICT')
        changed_at = DateTimeField()

        class Meta:
            table_name = 'autopay'

    return SavedCard, CardPayment, Autopay
