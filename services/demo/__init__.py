"""Demo data: the catalogue, the towns and the cast of DESIGN §5. Only for AMIGO_DEMO."""

from models.user import User
from services.demo import applications, cast, catalogue, devices, places, registers, visits
from services.errors import N_, DomainError
from services.runner import transactional, with_connection
from services.settings import get_settings

PASSWORD = 'amigo-demo-2026'  # noqa: S105 - printed at start, refused outside demo


class NotEmpty(DomainError):
    """Demo data never mixes with real people."""

    message = N_('База не пуста: демонстрационные данные сюда не записать.')


@with_connection
def fill_if_empty() -> bool:
    """Fill an empty database; returns whether it was empty."""
    if User.select().exists():
        return False
    fill()
    return True


@with_connection
@transactional
def fill() -> None:
    """Write towns, catalogue and cast in one transaction.

    Raises:
        NotEmpty: somebody lives here, or this is no demo.
    """
    if not get_settings().demo or User.select().exists():
        raise NotEmpty
    places.fill()
    catalogue.fill()
    cast.fill(PASSWORD)
    applications.fill()
    visits.fill()
    devices.fill()
    registers.fill()
