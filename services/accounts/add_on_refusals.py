"""Why an add-on cannot be connected or disconnected."""

from services.errors import N_, DomainError


class AddOnRefused(DomainError):
    """This add-on cannot be connected now; subclasses say why."""


class AlreadyConnected(AddOnRefused):
    """It works already."""

    message = N_('Эта услуга уже подключена.')


class BoostRuns(AddOnRefused):
    """Boosts do not stack (DOMAIN §6.4)."""

    message = N_('Ускорение уже работает до {until}. Следующее можно включить после него.')


class NotForTariff(AddOnRefused):
    """Traffic is sold to tariffs that count it, TV options to those who have TV."""

    message = N_('Эта услуга не подходит к вашему тарифу.')


class ServiceStopped(AddOnRefused):
    """Blocked for debt or suspended: there is nothing to add to."""

    message = N_('Интернет сейчас не работает. Сначала верните его, потом подключайте услуги.')


class NotConnected(AddOnRefused):
    """There is nothing to disconnect."""

    message = N_('Эта услуга не подключена.')


class CreditForFasterTariffs(AddOnRefused):
    """DOMAIN §6.4: the trust credit is for fast tariffs."""

    message = N_('Кредит доверия даём на тарифах от {mbit} Мбит/с.')


class CreditWouldEnd(AddOnRefused):
    """A slower tariff is planned, on which there is no trust credit."""

    message = N_('С {on} у вас будет тариф медленнее {mbit} Мбит/с, кредит на нём закончится. Отмените смену тарифа.')


class CreditAfterDebt(AddOnRefused):
    """It is for debts to come, not for one that is there."""

    message = N_('Сначала погасите долг: пополните счёт на {debt}, потом подключайте кредит.')


class CreditAfterBrokenPromise(AddOnRefused):
    """Trust comes back with time; `on` is when."""

    message = N_('Прошлый обещанный платёж не был погашен вовремя. Кредит можно подключить {on}.')


class CreditOwed(AddOnRefused):
    """Who leaves the trust credit pays the debt first."""

    message = N_('Сначала погасите долг: пополните счёт на {debt}, потом отключайте кредит.')
