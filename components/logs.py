"""Logs: one line an event, with the request's id; JSON where machines read them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_STEERING = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029]')


def configure(*, as_json: bool) -> None:
    """Send everything through one formatter to stderr; access logs with socket addresses are off (they are keys)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt='iso', utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        # The default draws frames with their local variables: slow by seconds, and passwords stand among them.
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info if as_json else _in_one_line,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for quiet in ('uvicorn.access', 'httpx', 'apscheduler', 'peewee.pool', 'mail.log'):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def _in_one_line(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show what would begin a line or steer a terminal as its code; JSON does so by itself."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _STEERING.sub(lambda found: f'\\x{ord(found[0]):02x}', value)
    return event
