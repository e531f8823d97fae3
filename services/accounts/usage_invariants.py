"""What must be true of traffic above the quota (part of I6): it is charged by a reading, and its month is closed."""

from collections.abc import Iterator

from models.base import raw_rows


def unsettled() -> Iterator[str]:
    """Find charges of traffic whose month could be charged again. A key is `overage:<contract>:<YYYY-MM>`."""
    lost = """SELECT o.id, o.key FROM operation o JOIN contract c ON c.id = o.contract_id
        LEFT JOIN traffic_usage u ON u.contract_id = o.contract_id AND u.settled_at IS NOT NULL
            AND SUBSTR(CAST(u.period AS VARCHAR(10)), 1, 7) = SUBSTR(o.key, 10 + LENGTH(c.number), 7)
        WHERE o.key LIKE ? AND u.id IS NULL ORDER BY o.id"""
    for operation_id, key in raw_rows(lost, 'overage:%'):
        yield f'operation {operation_id} ({key}) belongs to no reading of a settled month'
