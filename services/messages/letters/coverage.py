"""The letter to those who waited for their house."""

from collections.abc import Iterable
from typing import Any

from models.region import Building
from services.messages.letters import Addressed, queue_many
from services.settings import get_settings


def house_connected(waiting: Iterable[Any], building: Building, region: str) -> int:
    """Tell each of them once that the house can be connected, with the constructor of this house; returns how many.

    Who gave no e-mail gets an SMS.
    """
    link = f'{get_settings().url}/{region}/packets-constructor/?building={building.id}'
    facts: dict[str, object] = {'address': building.address, 'link': link}
    return queue_many(
        'house_connected',
        (
            Addressed(row.email, row.phone, f'waiting:{row.id}:connected', {**facts, 'name': row.name})
            for row in waiting
        ),
    )
