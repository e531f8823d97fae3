"""The end of contracts: requests with their last day, and the money paid out afterwards, with four eyes."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    Model,
    TextField,
)

UNIQUE = (
    ('termination_open', 'termination', 'contract_id', "state = 'requested'"),
    ('payout_waiting', 'payout', 'contract_id', "state = 'waiting'"),
)
CHECKS = {  # `{row}` is the row as SQLite's triggers name it
    'termination': "{row}state IN ('requested', 'cancelled', 'executed')",
    'payout': (
        "{row}amount > 0 AND {row}state IN ('waiting', 'booked', 'refused') "
        'AND ({row}decided_by_id IS NULL OR {row}decided_by_id <> {row}asked_by_id)'
    ),
}


def up(migrator, db):
    db.create_tables(_tables(db))
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')
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
    for table in ('payout', 'termination'):
        db.execute_sql(f'DROP TABLE "{table}"')  # indexes, triggers and constraints go with it


def _tables(db):
    class Known(Model):
        class Meta:
            database = db

    class User(Known):
        class Meta:
            table_name = 'user'

    class Contract(Known):
        class Meta:
            table_name = 'contract'

    class Quote(Known):
        class Meta:
            table_name = 'quote'

    class Operation(Known):
        class Meta:
            table_name = 'operation'

    class Termination(Known):
        contract = ForeignKeyField(Contract, backref='+', on_delete='RESTRICT')
        state = CharField(max_length=32, index=True)
        last_day = DateField()
        reason = CharField(max_length=32)
        words = TextField()
        paper = CharField(max_length=40)
        money = CharField(max_length=32)
        iban = BlobField(null=True)
        target = ForeignKeyField(Contract, null=True, backref='+', on_delete='RESTRICT')
        quote = ForeignKeyField(Quote, backref='+', on_delete='RESTRICT')
        form_key = CharField(unique=True, max_length=64)
        requested_at = DateTimeField()
        requested_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        cancelled_at = DateTimeField(null=True)
        cancelled_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        executed_at = DateTimeField(null=True)
        was_recounted = BooleanField()

        class Meta:
            table_name = 'termination'

    class Payout(Known):
        contract = ForeignKeyField(Contract, backref='+', on_delete='RESTRICT')
        amount = BigIntegerField()
        paper = CharField(max_length=40)
        state = CharField(max_length=32, index=True)
        form_key = CharField(unique=True, max_length=64)
        asked_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        asked_at = DateTimeField()
        decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        decided_at = DateTimeField(null=True)
        refusal = TextField()
        operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')

        class Meta:
            table_name = 'payout'

    return Termination, Payout
