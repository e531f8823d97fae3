"""Words of a visit: its state with the kind of its badge, the steps, the hours."""

from components.i18n import _
from models.contract import Ownership
from models.visit import VisitStatus
from services.contracts.contract_terms import OWNERSHIP_WORDS
from services.contracts.identity_papers import PaperKind
from services.errors import N_
from services.visits.line_quality import LineQuality
from services.visits.visit_cards import Step

STATES = {
    VisitStatus.PLANNED: ('info', 'calendar', N_('Назначен')),
    VisitStatus.EN_ROUTE: ('attention', 'truck', N_('В пути')),
    VisitStatus.STARTED: ('attention', 'wrench', N_('В работе')),
    VisitStatus.COMPLETED: ('good', 'circle-check', N_('Готово')),
    VisitStatus.NO_ACCESS: ('bad', 'ban', N_('Не застали')),
    VisitStatus.FAILED: ('bad', 'circle-alert', N_('Не подключили')),
    VisitStatus.CANCELLED: ('neutral', 'x', N_('Отменён')),
}
STEPS = {
    Step.DEPART: N_('Выехал'),
    Step.ARRIVE: N_('На месте'),
    Step.EQUIPMENT: N_('Оборудование'),
    Step.LINE: N_('Линия'),
    Step.PAPERS: N_('Документы'),
    Step.SIGN: N_('Подпись'),
    Step.ACCESS: N_('Доступ'),
    Step.DONE: N_('Готово'),
}
PAPERS = {
    PaperKind.PASSPORT: N_('Паспорт гражданина Беларуси'),
    PaperKind.ID_CARD: N_('ID-карта'),
    PaperKind.RESIDENCE_PERMIT: N_('Вид на жительство'),
    PaperKind.FOREIGN_PASSPORT: N_('Паспорт иностранного гражданина'),
}
QUALITIES = {
    LineQuality.GREEN: ('good', N_('Сигнал в норме')),
    LineQuality.AMBER: ('attention', N_('Сигнал слабый, но работает')),
    LineQuality.RED: ('bad', N_('Сигнал вне нормы')),
}


def state_badge(status: VisitStatus) -> tuple[str, str, str]:
    """Return kind, icon and word of a visit's state."""
    kind, picture, word = STATES[status]
    return kind, picture, _(word)


def quality_badge(quality: LineQuality) -> tuple[str, str]:
    """Return kind and word of a level."""
    kind, word = QUALITIES[quality]
    return kind, _(word)


def step_word(step: Step) -> str:
    """Return the name of a step."""
    return _(STEPS[step])


def paper_word(kind: PaperKind) -> str:
    """Return the name of an identity paper."""
    return _(PAPERS[kind])


def ownership_word(ownership: Ownership) -> str:
    """Return whose a device is."""
    return _(OWNERSHIP_WORDS[ownership])


def hours(first: int) -> str:
    """Return the two hours of a slot: «9:00–11:00»."""
    return f'{first}:00–{first + 2}:00'
