"""People with a second factor, and the codes their app would show."""

from datetime import timedelta

import pyotp

from models.user import Session, User
from services.clock import now
from services.identity import passkeys, sessions, sign_in, totp
from services.runner import with_connection
from tests import factories
from tests.authenticator import SoftKey

SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'


def code(steps=0, secret=SECRET):
    """Return what the app shows now, or so many thirty-second steps later."""
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // totp.STEP + steps)


def wrong_code():
    """Return six digits the app shows in none of the three steps that count."""
    shown = {code(step) for step in (-1, 0, 1)}
    return next(str(n) for n in range(100_000, 100_010) if str(n) not in shown)


@with_connection
def give_app(actor, secret=SECRET, *, is_shown=False):
    """Give a person an app with a known secret; `is_shown`: his session counts as having shown it."""
    totp.store(User.get_by_id(actor.user_id), secret)
    if is_shown:
        Session.update(factor_at=now()).where(Session.token_hash == actor.session_hash).execute()


@with_connection
def give_key(actor):
    """Give a person a passkey; his session counts as having shown it."""
    key = SoftKey()
    passkeys.register('Телефон', key.create(passkeys.ask_to_register(actor=actor)), actor=actor)
    return key


def enter(login, password=factories.PASSWORD):
    """Sign in by password; returns the Actor of the session, half-opened where a second step is owed."""
    opened = sign_in.sign_in(login, password, address='192.0.2.7', agent='Browser')
    return sessions.resolve(opened.token)


@with_connection
def make_fresh(actor):
    """Let a person have shown this very moment that it is he."""
    Session.update(fresh_at=now()).where(Session.token_hash == actor.session_hash).execute()


@with_connection
def make_stale(actor, **fields):
    """Let a session's freshness be over."""
    past = now() - timedelta(days=1)
    Session.update(fresh_at=past, factor_at=past, **fields).where(Session.token_hash == actor.session_hash).execute()


@with_connection
def make_all_stale(actor):
    """Let the freshness of all sessions of a person be over, in whatever browser."""
    past = now() - timedelta(days=1)
    Session.update(fresh_at=past, factor_at=past).where(Session.user == actor.user_id).execute()
