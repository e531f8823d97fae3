"""Money that goes back, comes with a paper, lay in quarantine, or does not agree with the gateway."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

FOUR_EYES = '({row}decided_by_id IS NULL OR {row}decided_by_id <> {row}asked_by_id)'
UNIQUE = (
    ('refund_at_gateway', 'refund', 'payment_id', "state = 'asked' AND asked_by_id IS NOT NULL"),
    ('quarantine_verdict_once', 'quarantine_verdict', 'payment_id', "state <> 'refused' AND verdict = 'credit'"),
)
CHECKS = {  # `{row}` is the row as SQLite's triggers name it
    'refund': (
        "{row}amount > 0 AND {row}state IN ('waiting', 'asked', 'done', 'refused', 'failed') "
        "AND ({row}state <> 'done' OR {row}gateway_uid IS NOT NULL) "
        'AND (' + FOUR_EYES + ' OR {row}asked_by_id IS NULL)'
    ),
    'manual_payment': "{row}way IN ('cash', 'bank') AND {row}cancelled IN (0, {row}id)",
    'quarantine_verdict': (
        "{row}verdict IN ('credit', 'note') AND {row}state IN ('waiting', 'booked', 'refused') AND " + FOUR_EYES
    ),
}
TABLES = ('payment_difference', 'reconciliation', 'quarantine_verdict', 'manual_payment', 'refund')


def up(migrator, db):
    db.create_tables(_tables(db))
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')
    for table, condition in CHECKS.items():
        if not hasattr(db, 'pragma'):
            db.execute_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_check CHECK ({condition.format(row="")})')
            continue
        for verb in ('INSERT', 'UPDATE'):
            if table == 'manual_payment' and verb == 'INSERT':
                continue  # its id is not known yet
            db.execute_sql(
                f'CREATE TRIGGER {table}_check_{verb.lower()} BEFORE {verb} ON "{table}" '
                f'WHEN NOT ({condition.format(row="NEW.")}) '
                f"BEGIN SELECT RAISE(ABORT, '{table}: a value is out of range'); END"
            )


def down(migrator, db):
    for table in TABLES:
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

    class Operation(Known):
        class Meta:
            table_name = 'operation'

    class Payment(Known):
        class Meta:
            table_name = 'payment'

    class Refund(Known):
        payment = ForeignKeyField(Payment, backref='+', on_delete='RESTRICT')
        parent_uid = CharField(max_length=64)
        amount = BigIntegerField()
        reason = TextField()
        state = CharField(max_length=32, index=True)
        form_key = CharField(unique=True, null=True, max_length=64)
        request_id = CharField(unique=True, max_length=64)
        gateway_uid = CharField(unique=True, null=True, max_length=64)
        is_uncredited = BooleanField(default=False)
        asked_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        asked_at = DateTimeField()
        decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        decided_at = DateTimeField(null=True)
        refusal = TextField(default='')
        sent_at = DateTimeField(null=True)
        next_check_at = DateTimeField(null=True, index=True)
        ended_at = DateTimeField(null=True)
        operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')

        class Meta:
            table_name = 'refund'

    return [Refund, *_papers(Known, User, Contract, Operation, Payment), *_comparisons(Known, Payment)]


def _papers(base, user, contract_table, operation_table, payment_table):
    class ManualPayment(base):
        payment = ForeignKeyField(payment_table, unique=True, backref='+', on_delete='RESTRICT')
        way = CharField(max_length=16)
        document = CharField(max_length=40)
        document_on = DateField()
        cancelled = IntegerField(default=0)
        operation = ForeignKeyField(operation_table, unique=True, backref='+', on_delete='RESTRICT')
        taken_by = ForeignKeyField(user, backref='+', on_delete='RESTRICT')
        taken_at = DateTimeField()
        cancelled_by = ForeignKeyField(user, null=True, backref='+', on_delete='RESTRICT')
        cancelled_at = DateTimeField(null=True)
        cancel_reason = TextField(default='')

        class Meta:
            table_name = 'manual_payment'
            indexes = ((('way', 'document', 'document_on', 'cancelled'), True),)

    class QuarantineVerdict(base):
        payment = ForeignKeyField(payment_table, backref='+', on_delete='RESTRICT')
        verdict = CharField(max_length=32)
        contract = ForeignKeyField(contract_table, null=True, backref='+', on_delete='RESTRICT')
        amount = BigIntegerField()
        reason = TextField()
        state = CharField(max_length=32)
        form_key = CharField(unique=True, max_length=64)
        asked_by = ForeignKeyField(user, backref='+', on_delete='RESTRICT')
        asked_at = DateTimeField()
        decided_by = ForeignKeyField(user, null=True, backref='+', on_delete='RESTRICT')
        decided_at = DateTimeField(null=True)
        refusal = TextField(default='')

        class Meta:
            table_name = 'quarantine_verdict'

    return [ManualPayment, QuarantineVerdict]


def _comparisons(base, payment_table):
    class Reconciliation(base):
        day = DateField(unique=True)
        started_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        asked = IntegerField(default=0)
        silent = IntegerField(default=0)
        found = IntegerField(default=0)

        class Meta:
            table_name = 'reconciliation'

    class PaymentDifference(base):
        payment = ForeignKeyField(payment_table, backref='+', on_delete='RESTRICT')
        kind = CharField(max_length=32)
        uid = CharField(max_length=64)
        ours = BigIntegerField()
        theirs = BigIntegerField()
        found_at = DateTimeField()
        seen_at = DateTimeField()
        closed_at = DateTimeField(null=True)

        class Meta:
            table_name = 'payment_difference'
            indexes = ((('kind', 'uid'), True),)

    return [Reconciliation, PaymentDifference]
