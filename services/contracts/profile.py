"""A subscriber's own data: names are for reading, phone and e-mail he changes himself."""

from dataclasses import dataclass
from typing import cast

from models.contract import Contract, Subscriber
from models.user import User
from services import audit, form_keys, rate_limits
from services.audit import refusals
from services.authority import Actor, own_contract
from services.contact_fields import clean_email, clean_phone
from services.errors import N_, InvalidField
from services.events import ContractChanged, record
from services.identity import passwords, step_up
from services.identity.auth_rules import get_rules
from services.messages.letters import cabinet as letters
from services.runner import transactional


@dataclass(frozen=True)
class Profile:
    """Who the subscriber is; `phone` in E.164, `email` may be empty."""

    contract: str
    last_name: str
    first_name: str
    patronymic: str
    address: str
    phone: str
    email: str


def get_profile(*, actor: Actor | None) -> Profile:
    """Return the data of the person behind the chosen contract."""
    contract = own_contract(actor)
    owner = contract.subscriber
    return Profile(
        contract=contract.number,
        last_name=owner.last_name,
        first_name=owner.first_name,
        patronymic=owner.patronymic,
        address=contract.address,
        phone=owner.phone,
        email=_user_of(contract).email or '',
    )


@transactional
def change_phone(phone: str, *, actor: Actor | None) -> str:
    """Change the phone we call and text; returns it in E.164. The same phone again changes nothing.

    Raises:
        InvalidField: not a Belarusian number.
        StepUpRequired: who is here was shown too long ago.
    """
    contract = own_contract(actor, lock=True)
    number = clean_phone('phone', phone)
    owner = contract.subscriber
    if number == owner.phone:
        return number
    step_up.require_fresh(actor)
    Subscriber.update(phone=number).where(Subscriber.id == owner.id).execute()
    User.update(phone=number).where(User.id == owner.user).execute()
    audit.note('profile.phone', f'contract:{contract.number}', actor=actor)
    record(ContractChanged(contract.id))
    return number


def change_email(email: str, password: str, form_key: str, *, actor: Actor | None) -> str:
    """Change the address of letters and of recovery; the current password proves it is the owner.

    Both addresses are told. The password is hashed outside the transaction.

    Raises:
        InvalidField: not an address, or the password is wrong.
        StepUpRequired: who is here was shown too long ago.
        TooManyRequests: more tries than docs/auth.yml allows.
    """
    contract = own_contract(actor)
    form_key = form_keys.checked(form_key)
    address = clean_email('email', email, required=True)
    user = _user_of(contract)
    if address == user.email:
        return address
    step_up.require_fresh(actor)
    limits = get_rules().own_password
    rate_limits.spend('change-email', str(user.id), most=limits.tries, window=limits.within)
    is_text = isinstance(password, str) and 0 < len(password) <= passwords.LONGEST
    if not is_text or not passwords.verify_password(password, user.password_hash):
        refusals.note_refusal('password.refuse', f'user:{user.id}', actor=actor)
        raise InvalidField('password', N_('Пароль не подходит. Введите пароль от личного кабинета.'))
    return _store_email(address, form_key, actor=actor)


@transactional
def _store_email(address: str, form_key: str, *, actor: Actor | None) -> str:
    contract = own_contract(actor, lock=True)
    user = _user_of(contract)
    old = user.email or ''
    User.update(email=address, email_confirmed_at=None).where(User.id == user.id).execute()
    Subscriber.update(email=address).where(Subscriber.user == user).execute()
    audit.note('profile.email', f'contract:{contract.number}', actor=actor)
    letters.email_changed(old, name=user.first_name, new_email=address, key=f'email:{user.id}:{form_key}')
    record(ContractChanged(contract.id))
    return address


def _user_of(contract: Contract) -> User:
    return cast('User', contract.subscriber.user)  # own_contract found it through this very user
