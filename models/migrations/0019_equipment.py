"""Orders of further devices, and devices that are to come back."""

from peewee import BigIntegerField, CharField, DateField, DateTimeField, ForeignKeyField, Model, TextField

UNIQUE = (
    ('equipment_order_waiting', 'equipment_order', 'contract_id, equipment_id', "state = 'ordered'"),
    ('equipment_return_announced', 'equipment_return', 'unit_id', "state = 'announced'"),
)


def up(migrator, db):
    db.create_tables(list(_tables(db)))
    for name, table, columns, where in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX {name} ON "{table}" ({columns}) WHERE {where}')


def down(migrator, db):
    for table in ('equipment_return', 'equipment_order'):
        db.execute_sql(f'DROP TABLE "{table}"')  # its indexes go with it


def _known(db, *names):
    """Tables that are there already, as far as a key needs them."""
    for name in names:
        meta = type('Meta', (), {'database': db, 'table_name': name})
        yield type(name.title().replace('_', ''), (Model,), {'Meta': meta})


def _tables(db):
    User, Contract, Equipment, Unit, Office, Quote = _known(  # noqa: N806 - classes
        db, 'user', 'contract', 'equipment', 'equipment_unit', 'office', 'quote'
    )

    class EquipmentOrder(Model):
        contract = ForeignKeyField(Contract, backref='+', on_delete='RESTRICT')
        equipment = ForeignKeyField(Equipment, backref='+', on_delete='RESTRICT')
        ownership = CharField(max_length=32)
        price = BigIntegerField()
        office = ForeignKeyField(Office, backref='+', on_delete='RESTRICT')
        quote = ForeignKeyField(Quote, backref='+', on_delete='RESTRICT')
        holds_until = DateField()
        state = CharField(max_length=32, index=True)
        form_key = CharField(unique=True, max_length=64)
        ordered_at = DateTimeField()
        ordered_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        reason = TextField(default='')
        unit = ForeignKeyField(Unit, null=True, unique=True, backref='+', on_delete='RESTRICT')

        class Meta:
            database = db
            table_name = 'equipment_order'

    class EquipmentReturn(Model):
        contract = ForeignKeyField(Contract, backref='+', on_delete='RESTRICT')
        unit = ForeignKeyField(Unit, backref='+', on_delete='RESTRICT')
        office = ForeignKeyField(Office, null=True, backref='+', on_delete='RESTRICT')
        state = CharField(max_length=32, index=True)
        form_key = CharField(unique=True, max_length=64)
        announced_at = DateTimeField()
        announced_by = ForeignKeyField(User, backref='+', on_delete='RESTRICT')
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(User, null=True, backref='+', on_delete='RESTRICT')
        condition = TextField(default='')

        class Meta:
            database = db
            table_name = 'equipment_return'

    return EquipmentOrder, EquipmentReturn
