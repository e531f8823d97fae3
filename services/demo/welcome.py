"""What a demo says when it starts: where to look and how to come in."""

from services.demo import second_factor
from services.settings import get_settings

LOGINS = (
    ('100001', 'Анна, абонент: всё оплачено'),
    ('100002', 'Борис, абонент: долг'),
    ('100003', 'Вера, абонент: пауза; второй договор 100004'),
    ('olga', 'Ольга, оператор'),
    ('taras', 'Тарас, техник'),
    ('ada', 'Ада, администратор: все роли'),
)


def welcome(password: str) -> str:
    """Return the lines for the terminal."""
    url = get_settings().url
    people = '\n'.join(f'    {login:<8} {who}' for login, who in LOGINS)
    return (
        f'\n  Сайт           {url}/\n  Вход           {url}/my/index\n  Письма и SMS   {url}/demo/mailbox\n'
        f'  Часы расчётов  {url}/demo/clock\n  Банк           {url}/demo/gateway/\n\n'
        f'  Пароль у всех: {password}\n{people}\n{_second_factor()}'
    )


def _second_factor() -> str:
    if not get_settings().demo_second_factor:
        return ''
    return f'\n  Второй шаг у сотрудников: приложение с кодами, секрет {second_factor.SECRET}\n'
