"""The letters about announced and withdrawn prices, batch by batch: thousands never stand in one transaction."""

from typing import Any

from models.base import is_postgres
from models.price import CataloguePrice
from services.clock import now, today
from services.messages.letters import prices as letters
from services.offers.price_audience import touched_by
from services.offers.prices import fee_on, thing_of
from services.runner import transactional

BATCH = 500
"""Subscribers written to in one transaction: on SQLite nobody else writes for as long as one takes."""

_WAIT_FOR_ONE = CataloguePrice.withdrawn_at.is_null() & CataloguePrice.told_at.is_null()
_WAIT_FOR_THE_OTHER = CataloguePrice.withdrawn_at.is_null(False) & CataloguePrice.retold_at.is_null()


def write_due() -> int:
    """Write the letters that wait; returns how many were written.

    Safe to stop and to run twice at once: the row of a price says who was written to last, and goes with his letter.
    """
    waiting: Any = CataloguePrice.select(CataloguePrice.id).where(_WAIT_FOR_ONE | _WAIT_FOR_THE_OTHER)
    written = 0
    for (price_id,) in list(waiting.order_by(CataloguePrice.id).tuples()):
        while (count := write_batch(price_id)) is not None:
            written += count
    return written


@transactional
def write_batch(price_id: int) -> int | None:
    """Write to the next subscribers about one price and return how many letters that were; None: all are written."""
    query: Any = CataloguePrice.select().where(CataloguePrice.id == price_id)
    row: Any = (query.for_update() if is_postgres() else query).get_or_none()
    if row is None:
        return None
    if row.withdrawn_at is None:
        return None if row.told_at else _announce(row)
    return None if row.retold_at else _take_back(row)


def _announce(row: Any) -> int:
    thing = thing_of(row)
    touched = touched_by(thing, row.starts_on, after=row.told_to, most=BATCH)
    if not touched:
        row.told_at = now()
        row.save(only=[CataloguePrice.told_at])
        return 0
    row.told_to = touched[-1].subscriber_id
    row.save(only=[CataloguePrice.told_to])
    return letters.price_announced(row, thing, touched, before=fee_on(thing, today()))


def _take_back(row: Any) -> int:
    """Who was not told of the price before it was withdrawn is not told that it was."""
    thing = thing_of(row)
    touched = touched_by(thing, row.starts_on, after=row.retold_to, most=BATCH)
    if row.told_at is None:
        touched = [each for each in touched if each.subscriber_id <= row.told_to]
    if not touched:
        row.retold_at = now()
        row.save(only=[CataloguePrice.retold_at])
        return 0
    row.retold_to = touched[-1].subscriber_id
    row.save(only=[CataloguePrice.retold_to])
    return letters.price_withdrawn(row, thing, touched, before=fee_on(thing, today()))
