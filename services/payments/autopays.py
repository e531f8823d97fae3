"""Autopay as its owner sets it: which card, when, how much, at most how much a month; on with consent, off at once."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.access import Access
from models.contract import Contract
from models.saved_card import Autopay
from services import audit, field_rules
from services.accounts import ending
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import N_, DomainError, InvalidField, InvalidForm, gathered
from services.events import ContractChanged, record
from services.payments import autopay_runs, saved_cards
from services.payments.payment_desk import CardsUnavailable
from services.payments.payments import read_amount
from services.payments.saved_cards import CardExpired, CardView
from services.quotes import autopay as rule
from services.runner import transactional

DAYS = field_rules.rule('autopay_days')
MONTH_LIMITS = tuple(Decimal(sum_) for sum_ in ('50.00', '100.00', '200.00'))


class NoMail(DomainError):
    """Nobody can be told the day before."""

    message = N_('Сначала укажите e-mail в «Моих данных»: за день до списания мы предупреждаем письмом.')
    status = 409


@dataclass(frozen=True)
class Wish:
    """The form as it was typed: `when` is `before` or `below`, `how` is `missing` or `fixed`."""

    card: str = ''
    when: str = 'before'
    days: str = '3'
    below: str = ''
    how: str = 'missing'
    fixed: str = ''
    limit: str = ''
    agreed: str = ''


@dataclass(frozen=True)
class AutopayView:
    """What is set, rubles; `pays_on` and `pays` is the next payment as things stand, None when none is needed."""

    card: CardView
    days_before: int | None
    below: Decimal | None
    fixed: Decimal | None
    month_limit: Decimal
    spent: Decimal
    is_on: bool
    failures: int
    stopped_at: datetime | None
    pays_on: date | None
    pays: Decimal | None
    is_over_limit: bool


@dataclass(frozen=True)
class AutopayBoard:
    """The page of cards and autopay: what is kept, what is set, and the next charge (rubles) to measure it by."""

    contract_id: int
    cards: tuple[CardView, ...]
    autopay: AutopayView | None
    next_sum: Decimal
    next_on: date
    limit_hint: Decimal
    has_mail: bool


def board(*, actor: Actor | None) -> AutopayBoard:
    """Return what the page of cards and autopay shows.

    Raises:
        CardsUnavailable: the gateway here keeps no cards. SignInRequired, NotAllowed, NotFound, OwnerOnly.
    """
    contract = own_contract(actor, need=Access.OWNER)
    if not saved_cards.is_offered():
        raise CardsUnavailable
    facts = autopay_runs.facts_of(contract)
    enough = (each for each in MONTH_LIMITS if each >= facts.charge)
    return AutopayBoard(
        contract_id=contract.id,
        cards=saved_cards.list_cards(actor=actor),
        autopay=_view(contract, facts),
        next_sum=facts.charge,
        next_on=facts.charge_on,
        limit_hint=next(enough, MONTH_LIMITS[-1]),
        has_mail=bool(_mail(contract)),
    )


@transactional
def save(wish: Wish, *, actor: Actor | None) -> None:
    """Set autopay and switch it on: it is looked at anew today, nothing that was announced stands any more.

    Raises:
        InvalidForm: some fields are wrong, or the consent is missing. NoMail, CardsUnavailable, ContractOver.
        SignInRequired, NotAllowed, NotFound, OwnerOnly.
    """
    contract = own_contract(actor, lock=True, need=Access.OWNER)
    if not saved_cards.is_offered():
        raise CardsUnavailable
    if over := ending.why_not(contract):
        raise over
    if not _mail(contract):
        raise NoMail
    values = _read(wish, contract)
    moment = now()
    fresh = {'is_on': True, 'failures': 0, 'looked_on': None, 'announced_on': None, 'announced_sum': None}
    consent = {'agreed_at': moment, 'agreed_by': actor.user_id if actor else 0, 'changed_at': moment}
    values |= fresh | consent | {'stopped_at': None}
    Autopay.insert(contract=contract, **values).on_conflict(conflict_target=[Autopay.contract], update=values).execute()
    limit = str(values['month_limit'])
    audit.note('autopay.on', f'contract:{contract.number}', actor=actor, limit=limit)
    record(ContractChanged(contract.id))


@transactional
def switch_off(*, actor: Actor | None) -> None:
    """Switch autopay off; a payment that is at the bank already goes on. Switched off, it stays so.

    Raises:
        SignInRequired, NotAllowed, NotFound, OwnerOnly.
    """
    contract = own_contract(actor, lock=True, need=Access.OWNER)
    gone = {'is_on': False, 'announced_on': None, 'announced_sum': None, 'changed_at': now()}
    if Autopay.update(gone).where((Autopay.contract == contract) & Autopay.is_on).execute():
        audit.note('autopay.off', f'contract:{contract.number}', actor=actor)
        record(ContractChanged(contract.id))


def _view(contract: Contract, facts: rule.Facts) -> AutopayView | None:
    row: Autopay | None = Autopay.get_or_none(Autopay.contract == contract)
    if row is None:
        return None
    found = rule.coming(autopay_runs.terms_of(row), facts) if row.is_on else None
    return AutopayView(
        card=saved_cards.view_of(row.card),
        days_before=row.days_before,
        below=row.below,
        fixed=row.fixed,
        month_limit=row.month_limit,
        spent=facts.spent,
        is_on=row.is_on,
        failures=row.failures,
        stopped_at=row.stopped_at,
        pays_on=found[0] if found else None,
        pays=found[1].amount if found else None,
        is_over_limit=bool(found and found[1].is_over_limit),
    )


def _read(wish: Wish, contract: Contract) -> dict[str, Any]:
    """Return the columns for what was typed; only the chosen ways are read, the others are emptied."""
    errors: dict[str, InvalidField] = {}
    values: dict[str, Any] = {'days_before': None, 'below': None, 'fixed': None}
    with gathered(errors):
        values['card'] = _card(wish.card, contract)
    with gathered(errors):
        if wish.when == 'below':
            values['below'] = _sum('below', wish.below)
        else:
            values['days_before'] = _days(wish.days)
    with gathered(errors):
        if wish.how == 'fixed':
            values['fixed'] = _sum('fixed', wish.fixed)
    with gathered(errors):
        values['month_limit'] = _sum('limit', wish.limit)
        if values['fixed'] is not None and values['month_limit'] < values['fixed']:
            raise InvalidField('limit', N_('Лимит меньше суммы одного платежа: так ничего не спишется.'))
    with gathered(errors):
        if wish.agreed != '1':
            raise InvalidField('agreed', N_('Поставьте отметку: без согласия списывать нельзя.'))
    if errors:
        raise InvalidForm(errors)
    return values


def _card(typed: object, contract: Contract) -> int:
    number = int(typed) if isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    try:
        return int(saved_cards.usable(number, contract).id)
    except CardExpired as error:
        raise InvalidField('card', N_('Срок этой карты вышел. Выберите другую.')) from error
    except DomainError as error:
        raise InvalidField('card', N_('Выберите карту из списка.')) from error


def _days(typed: str) -> int:
    days = DAYS.number(typed)
    if days is None:
        raise InvalidField('days', N_('Введите дни числом от {least} до {most}.'), least=DAYS.least, most=DAYS.most)
    return days


def _sum(field: str, typed: str) -> Decimal:
    try:
        return read_amount(typed)
    except InvalidField as error:
        facts = {name: value for name, value in error.facts.items() if name not in ('field', 'reason')}
        raise InvalidField(field, error.reason, **facts) from error


def _mail(contract: Contract) -> str:
    owner = contract.subscriber
    return (owner.user.email if owner.user else '') or owner.email or ''
