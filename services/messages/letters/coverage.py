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
    facts: dict[str, object] = {'address': building.address}
    return queue_many(
        'house_connected',
        (
            Addressed(
                row.email,
                row.phone,
                f'waiting:{row.id}:connected',
                {**facts, 'name': row.name, 'language': row.language, 'link': _link(building, region, row.language)},
            )
            for row in waiting
        ),
    )


def _link(building: Building, region: str, language: str) -> str:
    """Pages of a town say their language in their address; the Russian ones say nothing."""
    said = f'/{language}' if language in {'be', 'en'} else ''
    return f'{get_settings().url}{said}/{region}/packets-constructor/?building={building.id}'
