"""The seam between the event loop and the synchronous services: one service call, one thread, one connection."""

import asyncio
import contextvars
import functools
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from typing import ParamSpec, TypeVar

import peewee
from playhouse.pool import MaxConnectionsExceeded

from models.base import Unstorable, database, is_postgres
from services import events, limits
from services.errors import Busy, Unfit

P = ParamSpec('P')
T = TypeVar('T')

THREADS = limits.count('service_threads')
"""Worker threads for services; the connection pool holds two more (DESIGN §6)."""

RETRIES = limits.count('transaction_runs')
_RETRIED_STATES = {'40001', '40P01'}
"""PostgreSQL: serialization failure and deadlock; the whole transaction is run again."""

_SQLITE_PASSING = ('database is locked', 'database table is locked', 'database or disk is full', 'disk I/O error')
_POSTGRES_PASSING = ('08', '40', '53', '55', '57')
"""Classes of SQLSTATE: connection, rolled back, no resources, locked, cancelled or shutting down; none: unreachable."""

log = logging.getLogger(__name__)
_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix='service')
_outside = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix='outside')
_last_things: contextvars.ContextVar[list[tuple[int, Callable[[], None]]] | None] = contextvars.ContextVar(
    'last_things', default=None
)


def transactional(service: Callable[P, T]) -> Callable[P, T]:
    """Run a service in one transaction and deliver its recorded events after the commit.

    A call from inside another transactional service joins the outer transaction as a savepoint.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        work = functools.partial(service, *args, **kwargs)
        if database.in_transaction():
            return _joined(work)
        token = events.begin()
        try:
            answer = _with_retries(work)
        except BaseException:
            events.collect(token)
            raise
        events.deliver(events.collect(token))
        return answer

    return run


def close_idle() -> None:
    """Close the connections nobody uses: each keeps what it has read, and opening one anew is cheap."""
    database.close_idle()


def before_commit(work: Callable[[], None], *, place: int = 0) -> None:
    """Do something as the last thing in the transaction of the running service; at once where none runs.

    For what holds a lock everybody needs: taken last, it is held briefly and cannot close a circle of waiting. Of two
    such locks the one with the lower `place` is taken first, by everybody: the books have 0, the audit log 1.
    """
    waiting = _last_things.get()
    if waiting is not None:
        waiting.append((place, work))
        return
    with database.atomic():
        work()


def _joined(work: Callable[[], T]) -> T:
    """Run inside the transaction that is there; when it fails, its events and last things are forgotten with it."""
    waiting = _last_things.get()
    so_far, recorded = len(waiting or ()), events.recorded()
    try:
        with database.atomic():
            return _to_the_end(work) if waiting is None else work()  # None: somebody else's transaction, as in a test
    except BaseException:
        events.forget_after(recorded)
        del (waiting or [])[so_far:]
        raise


def _to_the_end(work: Callable[[], T]) -> T:
    last: list[tuple[int, Callable[[], None]]] = []
    token = _last_things.set(last)
    try:
        answer = work()
        for _, each in sorted(last, key=itemgetter(0)):
            each()
        return answer
    finally:
        _last_things.reset(token)


def _with_retries(work: Callable[[], T]) -> T:
    for attempt in range(RETRIES):
        try:
            with database.atomic():
                return _to_the_end(work)
        except peewee.OperationalError as error:
            state = getattr(error.__cause__ or getattr(error, 'orig', None), 'sqlstate', None)
            if state not in _RETRIED_STATES or attempt == RETRIES - 1:
                raise
    raise AssertionError('the last attempt either returns or raises')


def with_connection(service: Callable[P, T]) -> Callable[P, T]:
    """Give a service a connection of its own for the time of the call; a nested call uses the one already open.

    A database that is locked, full or away becomes `Busy`, a value it cannot hold `Unfit`: both have words for people.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if not database.is_closed():
            return service(*args, **kwargs)
        with in_words(service.__qualname__), database.connection_context():
            return service(*args, **kwargs)

    return run


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Turn what the database says about a call of the service `name` into words for people."""
    try:
        yield
    except (Unstorable, peewee.DataError) as error:
        log.warning('%s was given what cannot be stored: %s', name, error)
        raise Unfit from error
    except (peewee.OperationalError, MaxConnectionsExceeded) as error:
        if not _is_passing(error):
            raise
        log.error('%s: the database is busy: %s', name, error)  # noqa: TRY400 - no fault of the code
        raise Busy from error


def _is_passing(error: Exception) -> bool:
    """Tell whether the same call may succeed in a minute; a query that is wrong stays wrong."""
    if isinstance(error, MaxConnectionsExceeded):
        return True
    if not is_postgres():
        return str(error).startswith(_SQLITE_PASSING)
    state = getattr(error.__cause__ or getattr(error, 'orig', None), 'sqlstate', None)
    return state is None or state[:2] in _POSTGRES_PASSING


def submit(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Start a service in a worker thread and return its future."""
    context = contextvars.copy_context()
    work = functools.partial(with_connection(service), *args, **kwargs)
    return _executor.submit(lambda: context.run(work))


async def call(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a whole service in a worker thread with its own connection; the only way from a page to the database.

    The work goes on when the person closes the tab meanwhile: a payment is never cancelled half-way.
    """
    return await asyncio.shield(asyncio.wrap_future(submit(service, *args, **kwargs)))


async def call_outside(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service that waits for somebody else's server, in threads of its own: a slow bank must not stop the site.

    No connection is held meanwhile; such a service opens one for each of its steps by `with_connection`.
    """
    context = contextvars.copy_context()
    work = functools.partial(service, *args, **kwargs)
    return await asyncio.shield(asyncio.wrap_future(_outside.submit(lambda: context.run(work))))


def stop() -> None:
    """Let running services finish, then end the threads; nothing can be called any more."""
    _outside.shutdown(wait=True)
    _executor.shutdown(wait=True)
