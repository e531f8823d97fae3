"""Правила дома, as an administrator changes them: from a coming day, with a reason, never backwards."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from models.rule import RuleChange
from models.user import Role, User
from services import audit, limits, rules
from services.authority import Actor, require_role
from services.clock import now, today
from services.errors import N_, InvalidField, InvalidForm, NotFound, gathered
from services.input_text import clean_text
from services.rules import Definition, Value
from services.runner import transactional

FURTHEST = limits.span('rule_ahead')


@dataclass(frozen=True)
class Change:
    """One change of a rule as the page shows it; a withdrawn one stays in the history."""

    id: int
    value: Value
    starts_on: date
    reason: str
    by: str
    at: datetime
    is_coming: bool
    is_withdrawn: bool


@dataclass(frozen=True)
class RuleView:
    """One rule: its value today, what it was at first, all changes the newest first; `earliest` is the first day a new
    change may begin."""

    rule: Definition
    value: Value
    earliest: date
    changes: tuple[Change, ...]

    @property
    def coming(self) -> tuple[Change, ...]:
        """Return the changes that wait for their day, the next first."""
        waiting = (change for change in self.changes if change.is_coming and not change.is_withdrawn)
        return tuple(sorted(waiting, key=lambda change: (change.starts_on, change.id)))


@dataclass(frozen=True)
class RuleGroup:
    """The rules of one subject, in the order of the document."""

    name: str
    rules: tuple[RuleView, ...]


def list_rules(*, actor: Actor | None) -> tuple[RuleGroup, ...]:
    """Return all rules with their changes, by subject. Three queries.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    require_role(actor, Role.ADMINISTRATOR)
    changes = _changes()
    in_force, notice = rules.current(), rules.current().price_notice_days
    views = (
        RuleView(rule, getattr(in_force, rule.name), _earliest(rule, notice), changes.get(rule.name, ()))
        for rule in rules.definitions().values()
    )
    return tuple(RuleGroup(name, tuple(same)) for name, same in groupby(views, key=lambda view: view.rule.group))


def get_rule(name: str, *, actor: Actor | None) -> RuleView:
    """Return one rule.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such rule.
    """
    for group in list_rules(actor=actor):
        for view in group.rules:
            if view.rule.name == name:
                return view
    raise NotFound


@transactional
def change(name: str, value: str, starts_on: str, reason: str, *, actor: Actor | None) -> int:
    """Set a rule from a coming day and return the id of the change; for the same day the latest one counts.

    Args:
        value: as typed: rubles like «3,30», a whole number, or kinds after commas.
        starts_on: ISO date; tomorrow at the earliest, for what is felt in a wallet after the notice of prices.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such rule.
        InvalidForm: what is wrong in `value`, `starts_on`, `reason`.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    rule = rules.definitions().get(name) if isinstance(name, str) else None
    if rule is None:
        raise NotFound
    errors: dict[str, InvalidField] = {}
    new, first, why = _checked(rule, value, starts_on, reason, errors)
    if errors or new is None or first is None:
        raise InvalidForm(errors)
    before = getattr(rules.on(first), rule.name)
    row = RuleChange.create(
        name=name, value=rules.written(new), starts_on=first, reason=why, set_by=actor.user_id, set_at=now()
    )
    facts = {'value': rules.written(new), 'before': rules.written(before), 'on': first.isoformat()}
    audit.note('rule.change', f'rule:{name}', actor=actor, reason=why, **facts)
    return int(row.id)


@transactional
def withdraw(change_id: int, *, actor: Actor | None) -> None:
    """Take back a change that has not begun; one that was taken back stays so.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such change, or it is in force already: make another one from a coming day.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    is_id = isinstance(change_id, int) and not isinstance(change_id, bool)
    row: RuleChange | None = RuleChange.get_or_none(RuleChange.id == change_id) if is_id else None
    if row is None or row.starts_on <= today():
        raise NotFound
    taken_back = RuleChange.update(withdrawn_by=actor.user_id, withdrawn_at=now())
    if taken_back.where((RuleChange.id == row.id) & RuleChange.withdrawn_at.is_null()).execute():
        audit.note('rule.withdraw', f'rule:{row.name}', actor=actor, value=row.value, on=row.starts_on.isoformat())


def _checked(
    rule: Definition, value: object, starts_on: object, reason: object, errors: dict[str, InvalidField]
) -> tuple[Value | None, date | None, str]:
    new, first, why = None, None, ''
    with gathered(errors):
        new = rules.read(rule, value)
    with gathered(errors):
        first = _checked_day(rule, starts_on)
    with gathered(errors):
        why = clean_text('reason', reason, rule='staff_reason', required=True)
    return new, first, why


def _checked_day(rule: Definition, starts_on: object) -> date:
    earliest = _earliest(rule, rules.current().price_notice_days)
    try:
        day = date.fromisoformat(starts_on) if isinstance(starts_on, str) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidField('starts_on', N_('Выберите день в календаре.'))
    if not earliest <= day <= today() + FURTHEST:
        latest = today() + FURTHEST
        raise InvalidField('starts_on', N_('Выберите день с {first} по {last}.'), first=earliest, last=latest)
    return day


def _earliest(rule: Definition, notice_days: int) -> date:
    return today() + timedelta(days=notice_days if rule.needs_notice else 1)


def _changes() -> dict[str, tuple[Change, ...]]:
    rows = list(RuleChange.select(RuleChange, User).join(User, on=RuleChange.set_by).order_by(RuleChange.id.desc()))
    by_name: dict[str, list[Change]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(
            Change(
                id=row.id,
                value=rules.read(rules.definitions()[row.name], row.value),
                starts_on=row.starts_on,
                reason=row.reason,
                by=row.set_by.name,
                at=row.set_at,
                is_coming=row.starts_on > today(),
                is_withdrawn=row.withdrawn_at is not None,
            )
        )
    return {name: tuple(changes) for name, changes in by_name.items()}
