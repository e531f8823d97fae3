"""Corrections of the books with four eyes; what a letter and a message of the chat are about."""

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField, Model, TextField

UNIQUE = (('correction_of_operation', 'correction', 'reverses_id', "state IN ('waiting', 'booked')"),)
CHECK = (
    "{row}amount <> 0 AND {row}state IN ('waiting', 'booked', 'refused') "
    'AND ({row}decided_by_id IS NULL OR {row}decided_by_id <> {row}asked_by_id)'
)


def up(migrator, db):
    db.create_tables([_correction(db)])
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')
    db.execute_sql(
        'ALTER TABLE "chat_message" ADD COLUMN "operation_id" INTEGER REFERENCES "operation" ("id") ON DELETE RESTRICT'
    )
    db.execute_sql('CREATE INDEX "chat_message_operation_id" ON "chat_message" ("operation_id")')
    db.execute_sql('ALTER TABLE "outgoing_message" ADD COLUMN "contract_number" VARCHAR(16)')
    db.execute_sql('CREATE INDEX "outgoing_message_contract_number" ON "outgoing_message" ("contract_number")')
    if not hasattr(db, 'pragma'):
        db.execute_sql(f'ALTER TABLE "correction" ADD CONSTRAINT correction_check CHECK ({CHECK.format(row="")})')
        return
    for verb in ('INSERT', 'UPDATE'):
        db.execute_sql(
            f'CREATE TRIGGER correction_check_{verb.lower()} BEFORE {verb} ON "correction" '
            f'WHEN NOT ({CHECK.format(row="NEW.")}) '
            "BEGIN SELECT RAISE(ABORT, 'correction: a value is out of range'); END"
        )


def down(migrator, db):
    for table, column in (('outgoing_message', 'contract_number'), ('chat_message', 'operation_id')):
        db.execute_sql(f'DROP INDEX "{table}_{column}"')
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    db.execute_sql('DROP TABLE "correction"')  # its indexes, triggers and constraint go with it


def _correction(db):
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

    class Correction(Known):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        amount = BigIntegerField()
        reverses = ForeignKeyField(Operation, null=True, backref='+', on_delete='RESTRICT')
        reason = TextField()
        state = CharField(max_length=32, index=True)
        form_key = CharField(unique=True, max_length=64)
        asked_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        asked_at = DateTimeField()
        decided_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        decided_at = DateTimeField(null=True)
        refusal = TextField(default='')
        operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')

        class Meta:
            table_name = 'correction'

    return Correction
