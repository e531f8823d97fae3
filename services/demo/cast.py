"""The demo cast (DESIGN §5): Anna, Boris, Vera; Olga, Taras, Ada."""

from concurrent.futures import ThreadPoolExecutor

from models.user import Role, User, UserRole
from services.clock import now
from services.demo import subscribers
from services.identity.passwords import hash_password

STAFF = (
    ('olga', 'Ольга Оператор', 'Ольга', (Role.OPERATOR,)),
    ('taras', 'Тарас Техник', 'Тарас', (Role.TECHNICIAN,)),
    ('ada', 'Ада Администратор', 'Ада', (Role.SUBSCRIBER, Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)),
)


def fill(password: str) -> None:
    """Write the people; all have the same password, hashed once each, two at a time (a third of a second each)."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        hashes = list(pool.map(hash_password, [password] * (len(STAFF) + len(subscribers.PEOPLE))))
    for (login, name, first_name, roles), password_hash in zip(STAFF, hashes, strict=False):
        user = User.create(
            login=login,
            name=name,
            first_name=first_name,
            email=f'{login}@example.by',
            email_confirmed_at=now(),
            password_hash=password_hash,
            created_at=now(),
        )
        for role in roles:
            UserRole.create(user=user, role=role)
    subscribers.fill(hashes[len(STAFF) :])
