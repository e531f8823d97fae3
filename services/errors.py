"""What a service says when the answer is no: a class with facts, put into words when it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


def N_(text: str) -> str:  # noqa: N802 - the customary gettext marker: extracted now, translated when shown
    """Mark a Russian template for extraction without translating it here."""
    return text


class DomainError(Exception):
    """A refusal the person can understand and act on.

    `message` is a Russian template; the facts fill its {holes}. `field` names the form field it belongs to, if any.
    """

    message: ClassVar[str] = N_('Не получилось. Попробуйте ещё раз.')
    status: ClassVar[int] = 422

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(self.message, facts)
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return self.message.format(**self.facts)


class NotFound(DomainError):
    """There is no such thing, or it is not yours: the answer is the same."""

    message = N_('Такого здесь нет.')
    status = 404


class Unfit(NotFound):
    """Text or a number that cannot exist in our tables: nothing of ours is called so, and nothing can be."""

    message = N_('Здесь есть знаки или числа, которых у нас не бывает. Наберите заново.')


class Busy(DomainError):
    """The database did not answer in time; nothing was written."""

    message = N_('Сайт сейчас занят, ничего не изменилось. Подождите минуту и попробуйте ещё раз.')
    status = 503


class NotAllowed(DomainError):
    """The actor's role does not permit this."""

    message = N_('Для этого действия нужны другие права.')
    status = 403


class ContractLeft(DomainError):
    """The page was drawn for a contract with which this session does not work any more."""

    message = N_('В этом окне был открыт другой договор. Проверьте, какой выбран сейчас.')
    status = 409


class SignInRequired(DomainError):
    """The session is over, or there never was one."""

    message = N_('Сеанс завершён. Войдите ещё раз.')
    status = 401


class InvalidField(DomainError):
    """One field of a form is wrong; `reason` is a ready Russian sentence marked with N_."""

    message = N_('{reason}')

    def __init__(self, field: str, reason: str, **facts: Any) -> None:
        super().__init__(field=field, reason=reason, **facts)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason.format(**self.facts)


class InvalidForm(DomainError):
    """Several fields are wrong; `errors` maps a field's name to its error."""

    message = N_('Проверьте отмеченные поля.')

    def __init__(self, errors: dict[str, InvalidField]) -> None:
        super().__init__()
        self.errors = errors


@contextmanager
def gathered(errors: dict[str, InvalidField]) -> Iterator[None]:
    """Note what is wrong with one field and go on: a form is told all its mistakes at once."""
    try:
        yield
    except InvalidField as error:
        errors[str(error.field)] = error


class TooManyRequests(DomainError):
    """A limit of tries was reached; `minutes` says when to come back."""

    message = N_('Слишком много попыток. Подождите {minutes} мин и попробуйте снова.')
    status = 429


class TooManyToday(TooManyRequests):
    """The same, of a limit that counts a day or more: nobody waits for 1440 minutes."""

    message = N_('Слишком много попыток за сутки. Попробуйте завтра или позвоните нам.')


def too_many(minutes: int) -> TooManyRequests:
    """Return the refusal of a limit that counts so many minutes."""
    return TooManyToday(minutes=minutes) if minutes >= 24 * 60 else TooManyRequests(minutes=max(1, minutes))


class WrongTransition(DomainError):
    """The thing is in a state from which this step is impossible."""

    message = N_('Сейчас это сделать нельзя: состояние уже изменилось. Обновите страницу.')
    status = 409
