"""Employees' accounts: made by an administrator, the first one from the command line: no installation has one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.user import STAFF, Role, User, UserRole
from services import audit, field_rules
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, InvalidField, InvalidForm
from services.identity import own_password, password_words, passwords
from services.identity.auth_rules import get_rules
from services.input_text import clean_text
from services.runner import transactional, with_connection
from services.settings import get_settings


class LoginTaken(InvalidField):
    """The login belongs to somebody."""

    def __init__(self) -> None:
        super().__init__('login', N_('Такой логин уже есть. Возьмите другой.'))


@dataclass(frozen=True)
class NewEmployee:
    """As typed: login, full name, e-mail, and the names of roles."""

    login: str
    name: str
    email: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class FirstAccess:
    """What an administrator tells a new employee, shown once. `password` exists only here."""

    user_id: int
    login: str
    password: str
    address: str
    until: datetime

    def __repr__(self) -> str:
        return f'FirstAccess(login={self.login!r}, until={self.until!r})'  # a log must not learn the password


@with_connection
def create_administrator(login: str, name: str, email: str, password: str) -> int:
    """Make an administrator's account and return its id. Nobody acts here: whoever runs the command holds the database.

    Raises:
        InvalidField: the login is taken or not of the form (small Latin letters, digits, `._-`, not digits alone: those
            are contract numbers), the name is empty, the e-mail is none.
        WeakPassword: too short for staff, common, or easy to guess.
    """
    login, full_name, address = _login(login), _name(name), _email(email)
    words = password_words.of_new(login, full_name, address)
    passwords.validate_new_password(password, is_staff=True, context_words=words)
    roles = (Role.ADMINISTRATOR, Role.OPERATOR)
    fields: dict[str, object] = {'password_hash': passwords.hash_password(password)}
    return _create(login, full_name, address, roles, fields, actor=None)


def create(typed: NewEmployee, *, actor: Actor | None) -> FirstAccess:
    """Make an employee's account with a one-time password, which is returned this one time.

    docs/auth.yml says how long it is good for. The hash is computed outside the transaction.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        InvalidForm: with an error for each wrong field; LoginTaken: the login is somebody's.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    login, name, email, roles = _checked(typed)
    _refuse_taken(login)
    password = passwords.one_time_password()
    until = now() + get_rules().tokens.first_access_of_employee
    fields: dict[str, object] = {
        'password_hash': passwords.hash_password(password),
        'must_change_password': True,
        'one_time_until': until,
    }
    user_id = _create(login, name, email, roles, fields, actor=actor)
    return FirstAccess(user_id, login, password, f'{get_settings().url}/my/index', until)


def checked_roles(typed: object) -> tuple[Role, ...]:
    """Return staff roles by their names, each once.

    Raises:
        InvalidField: none, or a name that is no staff role.
    """
    names = typed if isinstance(typed, list | tuple | set | frozenset) else ()
    roles = tuple(role for role in Role if role in STAFF and role in names)
    if not roles or len(roles) != len(set(names)):
        raise InvalidField('roles', N_('Отметьте хотя бы одну роль.'))
    return roles


def _checked(typed: NewEmployee) -> tuple[str, str, str, tuple[Role, ...]]:
    errors: dict[str, InvalidField] = {}
    values: dict[str, object] = {}
    for name, check in (('login', _login), ('name', _name), ('email', _email), ('roles', checked_roles)):
        try:
            values[name] = check(getattr(typed, name))
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    return values['login'], values['name'], values['email'], values['roles']  # type: ignore[return-value]  # of each check


def _login(typed: object) -> str:
    login = field_rules.rule('staff_login').brought(typed)
    if not field_rules.rule('staff_login').fits(login):
        raise InvalidField('login', N_('Логин: от 3 до 32 латинских букв и цифр, хотя бы одна буква.'))
    return login


def _name(typed: object) -> str:
    return clean_text('name', typed, rule='employee_name', required=True)


def _email(typed: str) -> str:
    address = own_password.checked_email(typed)
    if not address:
        raise InvalidField('email', N_('Укажите e-mail: на него придут письма о входе и пароле.'))
    return address


def _refuse_taken(login: str) -> None:
    if User.select().where(User.login == login).exists():
        raise LoginTaken


@transactional
def _create(
    login: str, name: str, email: str, roles: Iterable[Role], fields: dict[str, object], *, actor: Actor | None
) -> int:
    _refuse_taken(login)
    first_name = name.split(maxsplit=1)[0][:80]
    user = User.create(login=login, name=name, first_name=first_name, email=email, created_at=now(), **fields)
    for role in roles:
        UserRole.create(user=user, role=role)
    facts = {} if actor else {'by': 'command line'}
    audit.note('user.create', f'user:{user.id}', actor=actor, login=login, roles=sorted(roles), **facts)
    return int(user.id)
