"""Why a device cannot be ordered, bought out, handed over or brought back now."""

from services.errors import N_, DomainError


class EquipmentRefused(DomainError):
    """It is not possible with this device now; subclasses say why."""


class NotActive(EquipmentRefused):
    """The contract is not signed, or over."""

    message = N_('Договор сейчас не действует, поэтому заказать или выкупить устройство нельзя.')


class BlockedForDebt(EquipmentRefused):
    """First what is owed."""

    message = N_('Сначала погасите долг: пополните счёт на {debt}, потом заказывайте.')


class NotSold(EquipmentRefused):
    """The catalogue has no price for it."""

    message = N_('Это устройство не продаём.')


class NotRented(EquipmentRefused):
    """The catalogue has no monthly fee for it, or it is lent with the line."""

    message = N_('Это устройство в аренду не даём.')


class NeedsInstallation(EquipmentRefused):
    """Somebody has to put it up; a technician comes with an application, not with an order."""

    message = N_('Его ставит мастер. Напишите в чат или позвоните: договоримся о дне.')


class OrderedAlready(EquipmentRefused):
    """One waits; from the day after `until` it may be ordered anew."""

    message = N_('Вы уже заказали это устройство и можете забрать его до {until} включительно. Новый заказ — после.')


class PriceOver(EquipmentRefused):
    """The promise of the price is over."""

    message = N_('Цена действовала до {until} включительно. Отмените заказ: абонент закажет заново по нынешней цене.')
    status = 409


class BelongsToLine(EquipmentRefused):
    """A lent terminal is a part of the line."""

    message = N_('Без этого устройства интернет не работает, поэтому сдают его при расторжении договора.')


class NotYourRent(EquipmentRefused):
    """It was bought, or it is his own, or it came back."""

    message = N_('Это устройство не в аренде: выкупать или сдавать его не нужно.')


class AnnouncedAlready(EquipmentRefused):
    """What he is going to bring back he does not buy."""

    message = N_('Вы собираетесь вернуть это устройство. Сначала отмените возврат, потом выкупайте.')


class OwnEquipment(EquipmentRefused):
    """A colleague does it."""

    message = N_('Это ваш собственный договор: выдать или принять устройство может только коллега.')
    status = 403
