"""The first steps of a visit and the last: the way there, the access for the client, the end."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.i18n import _, moment
from components.session import act
from components.templating import render
from models.visit import VisitStatus
from pages.technician.visit_desk import VisitDesk
from services.contracts import credentials
from services.contracts.credentials import Issued
from services.visits import visits


def draw_depart(desk: VisitDesk) -> None:
    """Before the road."""
    desk.title(_('Пора выезжать'))
    desk.client()

    async def depart() -> None:
        await act(visits.depart, desk.card.id, desk.key)
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        desk.main(_('Выехал'), depart)


def draw_arrive(desk: VisitDesk) -> None:
    """On the road and at the door."""
    desk.title(_('В пути'))
    desk.client()

    async def arrive() -> None:
        await act(visits.arrive, desk.card.id, desk.key)
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        desk.danger(_('Не открывают'), _('Клиента нет на месте?'), visits.no_access)
        desk.main(_('Я на месте'), arrive)


def draw_access(desk: VisitDesk) -> None:
    """The one-time password: asked for, shown once, closed."""
    number = desk.card.contract
    if desk.card.is_access_given:
        _draw_given(desk)
        return
    desk.title(
        _('Доступ в кабинет'),
        _('Договор {number} подписан. Одноразовый пароль покажем один раз: позовите клиента к экрану.').format(
            number=number
        ),
    )
    place = ui.element('div')

    async def issue() -> None:
        issued = await act(credentials.issue, number)
        desk.holds = True  # nothing may wipe the card before the client has copied it
        show.set_visibility(False)
        with place:
            _draw_card(desk, issued)

    with ui.element('div').classes('tablet__actions'):
        show = desk.main(_('Показать пароль клиенту'), issue)


def _draw_card(desk: VisitDesk, issued: Issued) -> None:
    ui.html(render('_field_access.html', issued=issued), sanitize=False)
    with ui.element('div').classes('tablet__actions'):
        desk.main(_('Показал клиенту, закрыть'), _sealing(desk))


def _draw_given(desk: VisitDesk) -> None:
    desk.title(
        _('Пароль уже показан'),
        _('Увидеть его ещё раз нельзя. Если клиент не успел переписать, новый пароль выдаст оператор.'),
    )
    with ui.element('div').classes('tablet__actions'):
        desk.main(_('Показал клиенту, закрыть'), _sealing(desk))


def _sealing(desk: VisitDesk) -> Callable[[], Awaitable[None]]:
    async def seal() -> None:
        await act(credentials.seal, desk.card.contract)
        desk.holds = False
        await desk.go_on()

    return seal


def draw_done(desk: VisitDesk) -> None:
    """The last tap, and what was achieved."""
    card = desk.card
    is_finished = card.status == VisitStatus.COMPLETED
    desk.title(_('Выезд закончен') if is_finished else _('Всё готово'))
    ui.html(
        render('_field_done.html', visit=card, signed=moment(card.signed_at) if card.signed_at else ''), sanitize=False
    )

    async def complete() -> None:
        await act(visits.complete, card.id)
        await desk.go_on()

    with ui.element('div').classes('tablet__actions'):
        if not is_finished:
            desk.main(_('Завершить выезд'), complete)


def draw_over(desk: VisitDesk) -> None:
    """A visit that ended without a connection: nothing to do here but to read."""
    desk.title(_('Выезд закончен без подключения'), desk.card.reason)
    desk.client()
