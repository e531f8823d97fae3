"""Employees' accounts. The first one is made from the command line: a real installation starts with no account."""

import re

from models.user import Role, User, UserRole
from services import audit
from services.clock import now
from services.errors import N_, InvalidField
from services.identity import own_password, password_words, passwords
from services.input_text import clean_text
from services.runner import transactional, with_connection

_LOGIN = re.compile(r'(?=.*[a-z])[a-z0-9._-]{3,32}\Z')


@with_connection
def create_administrator(login: str, name: str, email: str, password: str) -> int:
    """Make an administrator's account and return its id. Nobody acts here: whoever runs the command holds the database.

    Raises:
        InvalidField: the login is taken or not of the form (small Latin letters, digits, `._-`, not digits alone: those
            are contract numbers), the name is empty, the e-mail is none.
        WeakPassword: too short for staff, common, or easy to guess.
    """
    login = login.strip().lower()
    if not _LOGIN.match(login):
        raise InvalidField('login', N_('Логин: от 3 до 32 латинских букв и цифр, хотя бы одна буква.'))
    full_name = clean_text('name', name, most=200, required=True)
    address = own_password.checked_email(email)
    if not address:
        raise InvalidField('email', N_('Укажите e-mail: на него придут письма о входе и пароле.'))
    words = password_words.of_new(login, full_name, address)
    passwords.validate_new_password(password, is_staff=True, context_words=words)
    return _create(login, full_name, address, passwords.hash_password(password))


@transactional
def _create(login: str, name: str, email: str, password_hash: str) -> int:
    if User.select().where(User.login == login).exists():
        raise InvalidField('login', N_('Такой логин уже есть.'))
    user = User.create(
        login=login,
        name=name,
        first_name=name.split(maxsplit=1)[0][:80],
        email=email,
        password_hash=password_hash,
        created_at=now(),
    )
    for role in (Role.ADMINISTRATOR, Role.OPERATOR):
        UserRole.create(user=user, role=role)
    audit.note('user.create', f'user:{user.id}', actor=None, login=login, by='command line')
    return int(user.id)
