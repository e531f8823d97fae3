"""ERIP claims and what was paid on them; payments for somebody else's contract; registers of the bank and of ERIP."""

from peewee import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

TABLES = ('registry_line', 'registry', 'payment_for_other', 'erip_payment', 'erip_claim')


def up(migrator, db):
    db.create_tables([*_erip(db), *_registers(db)])


def down(migrator, db):
    for table in TABLES:
        db.execute_sql(f'DROP TABLE "{table}"')  # its indexes go with it


def _known(db, *names):
    """Tables that are there already, as far as a key needs them."""
    for name in names:
        meta = type('Meta', (), {'database': db, 'table_name': name})
        yield type(name.title().replace('_', ''), (Model,), {'Meta': meta})


def _erip(db):
    Contract, Payment = _known(db, 'contract', 'payment')  # noqa: N806 - classes

    class EripClaim(Model):
        contract = ForeignKeyField(Contract, unique=True, backref='+', on_delete='RESTRICT')
        state = CharField(max_length=32)
        tracking_id = CharField(unique=True, max_length=64)
        uid = CharField(unique=True, null=True, max_length=64)
        service_no = CharField(max_length=32)
        steps = JSONField(default=list)
        qr = TextField(default='')
        refusals = IntegerField(default=0)
        next_at = DateTimeField(null=True, index=True)
        created_at = DateTimeField()
        updated_at = DateTimeField()

        class Meta:
            database = db
            table_name = 'erip_claim'

    class EripPayment(Model):
        claim = ForeignKeyField(EripClaim, backref='+', on_delete='RESTRICT')
        payment = ForeignKeyField(Payment, unique=True, backref='+', on_delete='RESTRICT')
        transaction_no = CharField(max_length=64, default='', index=True)

        class Meta:
            database = db
            table_name = 'erip_payment'

    class PaymentForOther(Model):
        payment = ForeignKeyField(Payment, unique=True, backref='+', on_delete='RESTRICT')
        payer = ForeignKeyField(Contract, backref='+', on_delete='RESTRICT')
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = 'payment_for_other'

    return EripClaim, EripPayment, PaymentForOther


def _registers(db):
    Contract, Operation, User = _known(db, 'contract', 'operation', 'user')  # noqa: N806 - classes

    class Registry(Model):
        source = CharField(max_length=32)
        fingerprint = CharField(unique=True, max_length=64)
        name = CharField(max_length=100)
        state = CharField(max_length=32)
        faults = JSONField(default=list)
        loaded_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        loaded_at = DateTimeField()
        booked_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        booked_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'registry'

    class RegistryLine(Model):
        registry = ForeignKeyField(Registry, backref='+', on_delete='RESTRICT')
        place = IntegerField()
        paid_on = DateField()
        account_number = CharField(max_length=40)
        amount = BigIntegerField()
        document = CharField(max_length=40)
        purpose = TextField(default='')
        key = CharField(max_length=120, index=True)
        state = CharField(max_length=32, index=True)
        contract = ForeignKeyField(Contract, null=True, backref='+', on_delete='RESTRICT')
        operation = ForeignKeyField(Operation, null=True, unique=True, backref='+', on_delete='RESTRICT')
        assigned_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        assigned_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'registry_line'
            indexes = ((('registry', 'place'), True),)

    return Registry, RegistryLine
