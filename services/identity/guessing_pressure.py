"""How much guessing goes on around an account and a network, and how long that makes a pair of them wait."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from peewee import Expression, fn

from models.guessing import FailedSignIn
from services.clock import now
from services.identity.auth_rules import get_rules


@dataclass(frozen=True)
class Pressure:
    """Whether a captcha is asked for, and whether even the first try must wait."""

    is_suspicious: bool
    is_siege: bool


def pressure_on(account: str, network: str) -> Pressure:
    """Return the pressure that the failures of an account, of a network and everywhere make."""
    rules, moment = get_rules().guessing, now()
    living = (FailedSignIn.tried_at > moment - rules.forgotten_after) & (FailedSignIn.failures > 0)
    of_account, _ = _sum((FailedSignIn.account == account) & living)
    of_network, accounts = _sum((FailedSignIn.network == network) & living)
    recent = (FailedSignIn.tried_at > moment - rules.captcha.everywhere_within) & (FailedSignIn.failures > 0)
    limit = rules.captcha
    is_suspicious = (
        of_account >= limit.failures_of_account
        or of_network >= limit.failures_of_network
        or accounts >= limit.accounts_of_network
        or FailedSignIn.select().where(recent).count() >= limit.pairs_everywhere
    )
    is_siege = of_account >= rules.siege.failures_of_account or accounts >= rules.siege.accounts_of_network
    return Pressure(is_suspicious or is_siege, is_siege)


def pause_after(failures: int, *, is_siege: bool) -> timedelta:
    """Return how long a pair waits after so many failures of its own."""
    rules = get_rules().guessing
    if is_siege:
        return rules.siege.after(failures)
    return rules.pause.after(failures - rules.pause.free) if failures >= rules.pause.free else timedelta(0)


def _sum(which: Expression) -> tuple[int, int]:
    """Return the failures of the pairs that fit, and how many pairs these are."""
    query = FailedSignIn.select(fn.COALESCE(fn.SUM(FailedSignIn.failures), 0), fn.COUNT(FailedSignIn.id))
    failures, pairs = cast('tuple[int, int]', query.where(which).tuples().get())
    return int(failures), int(pairs)
