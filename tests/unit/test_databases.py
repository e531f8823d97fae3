"""The databases under the tests themselves."""

from models.base import database
from services.runner import submit
from tests.databases import bound

COUNTING = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT MAX(i) FROM n'


def test_a_database_closes_after_the_services_that_work_on_it(sqlite_store):
    with bound(sqlite_store.copy('filled', 'closing')):
        counted = submit(lambda: database.execute_sql(COUNTING).fetchone()[0])

    assert counted.done()
    assert counted.result() == 3000000
