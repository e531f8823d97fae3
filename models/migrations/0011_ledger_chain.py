"""The books become a chain: a mark for each operation; what stops charging is remembered; TRUNCATE is refused too.

Operations written before get their marks in the order of their ids, at the end of `main.py migrate`.
"""

from peewee import CharField, DateTimeField, ForeignKeyField, JSONField, Model, TextField

UNTRUNCATED = ('operation', 'entry', 'operation_link', 'audit_event', 'audit_anchor')


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class User(Known):
        class Meta:
            table_name = 'user'

    class Operation(Known):
        class Meta:
            table_name = 'operation'

    class OperationLink(Known):
        operation = ForeignKeyField(Operation, unique=True, on_delete='RESTRICT')
        prev_hash = CharField(max_length=64, unique=True)
        hash = CharField(max_length=64)

        class Meta:
            table_name = 'operation_link'

    class ChargingStop(Known):
        stopped_at = DateTimeField()
        faults = JSONField()
        lifted_at = DateTimeField(null=True)
        lifted_by = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        reason = TextField(default='')

        class Meta:
            table_name = 'charging_stop'

    db.create_tables([OperationLink, ChargingStop])
    db.execute_sql("""ALTER TABLE "audit_anchor" ADD COLUMN "chain" VARCHAR(16) NOT NULL DEFAULT 'audit'""")
    if hasattr(db, 'pragma'):
        for verb in ('UPDATE', 'DELETE'):
            db.execute_sql(
                f'CREATE TRIGGER operation_link_no_{verb.lower()} BEFORE {verb} ON "operation_link" '
                "BEGIN SELECT RAISE(ABORT, 'operation_link is append-only'); END"
            )
        return
    db.execute_sql(
        'CREATE TRIGGER operation_link_append_only BEFORE UPDATE OR DELETE ON "operation_link" '
        'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
    )
    for table in UNTRUNCATED:
        db.execute_sql(
            f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        )


def down(migrator, db):
    if not hasattr(db, 'pragma'):
        for table in UNTRUNCATED:
            db.execute_sql(f'DROP TRIGGER {table}_no_truncate ON "{table}"')
    db.execute_sql('DROP TABLE "charging_stop"')
    db.execute_sql('DROP TABLE "operation_link"')  # its triggers go with it
    db.execute_sql('ALTER TABLE "audit_anchor" DROP COLUMN "chain"')
