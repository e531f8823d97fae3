"""The demo cast (DESIGN §5): Anna, Boris, Vera; Olga, Taras, Ada."""

from models.application import Application  # noqa: F401
from models.user import Role, User, UserRole
from services.clock import now
from services.passwords import hash_password

STAFF = (
    ('olga', 'Ольга Оператор', 'Ольга', (Role.OPERATOR,)),
    ('taras', 'Тарас Техник', 'Тарас', (Role.TECHNICIAN,)),
    ('ada', 'Ада Администратор', 'Ада', (Role.SUBSCRIBER, Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)),
)


def fill(password: str) -> None:
    """Write the people; all have the same password, hashed once each."""
    for login, name, first_name, roles in STAFF:
        user = User.create(
            login=login,
            name=name,
            first_name=first_name,
            email=f'{login}@example.by',
            email_confirmed_at=now(),
            password_hash=hash_password(password),
            created_at=now(),
        )
        for role in roles:
            UserRole.create(user=user, role=role)
