"""Rules of the house that an administrator changed, each from a day on."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = 'user'

    class RuleChange(Model):
        name = CharField(max_length=48)
        value = TextField()
        starts_on = DateField()
        reason = TextField()
        set_by = ForeignKeyField(User, backref='rules_set', on_delete='RESTRICT')
        set_at = DateTimeField()
        withdrawn_by = ForeignKeyField(User, null=True, backref='rules_withdrawn', on_delete='RESTRICT')
        withdrawn_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = 'rule_change'
            indexes = ((('name', 'starts_on'), False),)

    db.create_tables([RuleChange])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('rule_change'))
