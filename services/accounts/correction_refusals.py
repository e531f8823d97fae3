"""Why a wallet is not corrected, or not by this person."""

from services.errors import N_, DomainError


class CorrectionRefused(DomainError):
    """The correction cannot be asked for or decided; subclasses say why."""

    status = 409


class OwnContract(CorrectionRefused):
    """One's own wallet is corrected by others."""

    message = N_('Это ваш собственный договор: исправить его счёт может только коллега.')
    status = 403


class SecondPersonNeeded(CorrectionRefused):
    """Whoever asked does not decide."""

    message = N_('Исправление подтверждает другой сотрудник, не тот, кто его попросил.')
    status = 403


class MoneyFromBank(CorrectionRefused):
    """A payment really came, and goes back only through the bank."""

    message = N_('Платёж здесь не отменить: деньги пришли из банка и вернуть их можно только через банк.')


class IsReversal(CorrectionRefused):
    """A reversal is put right by a correction, not by a reversal."""

    message = N_('Это уже отмена другой операции. Если она ошибочна, исправьте счёт на ту же сумму.')


class IsOpening(CorrectionRefused):
    """What a contract came with."""

    message = N_('Начальный остаток не отменяют. Если он неверен, исправьте счёт на разницу.')


class ReversedAlready(CorrectionRefused):
    """Once is enough."""

    message = N_('Эта операция уже отменена.')


class ReversalWaits(CorrectionRefused):
    """Somebody asked for the same."""

    message = N_('Отмену этой операции уже попросили: она ждёт второго сотрудника в списке исправлений.')


class Decided(CorrectionRefused):
    """Somebody was faster."""

    message = N_('Это исправление уже решено. Посмотрите, что с ним стало.')
