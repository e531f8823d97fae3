"""/application/{token}: where an application is now, by a secret link; and the page that confirms a new one.

The link of a letter has the key in its address, once: it is exchanged for a cookie, and from there on the address is
/application/{number}.
"""

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.form_body import read_form
from components.i18n import _, error_text, long_date, moment, money, plural
from components.redirect import see_other
from components.shell import frame_for
from components.templating import render
from components.tracker_cookie import held_key, hold_key
from components.tracker_visit import slot_words, visit_facts
from models.application import ApplicationStatus
from pages.errors import error_page
from pages.public.constructor import address_of
from services.applications import tracker
from services.applications.tracker import Stage, StageView, TrackerView
from services.errors import DomainError, NotFound
from services.runner import call
from services.settings import get_settings
from services.visits import client_visits

PATH = '/application'


def register(app: FastAPI) -> None:
    """Add the pages of the secret link."""
    app.add_api_route(f'{PATH}/{{token}}', show, methods=['GET'], include_in_schema=False)
    app.add_api_route(f'{PATH}/{{token}}', unlock, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/{{number}}/sent', sent, methods=['GET'], include_in_schema=False)
    app.add_api_route(f'{PATH}/{{number}}/state', state, methods=['GET'], include_in_schema=False)


async def show(request: Request, token: str) -> Response:
    """Take the key out of the address; then ask for the code, or show the state to whoever gave it."""
    if _is_number(token):
        return await _page(request, token)
    try:
        number = await call(tracker.number_of, token)
    except NotFound:
        return await error_page(request, 404)
    key, unlocked = held_key(request)
    return hold_key(see_other(f'{PATH}/{number}'), token, unlocked if key == token else '')


async def unlock(request: Request, token: str) -> Response:
    """Check the last four digits of the phone and open the page for two hours."""
    sent_fields = await read_form(request) or {}
    try:
        key = await held_for(request, token) if _is_number(token) else token
        number = await call(tracker.number_of, key)
    except NotFound:
        return await without_key(request) if _is_number(token) else await error_page(request, 404)
    try:
        given = await call(tracker.unlock, key, sent_fields.get('code', ''), address=address_of(request))
    except DomainError as error:
        return hold_key(await drawn(request, key, error=error), key)
    return hold_key(see_other(f'{PATH}/{number}'), key, given)


async def sent(request: Request, number: str) -> Response:
    """Confirm a new application: number, link, what happens next. A reload shows it again."""
    try:
        key = await held_for(request, number)
    except NotFound:
        return await without_key(request)
    frame = await frame_for(request, title=_('Заявка принята'))
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
    link, full_link = f'{PATH}/{number}', f'{get_settings().url}{PATH}/{key}'
    page = render('application_sent.html', frame=frame, number=number, link=link, full_link=full_link, stages=stages)
    return HTMLResponse(page)


async def state(request: Request, number: str) -> Response:
    """Answer with a mark that differs when the page would; 403 when the code has to be given again."""
    try:
        view = await call(tracker.view, await held_for(request, number), held_key(request)[1])
    except NotFound:
        return JSONResponse({}, status_code=404)
    return JSONResponse({'state': view.state}) if view else JSONResponse({}, status_code=403)


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdigit()


async def held_for(request: Request, number: str) -> str:
    """Return the key a browser holds, if it is the one of this application.

    Raises:
        NotFound: it holds none, or another.
    """
    key, _unlocked = held_key(request)
    if await call(tracker.number_of, key) != number:
        raise NotFound
    return key


async def without_key(request: Request) -> Response:
    """Say how to get here; the same for every number, whether there is such an application or not."""
    title = _('Откройте заявку по ссылке')
    page = render(
        'told_page.html',
        frame=await frame_for(request, title=title),
        title=title,
        text=_('Ссылка — в письме или SMS, которое пришло после заявки. Без неё мы не узнаем, что это вы.'),
        link='/',
        link_text=_('На главную'),
    )
    return HTMLResponse(page, status_code=404)


async def _page(request: Request, number: str) -> Response:
    try:
        return await drawn(request, await held_for(request, number))
    except NotFound:
        return await without_key(request)


async def drawn(
    request: Request, key: str, *, error: DomainError | None = None, visit_error: DomainError | None = None
) -> Response:
    """Draw the page: what its pass opens, or the question for the digits.

    Args:
        error: what was wrong with the digits.
        visit_error: why what was asked for the visit was not done; without a good pass it stands at the digits.
    """
    unlocked = held_key(request)[1]
    view, wrong = None if error else await call(tracker.view, key, unlocked), error or visit_error
    number = await call(tracker.number_of, key)
    frame = await frame_for(request, title=_('Заявка № {number}').format(number=number))
    shown: dict[str, object] = {}
    if view:
        desk = await call(client_visits.look, key, unlocked)
        shown = {'stages': _stages(view), 'rows': _rows(view), 'headline': _headline(view), **visit_facts(view, desk)}
    page = render(
        'tracker.html',
        frame=frame,
        number=number,
        view=view,
        action=f'{PATH}/{number}',
        error=error_text(wrong) if wrong and not view else '',
        visit_error=error_text(visit_error) if visit_error else '',
        **shown,
    )
    return HTMLResponse(page, status_code=wrong.status if wrong else 200)


def _rows(view: TrackerView) -> list[tuple[str, str]]:
    price = money(view.monthly)
    if view.monthly != view.monthly_later:
        months = plural(view.promo_months, 'месяц', 'месяца', 'месяцев')
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


def _headline(view: TrackerView) -> str:
    slot = slot_words(view)
    words = {
        ApplicationStatus.NEW: _('Скоро позвоним.'),
        ApplicationStatus.IN_REVIEW: _('Оператор уже смотрит вашу заявку.'),
        ApplicationStatus.CONFIRMED: _('Всё согласовано. Выберите, когда к вам приехать.'),
        ApplicationStatus.RESCHEDULED: _('Выберите другое время визита.'),
        ApplicationStatus.ACTIVATED: _('Вы подключены. Доступ в личный кабинет — на карточке от мастера.'),
        ApplicationStatus.EN_ROUTE: _('Мастер уже едет к вам.'),
        ApplicationStatus.INSTALLING: _('Мастер на месте и подключает.'),
        ApplicationStatus.CONTRACT_SIGNING: _('Осталось подписать договор.'),
        ApplicationStatus.REJECTED: _('Подключить не получилось.'),
        ApplicationStatus.CANCELLED: _('Заявка отменена.'),
        ApplicationStatus.FEASIBILITY_CHECK: _('Проверяем линию в вашем доме.'),
        ApplicationStatus.SURVEY: _('Проверяем линию в вашем доме.'),
        ApplicationStatus.NO_ACCESS: _('Мастер приезжал и не застал вас. Позвоните нам, подберём другое время.'),
        ApplicationStatus.FAILED: _('Подключить с первого раза не вышло. Позвоним и договоримся о новом визите.'),
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
        Stage.VISIT: _('Мастер уже едет') if view.status == ApplicationStatus.EN_ROUTE else _('Мастер в пути'),
        Stage.CONNECTED: _('Подключено'),
    }
    if row.stage == Stage.VISIT and view.status != ApplicationStatus.EN_ROUTE:
        return _('Подключение') if row.is_present else titles[Stage.VISIT]
    return titles[row.stage]


def _note(row: StageView, view: TrackerView) -> str:
    if row.stage == Stage.SCHEDULED and (slot := slot_words(view)):
        return slot
    if not row.is_present:
        return ''
    if row.stage == Stage.VISIT:
        return _('Подключение занимает около часа.')
    if view.status in {ApplicationStatus.NEW, ApplicationStatus.IN_REVIEW}:
        return _('Оператор позвонит в течение двух рабочих часов: уточнит адрес и пакет.')
    if view.status in client_visits.MAY_CHOOSE:
        return _('Выберите ниже удобные два часа. Или оператор позвонит и подберёт их с вами.')
    return ''
