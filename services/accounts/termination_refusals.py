"""Why a contract is not ended, or not by this person, or its money not paid out."""

from services.errors import N_, DomainError


class TerminationRefused(DomainError):
    """The end of a contract cannot be asked for or changed now; subclasses say why."""

    status = 409


class NotInForce(TerminationRefused):
    """It has not begun, or it was never signed."""

    message = N_('Договор ещё не действует: расторгать нечего.')


class AlreadyRequested(TerminationRefused):
    """One at a time."""

    message = N_('О расторжении уже попросили, последний день — {day}. Отзовите просьбу, чтобы выбрать другой.')


class NothingToWithdraw(TerminationRefused):
    """The last day has passed, or it was executed."""

    message = N_('Договор уже закончился: отозвать просьбу можно было до {day} включительно.')


class RestIsOut(TerminationRefused):
    """The request was withdrawn or carried out: where the rest goes is not changed by it any more."""

    message = N_('Эту просьбу уже отозвали или выполнили. Если остаток вернуть иначе, напишите в чат.')


class NotEnded(TerminationRefused):
    """What belongs to the time after the end."""

    message = N_('Договор ещё действует. Остаток возвращают и оборудование списывают после последнего дня.')


class MoreThanThere(TerminationRefused):
    """The wallet holds less."""

    message = N_('На счёте {balance}: больше вернуть нельзя. Обновите страницу.')


class PayoutWaits(TerminationRefused):
    """One payout at a time."""

    message = N_('Возврат по этому договору уже ждёт второго сотрудника.')


class RentRunsOn(TerminationRefused):
    """While the contract goes on, a rented device is accepted where the rest of its rent comes back."""

    message = N_('Договор ещё действует: примите устройство в разделе «Оборудование», там вернётся и аренда.')


class NoPrice(TerminationRefused):
    """The catalogue does not know what it costs."""

    message = N_('В каталоге нет цены этого устройства: спишите его исправлением счёта.')


class PayoutDecided(TerminationRefused):
    """Somebody was faster."""

    message = N_('Этот возврат уже решён. Посмотрите, что с ним стало.')
