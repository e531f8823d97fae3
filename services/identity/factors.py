"""Which second factors a person has, and what his sign-in still owes because of them."""

from dataclasses import dataclass
from datetime import datetime

from models.base import is_postgres
from models.second_factor import Passkey, RecoveryCode, TotpSecret
from models.user import STAFF, Role, SecondStep, User
from services.authority import Actor, require_session
from services.errors import NotAllowed
from services.settings import get_settings


@dataclass(frozen=True)
class Factors:
    """What a person can show at the second step; recovery codes alone are no factor."""

    has_app: bool
    passkeys: int
    codes_left: int

    @property
    def count(self) -> int:
        """How many factors there are: with the last one gone the second step is over."""
        return int(self.has_app) + self.passkeys


def of(user_id: int) -> Factors:
    """Return the factors of a person."""
    return Factors(
        has_app=TotpSecret.select().where((TotpSecret.user == user_id) & TotpSecret.sealed.is_null(False)).exists(),
        passkeys=Passkey.select().where(Passkey.user == user_id).count(),
        codes_left=RecoveryCode.select().where((RecoveryCode.user == user_id) & RecoveryCode.used_at.is_null()).count(),
    )


def own(*, actor: Actor | None) -> Factors:
    """Return the actor's own factors; open to whoever came to set up his first, too."""
    return of(require_enroller(actor).user_id)


def has_any(user_id: int) -> bool:
    """Tell whether a person has a second factor."""
    apps = TotpSecret.select().where((TotpSecret.user == user_id) & TotpSecret.sealed.is_null(False))
    return bool(apps.exists() or Passkey.select().where(Passkey.user == user_id).exists())


def is_obligatory(role: Role) -> bool:
    """Tell whether this role needs a second factor: staff, and in the demo only when it is asked for."""
    settings = get_settings()
    return role in STAFF and (not settings.demo or settings.demo_second_factor)


def step_for(user_id: int, role: Role, factor_at: datetime | None) -> SecondStep | None:
    """Return what a session of this person in this role owes; whoever has a factor is asked for it, staff or not.

    Args:
        factor_at: when this browser gave the factor; None: it did not.
    """
    if has_any(user_id):
        return None if factor_at else SecondStep.ASK
    return SecondStep.ENROL if is_obligatory(role) else None


def require_enroller(actor: Actor | None) -> Actor:
    """Return the actor if he may set up a factor: signed in in full, or sent to do just this.

    Raises:
        SignInRequired, NotAllowed: nobody; or a session that owes its password or a factor that exists.
    """
    actor = require_session(actor)
    if actor.must_change_password or actor.second_step == SecondStep.ASK:
        raise NotAllowed
    if actor.second_step == SecondStep.ENROL and has_any(actor.user_id):
        raise NotAllowed  # set up elsewhere meanwhile: this browser has to show it
    return actor


def locked_user(user_id: int) -> User:
    """Return a person whose factors nobody else changes until the end of the transaction."""
    query = User.select().where(User.id == user_id)
    user: User = (query.for_update() if is_postgres() else query).get()
    return user


def remove_all(user_id: int) -> None:
    """Take away every factor and recovery code, inside the caller's transaction."""
    for table in (TotpSecret, Passkey, RecoveryCode):
        table.delete().where(table.user == user_id).execute()
