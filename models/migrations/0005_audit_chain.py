"""The audit log becomes a chain; what its end was is kept as anchors.

Lines written before stay as they are, without a mark of their own: the first line behind them seals them all.
"""

from peewee import CharField, DateTimeField, IntegerField, Model

COLUMNS = (
    ('role', 'VARCHAR(32)'),
    ('address', "VARCHAR(64) NOT NULL DEFAULT ''"),
    ('prev_hash', 'VARCHAR(64)'),
    ('hash', 'VARCHAR(64)'),
)
INDEXES = (
    ('audit_event_prev_hash', 'UNIQUE INDEX', 'prev_hash'),  # two lines behind the same one would be a fork
    ('audit_event_subject_at', 'INDEX', 'subject, at'),
)


def up(migrator, db):
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "audit_event" ADD COLUMN "{name}" {kind}')
    for name, kind, columns in INDEXES:
        db.execute_sql(f'CREATE {kind} "{name}" ON "audit_event" ({columns})')

    class AuditAnchor(Model):
        at = DateTimeField(index=True)
        entries = IntegerField()
        head = CharField(max_length=64)
        fault = CharField(max_length=32, default='')
        line = IntegerField(default=0)

        class Meta:
            database = db
            table_name = 'audit_anchor'

    db.create_tables([AuditAnchor])
    if hasattr(db, 'pragma'):
        for verb in ('UPDATE', 'DELETE'):
            db.execute_sql(
                f'CREATE TRIGGER audit_anchor_no_{verb.lower()} BEFORE {verb} ON "audit_anchor" '
                "BEGIN SELECT RAISE(ABORT, 'audit_anchor is append-only'); END"
            )
    else:
        db.execute_sql(
            'CREATE TRIGGER audit_anchor_append_only BEFORE UPDATE OR DELETE ON "audit_anchor" '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )


def down(migrator, db):
    db.execute_sql('DROP TABLE "audit_anchor"')  # its triggers go with it
    for name, *_ in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
    for name, _ in COLUMNS:
        db.execute_sql(f'ALTER TABLE "audit_event" DROP COLUMN "{name}"')
