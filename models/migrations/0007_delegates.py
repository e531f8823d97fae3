"""Access of relatives to a contract: who, how much, until when; one open grant of a contract for one person."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, Model

UNIQUE = (('access_grant_open', 'access_grant', 'contract_id, user_id', 'ended_at IS NULL'),)
LEVELS = "{row}level IN ('see', 'pay', 'manage')"


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class Contract(Model):
        class Meta:
            database = db
            table_name = 'contract'

    class AccessGrant(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        granted_by = ForeignKeyField(User, backref='grants_given', on_delete='RESTRICT')
        name = CharField(max_length=80)
        email = CharField(max_length=254)
        level = CharField(max_length=32)
        valid_until = DateField(null=True)
        form_key = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        token_hash = CharField(unique=True, max_length=64)
        invited_until = DateTimeField()
        user = ForeignKeyField(User, null=True, backref='grants_received', on_delete='RESTRICT')
        accepted_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        ended_by = ForeignKeyField(User, null=True, backref='grants_ended', on_delete='RESTRICT')

        class Meta:
            database = db
            table_name = 'access_grant'

    db.create_tables([AccessGrant])
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')
    if not hasattr(db, 'pragma'):
        db.execute_sql(f'ALTER TABLE "access_grant" ADD CONSTRAINT access_grant_check CHECK ({LEVELS.format(row="")})')
        return
    for verb in ('INSERT', 'UPDATE'):
        db.execute_sql(
            f'CREATE TRIGGER access_grant_check_{verb.lower()} BEFORE {verb} ON "access_grant" '
            f'WHEN NOT ({LEVELS.format(row="NEW.")}) '
            "BEGIN SELECT RAISE(ABORT, 'access_grant: a value is out of range'); END"
        )


def down(migrator, db):
    db.execute_sql('DROP TABLE "access_grant"')  # its indexes, triggers and constraint go with it
