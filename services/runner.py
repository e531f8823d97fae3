"""The seam between the event loop and the synchronous services: one service call, one thread, one connection."""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import peewee

from models.base import database
from services import events

P = ParamSpec('P')
T = TypeVar('T')

THREADS = 8
"""Worker threads for services; the connection pool holds two more (DESIGN §6)."""

RETRIES = 5
_RETRIED_STATES = {'40001', '40P01'}
"""PostgreSQL: serialization failure and deadlock; the whole transaction is run again."""

_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix='service')
_outside = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix='outside')


def transactional(service: Callable[P, T]) -> Callable[P, T]:
    """Run a service in one transaction and deliver its recorded events after the commit.

    A call from inside another transactional service joins the outer transaction as a savepoint.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if database.in_transaction():
            with database.atomic():
                return service(*args, **kwargs)
        token = events.begin()
        try:
            answer = _with_retries(lambda: service(*args, **kwargs))
        except BaseException:
            events.collect(token)
            raise
        events.deliver(events.collect(token))
        return answer

    return run


def _with_retries(work: Callable[[], T]) -> T:
    for attempt in range(RETRIES):
        try:
            with database.atomic():
                return work()
        except peewee.OperationalError as error:
            state = getattr(error.__cause__ or getattr(error, 'orig', None), 'sqlstate', None)
            if state not in _RETRIED_STATES or attempt == RETRIES - 1:
                raise
    raise AssertionError('the last attempt either returns or raises')


def with_connection(service: Callable[P, T]) -> Callable[P, T]:
    """Give a service a connection of its own for the time of the call; a nested call uses the one already open."""

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if not database.is_closed():
            return service(*args, **kwargs)
        with database.connection_context():
            return service(*args, **kwargs)

    return run


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


def stop(**kwargs: Any) -> None:
    """Let running services finish, then end the threads."""
    _outside.shutdown(wait=True, **kwargs)
    _executor.shutdown(wait=True, **kwargs)
