"""The demo's second factor: one known secret for the staff of the cast, only with AMIGO_DEMO_SECOND_FACTOR=1."""

from models.second_factor import TotpSecret
from models.user import User
from services.demo.cast import STAFF
from services.identity import factors, totp
from services.runner import transactional, with_connection
from services.settings import get_settings

SECRET = 'AMIGODEMO2TOTP3SECRET4FACTOR5KEY'  # noqa: S105 - printed at start, written only in the demo


@with_connection
@transactional
def bring() -> None:
    """Give the secret to those of the cast who have no factor; without the setting, take it from who still has it."""
    settings = get_settings()
    if not settings.demo:
        return
    for user in User.select().where(User.login.in_([login for login, *_ in STAFF])):
        if settings.demo_second_factor and not factors.has_any(user.id):
            totp.store(user, SECRET)
        elif not settings.demo_second_factor and totp.is_secret_of(user.id, SECRET):
            TotpSecret.delete().where(TotpSecret.user == user.id).execute()
