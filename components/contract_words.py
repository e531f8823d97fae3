"""Contracts in words: states and whose a device is."""

from components.application_words import StateWord
from components.i18n import _
from models.contract import Ownership
from services.contracts.contract_states import ContractState
from services.errors import N_

_STATES = {
    ContractState.DRAFT: ('info', N_('Ждёт подписи'), 'file-text'),
    ContractState.VOID: ('neutral', N_('Не подписан'), 'x'),
    ContractState.ACTIVE: ('good', N_('Работает'), 'circle-check'),
    ContractState.PAUSED: ('attention', N_('Приостановлен'), 'pause'),
    ContractState.BLOCKED: ('bad', N_('Заблокирован за долг'), 'ban'),
    ContractState.TERMINATED: ('neutral', N_('Расторгнут'), 'x'),
}
_OWNERSHIP = {
    Ownership.SOLD: N_('куплено'),
    Ownership.RENTED: N_('аренда'),
    Ownership.LENT: N_('выдано бесплатно'),
    Ownership.OWN: N_('своё'),
}


def contract_word(state: ContractState) -> StateWord:
    """Return how a state of a contract is shown."""
    kind, word, icon = _STATES[state]
    return StateWord(kind, _(word), icon)


def ownership(whose: Ownership) -> str:
    """Return whose a device is."""
    return _(_OWNERSHIP[whose])
