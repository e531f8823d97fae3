"""The rules of getting in, read and checked from docs/auth.yml: nothing of them is repeated in the code."""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from models.user import Role, SecondStep
from services.spans import Span

FILE = Path(__file__).resolve().parents[2] / 'docs' / 'auth.yml'

WordSource = Literal['contract_number', 'login', 'email_name', 'name', 'town', 'tariff']


class _Part(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True)


class Passwords(_Part):
    """What a new password must be, and how many are hashed at the same time."""

    subscriber_minimum: PositiveInt
    staff_minimum: PositiveInt
    maximum: PositiveInt
    hashes_at_once: PositiveInt
    hashes_waiting: int
    shortest_word: PositiveInt
    words: tuple[str, ...] = Field(min_length=1)
    words_of: tuple[WordSource, ...]


class SessionEnds(_Part):
    """How long a session lasts without an act, and at most."""

    idle: Span
    absolute: Span


class Tokens(_Part):
    """How long each token is good for."""

    one_time_password: Span
    first_access_of_employee: Span
    recovery_link: Span
    captcha: Span
    public_form: Span
    known_device: Span


class Recovery(_Part):
    """Limits of asking for recovery letters, and how soon an answer comes at the earliest."""

    answered_after: Span
    letters_to_account: PositiveInt
    asked_by_network: PositiveInt
    forgotten_after: Span


class OwnPassword(_Part):
    """Limits of proving one's own password again."""

    tries: PositiveInt
    within: Span


class Tries(_Part):
    """So many within a time."""

    most: PositiveInt
    within: Span


class SecondFactor(_Part):
    """Lives and limits of what is shown beside the password."""

    wrong_codes_of_session: Tries
    wrong_codes_of_app: Tries
    wrong_codes_of_app_a_day: Tries
    app_setup: Span
    passkeys: PositiveInt
    passkey_question: Span
    passkey_questions: Tries
    recovery_codes: PositiveInt
    reset_waits: Span


class Suspicion(_Part):
    """From when on a captcha is asked for."""

    failures_of_account: PositiveInt
    failures_of_network: PositiveInt
    accounts_of_network: PositiveInt
    pairs_everywhere: PositiveInt
    everywhere_within: Span


class Growth(_Part):
    """A pause that grows with each failure."""

    first: Span
    times: PositiveInt
    longest: Span

    def after(self, steps: int) -> timedelta:
        """Return the pause after so many steps, the first being number 0."""
        seconds = int(self.first.total_seconds()) * self.times ** min(steps, 64)
        return timedelta(seconds=min(seconds, int(self.longest.total_seconds())))


class Pause(Growth):
    """The pause of a pair of account and network in quiet times."""

    free: int


class Siege(Growth):
    """The pause of a pair while the account or the network is under pressure."""

    failures_of_account: PositiveInt
    accounts_of_network: PositiveInt


class KnownDevice(_Part):
    """The tries of a browser its owner has signed in with."""

    failures: PositiveInt


class Guessing(_Part):
    """What failures lead to."""

    forgotten_after: Span
    captcha: Suspicion
    pause: Pause
    siege: Siege
    known_device: KnownDevice


class TriesADay(_Part):
    """The most tries an attacker gets in 24 hours."""

    one_account_from_one_network: PositiveInt
    one_account_from_1000_networks: PositiveInt
    thousand_accounts_from_one_network: PositiveInt = Field(alias='1000_accounts_from_one_network')
    one_network_without_captcha: PositiveInt


class Promised(_Part):
    """What the figures amount to; proved by tests that play it through."""

    tries_a_day: TriesADay
    owner_gets_in_within: Span


class LoginPath(_Part):
    """One way in: its address, for whom, and the function that begins the session."""

    path: str
    who: str
    begins: str


class AuthRules(_Part):
    """The whole document."""

    passwords: Passwords
    sessions: dict[Role, SessionEnds]
    half_open: dict[SecondStep, Span]
    sessions_at_once: Literal['any']
    tokens: Tokens
    recovery: Recovery
    own_password: OwnPassword
    fresh: Span
    confirming: Tries
    second_factor: SecondFactor
    guessing: Guessing
    promised: Promised
    login_paths: tuple[LoginPath, ...]


@lru_cache
def get_rules() -> AuthRules:
    """Return the rules, read once.

    Raises:
        ValueError: the document says something else than this version understands.
    """
    rules = AuthRules.model_validate(yaml.safe_load(FILE.read_text(encoding='utf-8')))
    for name, wanted, given in (('sessions', Role, rules.sessions), ('half_open', SecondStep, rules.half_open)):
        if missing := set(wanted) - set(given):
            raise ValueError(f'{FILE.name}: {name}: no ends for {", ".join(sorted(missing))}')
    return rules
