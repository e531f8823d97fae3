"""Why money is not sent back, taken, or credited, or not by this person."""

from services.errors import N_, DomainError


class RefundRefused(DomainError):
    """Nothing was done; subclasses say why."""

    status = 409


class NothingLeft(RefundRefused):
    """All of it went back, is about to, or never came."""

    message = N_('По этому платежу возвращать нечего.')


class MoreThanLeft(RefundRefused):
    """Never more than is left of the payment."""

    message = N_('По этому платежу можно вернуть не больше {left}')


class LeavesDebt(RefundRefused):
    """The wallet holds less; whoever refunds must say that he has seen it."""

    message = N_('После возврата на счёте будет {after} Если так и нужно, отметьте это под суммой.')


class RefundWaits(RefundRefused):
    """One at a time."""

    message = N_('Возврат по этому платежу уже в пути: дождитесь, чем он закончится.')


class RefundDecided(RefundRefused):
    """Somebody was faster."""

    message = N_('Этот возврат уже решён. Посмотрите, что с ним стало.')


class OwnPayment(RefundRefused):
    """Money of one's own contract is in the hands of others."""

    message = N_('Это ваш собственный договор: деньгами по нему занимается только коллега.')
    status = 403


class SecondPersonNeeded(RefundRefused):
    """Whoever asked does not decide."""

    message = N_('Подтверждает другой сотрудник, не тот, кто попросил.')
    status = 403


class NotAside(RefundRefused):
    """It does not lie in quarantine any more."""

    message = N_('Этот платёж больше не ждёт решения. Посмотрите, что с ним стало.')


class NoMoney(RefundRefused):
    """Test money and foreign money are not credited."""

    message = N_('Зачислить это нельзя: деньги тестовые или в другой валюте. Их можно вернуть через банк.')


class VerdictWaits(RefundRefused):
    """Somebody asked for the same."""

    message = N_('Зачисление этого платежа уже ждёт второго сотрудника.')


class PaperTaken(RefundRefused):
    """One paper is one payment."""

    message = N_('По этому документу уже принят платёж № {first}: {sum}, договор {number}.')


class InRegister(RefundRefused):
    """The register of the bank brought this transfer."""

    message = N_('Этот перевод уже зачислен на договор {number} по реестру банка.')


class NotYours(RefundRefused):
    """A payment is taken back on its day by whoever wrote it down, later by an administrator."""

    message = N_('Отменить может тот, кто принял, и только в тот же день. Позже отменяет администратор.')
    status = 403


class CancelledAlready(RefundRefused):
    """Once is enough."""

    message = N_('Этот платёж уже отменён.')
