"""What the models cannot say: append-only books, sums that make sense, one visit in a slot."""

APPEND_ONLY = ('operation', 'entry', 'audit_event')

CHECKS = {  # `{row}` is the row as SQLite's triggers name it
    'entry': ('{row}amount <> 0',),
    'payment': ('{row}amount > 0',),
    'promised_payment': ('{row}amount > 0',),
    'tariff': ('{row}monthly_fee >= 0', '{row}connection_fee >= 0', '{row}down_kbit > 0'),
    'suspension': ('{row}ends_on > {row}starts_on',),
    'visit': ('{row}hour IN (9, 11, 13, 15, 17, 19)',),
}

UNIQUE = (
    ('visit_slot', 'visit', 'technician_id, day, hour', "status IN ('planned', 'en_route', 'started', 'completed')"),
    ('visit_open', 'visit', 'application_id', "status IN ('planned', 'en_route', 'started')"),
    ('tariff_change_planned', 'tariff_change', 'contract_id', "state = 'planned'"),
    ('debt_block_open', 'debt_block', 'contract_id', 'ended_at IS NULL'),
    ('promised_payment_open', 'promised_payment', 'contract_id', 'fulfilled_at IS NULL AND lapsed_at IS NULL'),
    ('equipment_unit_serial', 'equipment_unit', 'equipment_id, serial', 'returned_at IS NULL'),
    ('account_own', 'account', 'kind, currency', 'contract_id IS NULL'),
)


def up(migrator, db):
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')
    if hasattr(db, 'pragma'):
        _up_sqlite(db)
    else:
        _up_postgres(db)


def _up_sqlite(db):
    for table in APPEND_ONLY:
        for verb in ('UPDATE', 'DELETE'):
            db.execute_sql(
                f'CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table, conditions in CHECKS.items():
        condition = ' AND '.join(conditions).format(row='NEW.')
        for verb in ('INSERT', 'UPDATE'):
            db.execute_sql(
                f'CREATE TRIGGER {table}_check_{verb.lower()} BEFORE {verb} ON "{table}" '
                f"WHEN NOT ({condition}) BEGIN SELECT RAISE(ABORT, '{table}: a value is out of range'); END"
            )


def _up_postgres(db):
    db.execute_sql(
        'CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS '
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        db.execute_sql(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON "{table}" '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
    for table, conditions in CHECKS.items():
        condition = ' AND '.join(conditions).format(row='')
        db.execute_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_check CHECK ({condition})')


def down(migrator, db):
    for name, *_ in UNIQUE:
        db.execute_sql(f'DROP INDEX {name}')
    if hasattr(db, 'pragma'):
        for table in APPEND_ONLY:
            for verb in ('update', 'delete'):
                db.execute_sql(f'DROP TRIGGER {table}_no_{verb}')
        for table in CHECKS:
            for verb in ('insert', 'update'):
                db.execute_sql(f'DROP TRIGGER {table}_check_{verb}')
        return
    for table in APPEND_ONLY:
        db.execute_sql(f'DROP TRIGGER {table}_append_only ON "{table}"')
    db.execute_sql('DROP FUNCTION refuse_change()')
    for table in CHECKS:
        db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT {table}_check')
