"""A register of ERIP that waits to be booked: one line of each kind, so that the page has something to say."""

from datetime import timedelta

from models.registry import RegistrySource
from models.user import Role, User
from services.authority import Actor
from services.clock import today
from services.payments import registries

ROWS = ('100003;15,00;7012345671;Оплата услуг', '1000020;29,90;7012345672;Интернет', '100003;15,00;7012345671;Повтор')


def fill() -> None:
    """Load it in the operator's name; nothing is booked."""
    olga = User.get(User.login == 'olga')
    operator = Actor(olga.id, olga.name, Role.OPERATOR, frozenset({Role.OPERATOR}))
    day = f'{today() - timedelta(days=1):%d.%m.%Y}'
    lines = ['Дата;Счёт;Сумма;Документ;Назначение', *(f'{day};{row}' for row in ROWS), 'вчера;100003;1,00;1;']
    registries.load(RegistrySource.ERIP, 'ЕРИП вчера.csv', '\n'.join(lines).encode(), actor=operator)
