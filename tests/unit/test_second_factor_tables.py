"""The migration of the second factor goes there and back on both databases."""

from playhouse import migrations

from models.base import database
from services.migration import DIRECTORY

TABLES = {'totp_secret', 'passkey', 'passkey_challenge', 'recovery_code', 'factor_reset'}
COLUMNS = {'factor_at', 'second_step'}


def columns():
    return {column.name for column in database.get_columns('session')}


def test_it_goes_down_and_up_again(empty_db):
    with database.connection_context():
        runner = migrations.Runner(database.obj, str(DIRECTORY))
        before, names = columns(), [m.name for m in runner.status()]
        last = next(name for name in names if 'second_factor' in name)

        runner.down(last)
        assert not TABLES & set(database.get_tables())
        assert before - columns() >= COLUMNS

        migrations.Runner(database.obj, str(DIRECTORY)).up()
        assert set(database.get_tables()) >= TABLES
        assert columns() == before
