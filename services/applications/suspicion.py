"""Is it a person who sends applications? A captcha is asked only after something looked odd from this address."""

from contextlib import suppress

from services import limits
from services.errors import N_, DomainError, InvalidField, InvalidForm, TooManyRequests
from services.identity import captcha, spent_tokens
from services.rate_limits import network, refuse_if_spent, spend

MOST_UNASKED, UNASKED_WITHIN = limits.rate('applications_unasked')
REMEMBERED = limits.span('odd_application_remembered')
SENT, ODD = 'application', 'application-odd'
"""Kinds of counted tries, by network: applications, forms with the hidden field filled."""


class HumanAsked(DomainError):
    """So many applications, or such an odd one, that the code of a picture is asked for."""

    message = N_('Мы не уверены, что форму отправил человек. Введите код с картинки и отправьте ещё раз.')


class LooksLikeBot(HumanAsked):
    """The field people do not see was filled; a person whose browser did it reads a picture."""


def is_asked(address: str) -> bool:
    """Tell whether the next application from here needs a captcha."""
    if not isinstance(address, str):
        return True  # nobody comes from nowhere
    return _is_spent(SENT, network(address), MOST_UNASKED) or _is_spent(ODD, network(address), 1)


def remember(address: str) -> None:
    """Remember for an hour that an odd form came from here."""
    with suppress(TooManyRequests):
        spend(ODD, network(address), most=1, window=REMEMBERED)


def require_human(token: str, answer: str, *, address: str) -> None:
    """Ask for a captcha where it is due; one that was looked at is used up, right or wrong.

    Raises:
        HumanAsked: it is due and none came.
        InvalidForm: `captcha`: the code was wrong or old.
    """
    if not is_asked(address):
        return
    if not token:
        raise HumanAsked
    if not captcha.check(token, answer, captcha.CaptchaPurpose.APPLICATION, spent_tokens.spend):
        raise InvalidForm({'captcha': InvalidField('captcha', N_('Код не подошёл или устарел. Введите новый.'))})


def _is_spent(kind: str, key: str, most: int) -> bool:
    try:
        refuse_if_spent(kind, key, most=most, window=REMEMBERED if kind == ODD else UNASKED_WITHIN)
    except TooManyRequests:
        return True
    return False
