"""Bring the database to the schema of this version."""

from pathlib import Path

from playhouse import migrations

from models import base
from services.accounts import ledger_chain
from services.audit import chain

DIRECTORY = Path(base.__file__).parent / 'migrations'
_POSTGRES_LOCK = 0x416D69676F  # 'Amigo': several instances start at once, one migrates


def migrate() -> list[str]:
    """Apply pending migrations and return their names; safe to call from several processes at once."""
    with base.database.connection_context():
        if not base.is_postgres():
            return _run()
        base.database.execute_sql('SELECT pg_advisory_lock(%s)', (_POSTGRES_LOCK,))
        try:
            return _run()
        finally:
            base.database.execute_sql('SELECT pg_advisory_unlock(%s)', (_POSTGRES_LOCK,))


def _run() -> list[str]:
    applied = list(migrations.run(base.database.obj, str(DIRECTORY)))
    chain.begin()
    ledger_chain.begin()
    return applied


def is_current() -> bool:
    """Tell whether no migration is pending."""
    return all(m.applied for m in migrations.Runner(base.database.obj, str(DIRECTORY)).status())
