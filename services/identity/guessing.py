"""Guessing of passwords: who may try now, who must wait, and who must first read a captcha (figures: docs/auth.yml).

Failures are counted for the pair of account and network; sums of the pairs tell the failures of an account, of a
network, at how many accounts, and everywhere. Their answer is a captcha and a pause of this pair alone: nobody's
failures lock anybody out. An account is what was typed, whether it exists or not, so all of this tells nothing.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from peewee import Expression

from models.guessing import FailedSignIn
from services import rate_limits
from services.clock import now
from services.errors import N_, DomainError, TooManyRequests
from services.identity import captcha, spent_tokens
from services.identity.auth_rules import get_rules
from services.identity.guessing_pressure import pause_after, pressure_on
from services.identity.keys import keys_for
from services.runner import transactional

DEVICES = 'device'
"""Stands for the network of known devices: they have tries of their own, wherever they are."""


@dataclass(frozen=True)
class Solution:
    """A captcha as it came with the form; empty when none was shown."""

    token: str = ''
    answer: str = ''


@dataclass(frozen=True)
class Admitted:
    """A try that may be made. It is counted as failed already: `succeeded` or `take_back` tell otherwise."""

    account: str = ''
    network: str = ''


class CaptchaNeeded(DomainError):
    """So many failures that a human must be seen first."""

    message = N_('Введите пароль ещё раз и код с картинки: так мы отличаем людей от программ.')


class CaptchaWrong(CaptchaNeeded):
    """The code was wrong or old; the password was not looked at."""

    message = N_('Код не подошёл или устарел. Введите пароль и код с новой картинки.')


class TooSoon(TooManyRequests):
    """The pair must wait; `seconds` says how long, `needs_captcha` whether the next try needs one."""

    message = N_('Было много неудачных попыток. Подождите {minutes} мин и войдите снова.')

    def __init__(self, pause: timedelta, *, needs_captcha: bool) -> None:
        self.seconds = max(1, -int(-pause.total_seconds() // 1))
        self.pause, self.needs_captcha = pause, needs_captcha
        super().__init__(seconds=self.seconds, minutes=-(-self.seconds // 60))


class SecondsTooSoon(TooSoon):
    """The same when it is less than two minutes."""

    message = N_('Было много неудачных попыток. Подождите {seconds} с и войдите снова.')


def admit(login: str, *, address: str, device: str = '', solution: Solution | None = None) -> Admitted:
    """Count a try before its password is looked at, or refuse it.

    Args:
        login: as typed; a login nobody has is treated alike.
        device: the id of a known device of this very account, if the browser is one.

    Raises:
        TooSoon: the pause of this pair is not over; nothing was counted and no captcha used up.
        CaptchaNeeded: as it says; a captcha that was given is used up.
    """
    if _is_lifted():
        return Admitted()
    if device and (known := _admit_device(device)):
        return known
    account, network = _account(login), rate_limits.network(address)
    outcome = _decide(account, network, is_solved=False)
    if isinstance(outcome, CaptchaNeeded):
        if solution is None or not solution.token:
            raise outcome
        # Its own transaction, committed whatever comes next: a captcha is used up by being looked at.
        if not captcha.check(solution.token, solution.answer, captcha.CaptchaPurpose.SIGN_IN, spent_tokens.spend):
            raise CaptchaWrong
        outcome = _decide(account, network, is_solved=True)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


@transactional
def succeeded(admitted: Admitted) -> None:
    """Forget the failures of this pair: the password was right."""
    FailedSignIn.delete().where(_pair(admitted.account, admitted.network)).execute()


@transactional
def take_back(admitted: Admitted) -> None:
    """Take a try back whose password was not looked at after all."""
    own = _pair(admitted.account, admitted.network) & (FailedSignIn.failures > 0)
    FailedSignIn.update(failures=FailedSignIn.failures - 1).where(own).execute()


def challenge_after(
    error: DomainError, login: str, *, address: str, has_device: bool
) -> captcha.CaptchaChallenge | None:
    """Return a captcha for the form that is shown again, when the next try from it will need one.

    Args:
        has_device: the browser may be a known device: it is asked only when a try has shown that it must be.
    """
    if isinstance(error, TooSoon):
        is_needed = error.needs_captcha and error.pause < get_rules().tokens.captcha
    elif isinstance(error, CaptchaNeeded):
        is_needed = True
    else:
        is_needed = not has_device and not _is_lifted() and _is_suspicious(login, address)
    return captcha.issue(captcha.CaptchaPurpose.SIGN_IN) if is_needed else None


def _is_suspicious(login: str, address: str) -> bool:
    return pressure_on(
        _account(login.strip() if isinstance(login, str) else ''), rate_limits.network(address)
    ).is_suspicious


def _is_lifted() -> bool:
    from services.settings import get_settings

    return get_settings().demo_no_limits


@transactional
def sweep() -> int:
    """Forget the failures that count no more; returns how many pairs."""
    long_ago = now() - get_rules().guessing.forgotten_after
    return int(FailedSignIn.delete().where(FailedSignIn.tried_at <= long_ago).execute())


@transactional
def _admit_device(device: str) -> Admitted | None:
    """Let a known device try; None when it has failed too often: then it is a browser like any other."""
    account = f'device:{device}'
    rate_limits.one_at_a_time(account)
    row = _living(account, DEVICES)
    if row and row.failures >= get_rules().guessing.known_device.failures:
        return None
    return _count(row, account, DEVICES)


@transactional
def _decide(account: str, network: str, *, is_solved: bool) -> Admitted | TooSoon | CaptchaNeeded:
    """Count the try, or return the refusal: what is written before a refusal must stay."""
    rate_limits.one_at_a_time(f'network:{network}', f'account:{account}')
    row, pressure = _living(account, network), pressure_on(account, network)
    pause = pause_after(row.failures if row else 0, is_siege=pressure.is_siege)
    has_waited = row is not None and row.failures == 0  # its captcha was solved before the pause
    needs_captcha = pressure.is_suspicious and not has_waited
    left = row.tried_at + pause - now() if row else timedelta(0)
    if left > timedelta(0):
        return _too_soon(left, needs_captcha=needs_captcha)
    if needs_captcha and not is_solved:
        return CaptchaNeeded()
    if row is None and pause:
        FailedSignIn.create(account=account, network=network, failures=0, tried_at=now())
        return _too_soon(pause, needs_captcha=False)
    return _count(row, account, network)


def _too_soon(left: timedelta, *, needs_captcha: bool) -> TooSoon:
    kind = SecondsTooSoon if left < timedelta(minutes=2) else TooSoon
    return kind(left, needs_captcha=needs_captcha)


def _count(row: FailedSignIn | None, account: str, network: str) -> Admitted:
    if row is None:
        FailedSignIn.create(account=account, network=network, failures=1, tried_at=now())
    else:
        row.failures, row.tried_at = row.failures + 1, now()
        row.save(only=[FailedSignIn.failures, FailedSignIn.tried_at])
    return Admitted(account, network)


def _living(account: str, network: str) -> FailedSignIn | None:
    """Return the pair's row; one that is too old is forgotten now, the hourly job does the rest."""
    row: FailedSignIn | None = FailedSignIn.get_or_none(_pair(account, network))
    if row is not None and row.tried_at <= now() - get_rules().guessing.forgotten_after:
        row.delete_instance()
        return None
    return row


def _pair(account: str, network: str) -> Expression:
    return (FailedSignIn.account == account) & (FailedSignIn.network == network)


def _account(login: str) -> str:
    """Return what an account is counted by: people type passwords into the wrong field, so it is not kept as typed."""
    key = keys_for('guessing')[0]  # counters live for hours: after a change of the key they begin anew
    return hmac.new(key, login.lower().encode(errors='surrogatepass'), hashlib.sha256).hexdigest()[:48]
