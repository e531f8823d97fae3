"""What a recipe of arguments is made of: a function of the world that returns what the service is called with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.clock import today


@dataclass(frozen=True)
class Of:
    """An argument that depends on who calls: `Of(lambda actor: actor.role)`."""

    pick: Callable[[Any], Any]


@dataclass(frozen=True)
class Given:
    """Arguments of a call, without the actor."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def call(self, service, actor):
        """Call the service as this person."""
        args = [arg.pick(actor) if isinstance(arg, Of) and actor else arg for arg in self.args]
        return service(*args, **self.kwargs, actor=actor)

    def about_nothing(self):
        """Return the same with a name of something that does not exist."""
        if 'contract_number' in self.kwargs:
            return Given(self.args, {**self.kwargs, 'contract_number': '999999'})
        if not self.args:
            return self
        return Given((2**30 if isinstance(self.args[0], int) else 'no-such-thing', *self.args[1:]), self.kwargs)

    def empty(self):
        """Return the same with None in the place of every argument: nothing of it is looked at before the actor."""
        return Given(tuple(None for _ in self.args), dict.fromkeys(self.kwargs))


def given(*args, **kwargs):
    """Return the arguments of a call."""
    return Given(args, kwargs)


def plain(_world):
    """Give no arguments: the service knows everything from the actor."""
    return Given()


def in_days(days):
    """Return a day that many days from now."""
    return today() + timedelta(days=days)
