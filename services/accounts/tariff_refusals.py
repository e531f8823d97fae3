"""Why a tariff cannot be changed: by the house, by what is going on with the contract, by the rules."""

from datetime import date, timedelta
from typing import Any

from models.catalogue import Tariff
from models.contract import Contract, TariffChange, TariffChangeState
from services import rules
from services.accounts import debt_blocks, ending, subscriptions
from services.clock import today
from services.errors import N_, DomainError
from services.offers.prices import read_prices
from services.quotes.subscription import next_month


class TariffRefused(DomainError):
    """This tariff cannot be chosen by this contract; subclasses say why."""


class SameTariff(TariffRefused):
    """It is the current one."""

    message = N_('Этот тариф уже подключён.')


class NotOnSale(TariffRefused):
    """It is not sold any more."""

    message = N_('Тариф «{tariff}» больше не подключают.')


class NotATarget(TariffRefused):
    """The current tariff names the tariffs it may be changed for, and this is none of them."""

    message = N_('С тарифа «{current}» на «{tariff}» не переходят. Выберите из тех, что показаны ниже.')


class NotInRegion(TariffRefused):
    """It is sold elsewhere."""

    message = N_('Тариф «{tariff}» не подключают в вашем городе.')


class NotForHouse(TariffRefused):
    """It is for another kind of house."""

    message = N_('Тариф «{tariff}» — для домов другого вида.')


class OtherLine(TariffRefused):
    """The line in the flat cannot carry it."""

    message = N_('Для тарифа «{tariff}» нужна другая линия. Напишите в чат — мастер её проведёт.')


class NeedsPaper(TariffRefused):
    """A privilege has to be proved first."""

    message = N_('Для тарифа «{tariff}» нужен документ о льготе. Покажите его в офисе — подключим в тот же день.')


class ChangePlanned(TariffRefused):
    """One change waits already."""

    message = N_('Смена тарифа уже запланирована на {on}. Отмените её, чтобы выбрать другой тариф.')


class StoppedForDebt(TariffRefused):
    """Debt comes first."""

    message = N_('Интернет остановлен за долг. Пополните счёт, потом меняйте тариф.')


class Paused(TariffRefused):
    """A suspension runs or is ordered."""

    message = N_('Интернет приостановлен. Сначала возобновите его, потом меняйте тариф.')


class OnlyFromNextMonth(TariffRefused):
    """A paid month is not sold back; `on` is the first day it is possible."""

    message = N_('На тариф дешевле можно перейти только с 1-го числа. Ближайший день — {on}.')


class TooOften(TariffRefused):
    """DOMAIN §1.3: one move down in thirty days."""

    message = N_('На тариф дешевле можно перейти раз в 30 дней. Следующий раз — {on}.')


class NothingPlanned(TariffRefused):
    """It has come into force meanwhile."""

    message = N_('Смена тарифа не запланирована: отменять нечего.')


class WrongDay(TariffRefused):
    """Neither now nor a day within the limits."""

    message = N_('Выберите, когда сменить тариф: сейчас, с 1-го числа или в другой день до {last}.')


def why_not(contract: Contract, tariff: Tariff, technologies: frozenset[str]) -> TariffRefused | None:
    """Return why this contract cannot move to the tariff, or None: its own tariff first, then the house."""
    current = contract.tariff
    if tariff.id == current.id:
        return SameTariff()
    if not tariff.is_on_sale:
        return NotOnSale(tariff=tariff.name)
    if current.targets and tariff.code not in current.targets:
        return NotATarget(current=current.name, tariff=tariff.name)
    return _why_not_in(contract, tariff, technologies)


def _why_not_in(contract: Contract, tariff: Tariff, technologies: frozenset[str]) -> TariffRefused | None:
    """Return why this house cannot have the tariff, or None."""
    if tariff.regions and contract.region.slug not in tariff.regions:
        return NotInRegion(tariff=tariff.name)
    if tariff.house_kinds and contract.house_kind not in tariff.house_kinds:
        return NotForHouse(tariff=tariff.name)
    if not technologies & set(tariff.technologies):
        return OtherLine(tariff=tariff.name)
    return NeedsPaper(tariff=tariff.name) if tariff.needs_entitlement else None


def why_not_now(contract: Contract, *, ignore_plan: bool = False) -> DomainError | None:
    """Return why no tariff can be changed at the moment, or None; a plan may be left out of it."""
    if over := ending.why_not(contract):
        return over
    if debt_blocks.open_block(contract):
        return StoppedForDebt()
    if subscriptions.open_suspension(contract):
        return Paused()
    planned = None if ignore_plan else subscriptions.planned_change(contract)
    return ChangePlanned(on=planned.effective_on) if planned else None


def refuse_down(contract: Contract, on: date) -> None:
    """Refuse a move to a cheaper tariff inside a paid month, and a second one within the pause of the rules.

    Raises:
        OnlyFromNextMonth, TooOften: with the day from which it is possible.
    """
    terms = rules.current()
    earliest = _free_since(contract, terms.down_pause)
    if on.day != 1 and not terms.down_any_day:
        raise OnlyFromNextMonth(on=next_month(max(today(), (earliest or today()) - timedelta(days=1))))
    if earliest is not None and on < earliest:
        raise TooOften(on=earliest if terms.down_any_day else _first_from(earliest))


def _free_since(contract: Contract, pause: timedelta) -> date | None:
    """Return the first day after the pause that the latest move to a cheaper tariff began, None without one."""
    old, new = Tariff.alias(), Tariff.alias()
    rows: Any = (
        TariffChange.select(TariffChange, old, new)
        .join(old, on=(TariffChange.old_tariff == old.id))
        .switch(TariffChange)
        .join(new, on=(TariffChange.new_tariff == new.id))
        .where(
            (TariffChange.contract == contract)
            & (TariffChange.state == TariffChangeState.APPLIED)
            & (TariffChange.effective_on > today() - pause)
        )
    )
    changes = list(rows.order_by(TariffChange.effective_on.desc()))
    prices = read_prices(tariff for each in changes for tariff in (each.old_tariff, each.new_tariff))
    for each in changes:
        on: date = each.effective_on
        if prices.fee(each.new_tariff, on) < prices.fee(each.old_tariff, on):
            return on + pause
    return None


def _first_from(day: date) -> date:
    return day if day.day == 1 else next_month(day)
