"""Words about registers of the bank and of ERIP."""

from components.i18n import _
from models.registry import LineState, RegistrySource, RegistryState
from services.errors import N_
from services.payments.registry_files import LineFault
from services.payments.registry_matches import Why

_SOURCES = {RegistrySource.ERIP: N_('ЕРИП'), RegistrySource.BANK: N_('Банк')}
_STATES = {
    RegistryState.LOADED: (N_('Не проведён'), 'attention'),
    RegistryState.BOOKED: (N_('Проведён'), 'good'),
}
_LINES = {
    LineState.NEW: (N_('Будет зачислен'), 'good'),
    LineState.BOOKED: (N_('Зачислен'), 'good'),
    LineState.UNKNOWN: (N_('Договор не найден'), 'attention'),
    LineState.DUPLICATE: (N_('Повтор'), 'neutral'),
}
_WHY = {
    Why.NOTHING: '',
    Why.NO_CONTRACT: '',
    Why.TWICE: N_('эта строка уже есть выше'),
    Why.REGISTRY: N_('зачислен другим реестром'),
    Why.OTHER_SUM: N_('этот документ уже был с другой суммой, проверьте'),
    Why.BY_HAND: N_('уже принят сотрудником с этим документом'),
    Why.GATEWAY: N_('о нём уже сообщил банк, смотрите в платежах'),
}
_FAULTS = {
    LineFault.COLUMNS: N_('не пять столбцов'),
    LineFault.DATE: N_('дата не читается'),
    LineFault.FUTURE: N_('дата ещё не наступила'),
    LineFault.OLD: N_('платёж старше года'),
    LineFault.ACCOUNT: N_('номер счёта не читается'),
    LineFault.SUM: N_('сумма не читается или слишком большая'),
    LineFault.DOCUMENT: N_('номер документа не читается'),
}


def source_words(source: RegistrySource) -> str:
    """Return whose register it is."""
    return _(_SOURCES[source])


def state_words(state: RegistryState) -> tuple[str, str]:
    """Return the state of a file and how it looks."""
    words, kind = _STATES[state]
    return _(words), kind


def line_words(state: LineState) -> tuple[str, str]:
    """Return what becomes of a line and how that looks."""
    words, kind = _LINES[state]
    return _(words), kind


def why_words(why: Why) -> str:
    """Return why a line is not booked."""
    return _(_WHY[why]) if _WHY[why] else ''


def fault_words(fault: LineFault) -> str:
    """Return why a line of the file was left out."""
    return _(_FAULTS[fault])


def problems() -> dict[str, str]:
    """Return what an upload may come back with, by its word in the address."""
    return {
        'large': _('Файл слишком большой или не выбран.'),
        'unread': _('Файл не похож на реестр. Первая строка должна быть такой: Дата;Счёт;Сумма;Документ;Назначение.'),
        'source': _('Выберите, чей это реестр.'),
    }
