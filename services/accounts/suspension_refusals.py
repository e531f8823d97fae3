"""Why the internet is not suspended, or not resumed."""

from services.errors import N_, DomainError


class SuspensionRefused(DomainError):
    """The internet cannot be suspended or resumed now; subclasses say why."""


class AlreadySuspended(SuspensionRefused):
    """One at a time."""

    message = N_('Интернет уже приостановлен или приостановка назначена.')


class InDebt(SuspensionRefused):
    """DOMAIN §1.3: it must not start while blocked or in debt."""

    message = N_('Сначала погасите долг: пополните счёт на {debt}, потом приостанавливайте.')


class TooManyThisYear(SuspensionRefused):
    """Twice a calendar year."""

    message = N_('Приостановить интернет можно {most} раза в год. В {year} году вы уже сделали это.')


class TariffPlanned(SuspensionRefused):
    """A tariff changes inside the month that would be paused."""

    message = N_('На {on} запланирована смена тарифа. Отмените её или приостановите интернет после этого дня.')


class NotSuspended(SuspensionRefused):
    """There is nothing to resume."""

    message = N_('Интернет не приостановлен: возобновлять нечего.')
