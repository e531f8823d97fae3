"""/application/{token}: where an application is now, by a secret link; and the page that confirms a new one."""

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.form_body import read_form
from components.i18n import _, error_text, long_date, moment, money, plural
from components.redirect import see_other
from components.shell import frame_for
from components.templating import render
from models.application import ApplicationStatus
from pages.errors import error_page
from pages.public.constructor import address_of
from services.applications import tracker
from services.applications.tracker import UNLOCKED_FOR, Stage, StageView, TrackerView
from services.errors import DomainError, NotFound
from services.runner import call
from services.settings import get_settings

COOKIE = 'tracker'


def register(app: FastAPI) -> None:
    """Add the pages of the secret link."""
    app.add_api_route('/application/{token}', show, methods=['GET'], include_in_schema=False)
    app.add_api_route('/application/{token}', unlock, methods=['POST'], include_in_schema=False)
    app.add_api_route('/application/{token}/sent', sent, methods=['GET'], include_in_schema=False)
    app.add_api_route('/application/{token}/state', state, methods=['GET'], include_in_schema=False)


async def show(request: Request, token: str) -> Response:
    """Ask for the code, or show the state to whoever gave it."""
    return await _page(request, token)


async def unlock(request: Request, token: str) -> Response:
    """Check the last four digits of the phone and open the page for two hours."""
    sent_fields = await read_form(request) or {}
    try:
        given = await call(tracker.unlock, token, sent_fields.get('code', ''), address=address_of(request))
    except NotFound:
        return await error_page(request, 404)
    except DomainError as error:
        return await _page(request, token, error=error)
    response = see_other(f'/application/{token}')
    response.set_cookie(
        COOKIE,
        given,
        max_age=int(UNLOCKED_FOR.total_seconds()),
        path=f'/application/{token}',
        httponly=True,
        secure=get_settings().is_https,
        samesite='lax',
    )
    return response


async def sent(request: Request, token: str) -> Response:
    """Confirm a new application: number, link, what happens next. A reload shows it again."""
    try:
        number = await call(tracker.number_of, token)
    except NotFound:
        return await error_page(request, 404)
    frame = await frame_for(request, title=_('Заявка принята'))
    link = f'/application/{token}'
    stages = [
        {'title': _('Позвоним'), 'note': _('В течение двух рабочих часов: уточним адрес и пакет.'), 'state': 'now'},
        {
            'title': _('Договоримся о визите'),
            'note': _('Обычно в ближайшие 5 рабочих дней, в удобные два часа.'),
            'state': 'next',
        },
        {
            'title': _('Подключим'),
            'note': _('Мастер всё настроит и привезёт договор в двух экземплярах. После подписи — доступ в кабинет.'),
            'state': 'next',
        },
    ]
    full = f'{get_settings().url}{link}'
    page = render('application_sent.html', frame=frame, number=number, link=link, full_link=full, stages=stages)
    return HTMLResponse(page)


async def state(request: Request, token: str) -> Response:
    """Answer with a mark that differs when the page would; 403 when the code has to be given again."""
    try:
        view = await call(tracker.view, token, request.cookies.get(COOKIE))
    except NotFound:
        return JSONResponse({}, status_code=404)
    return JSONResponse({'state': view.state}) if view else JSONResponse({}, status_code=403)


async def _page(request: Request, token: str, *, error: DomainError | None = None) -> Response:
    try:
        view = None if error else await call(tracker.view, token, request.cookies.get(COOKIE))
        number = await call(tracker.number_of, token)
    except NotFound:
        return await error_page(request, 404)
    frame = await frame_for(request, title=_('Заявка № {number}').format(number=number))
    shown: dict[str, object] = (
        {'stages': _stages(view), 'rows': _rows(view), 'headline': _headline(view)} if view else {}
    )
    page = render(
        'tracker.html',
        frame=frame,
        number=number,
        view=view,
        action=f'/application/{token}',
        error=error_text(error) if error else '',
        **shown,
    )
    return HTMLResponse(page, status_code=error.status if error else 200)


