"""The trust credit: how far below zero a connected add-on lets the wallet go."""

from peewee import BigIntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column('connected_add_on', 'credit_limit', BigIntegerField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('connected_add_on', 'credit_limit'))