def _rows(view: TrackerView) -> list[tuple[str, str]]:
    price = money(view.monthly)
    if view.monthly != view.monthly_later:
        months = plural(view.promo_months, _('месяц'), _('месяца'), _('месяцев'))
        price = _('{now} — {months}, дальше {later}').format(
            now=money(view.monthly), months=months, later=money(view.monthly_later)
        )
    rows = [
        (_('Адрес'), view.address),
        (_('В месяц'), price),
        (_('При подключении'), money(view.once)),
        (_('Цена закреплена до'), long_date(view.price_until)),
    ]
    return [*rows, (_('Оператор'), view.operator)] if view.operator else rows


def _slot(view: TrackerView) -> str:
    if view.visit_day is None or view.visit_hour is None:
        return ''
    return _('{day}, с {start}:00 до {end}:00').format(
        day=long_date(view.visit_day), start=view.visit_hour, end=view.visit_hour + 2
    )


def _headline(view: TrackerView) -> str:
    slot = _slot(view)
    words = {
        ApplicationStatus.NEW: _('Скоро позвоним.'),
        ApplicationStatus.IN_REVIEW: _('Оператор уже смотрит вашу заявку.'),
        ApplicationStatus.ACTIVATED: _('Вы подключены. Доступ в личный кабинет — на карточке от мастера.'),
        ApplicationStatus.EN_ROUTE: _('Мастер едет к вам.'),
        ApplicationStatus.INSTALLING: _('Мастер на месте и подключает.'),
        ApplicationStatus.CONTRACT_SIGNING: _('Осталось подписать договор.'),
        ApplicationStatus.REJECTED: _('Подключить не получилось.'),
        ApplicationStatus.CANCELLED: _('Заявка отменена.'),
        ApplicationStatus.NO_ANSWER: _('Мы звонили и не дозвонились. Перезвоните нам, пожалуйста.'),
        ApplicationStatus.NOT_FEASIBLE: _('В вашем доме пока нет нашей линии: ищем, чем заменить.'),
        ApplicationStatus.WAITLIST: _('Вы в листе ожидания: напишем, когда дом будет подключён.'),
    }
    if view.status in words:
        return words[view.status]
    return _('Мастер приедет {slot}.').format(slot=slot) if slot else _('Всё идёт по плану.')


def _stages(view: TrackerView) -> list[dict[str, str]]:
    return [
        {
            'title': _title(row, view),
            'note': moment(row.done_at) if row.done_at else _note(row, view),
            'state': 'now' if row.is_present else 'done' if row.done_at else 'next',
        }
        for row in view.stages
    ]


def _title(row: StageView, view: TrackerView) -> str:
    titles = {
        Stage.RECEIVED: _('Заявка получена'),
        Stage.AGREED: _('Согласовали') if row.done_at else _('Согласуем'),
        Stage.SCHEDULED: _('Назначен выезд') if row.done_at or view.visit_day else _('Назначаем выезд'),
        Stage.VISIT: _('Мастер в пути'),
        Stage.CONNECTED: _('Подключено'),
    }
    if row.stage == Stage.VISIT and view.status != ApplicationStatus.EN_ROUTE:
        return _('Подключение') if row.is_present else titles[Stage.VISIT]
    return titles[row.stage]


def _note(row: StageView, view: TrackerView) -> str:
    if row.stage == Stage.SCHEDULED and (slot := _slot(view)):
        return slot
    if not row.is_present:
        return ''
    notes = {
        Stage.AGREED: _('Оператор позвонит в течение двух рабочих часов: уточнит адрес и пакет.'),
        Stage.SCHEDULED: _('Оператор позвонит, чтобы выбрать удобные два часа.'),
        Stage.VISIT: _('Подключение занимает около часа.'),
        Stage.CONNECTED: '',
        Stage.RECEIVED: '',
    }
    return notes[row.stage]
