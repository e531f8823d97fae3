"""The front page of the sandbox: switches of the faults, and what became of its webhooks."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.gateways.sandbox.desk import Desk
from services.gateways.sandbox.faults import Fault, list_faults, set_fault, waits
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import stamp

WORDS = {
    Fault.DUPLICATE: ('Уведомление дважды', 'Магазин получит одно и то же уведомление два раза.'),
    Fault.LATE: ('Уведомление с опозданием', 'Придёт через столько секунд, сколько задано.'),
    Fault.OUT_OF_ORDER: (
        'Уведомления не по порядку',
        'Первое уведомление пропустит вперёд следующее. Откажите одной картой, потом оплатите другой.',
    ),
    Fault.WRONG_SIGNATURE: ('Неверная подпись', 'Уведомление подписано не теми байтами.'),
    Fault.WEBHOOK_WRONG_AMOUNT: (
        'Неверная сумма в уведомлении',
        'Подпись верна, сумма другая. На запрос банк ответит правду.',
    ),
    Fault.WRONG_AMOUNT: ('Другая сумма платежа', 'Списана не та сумма: так говорят и уведомление, и ответ на запрос.'),
    Fault.FLIPPED_TEST: ('Чужой признак теста', 'Тестовый платёж назван настоящим.'),
    Fault.CREATE_500: ('Ошибка 500 при начале оплаты', 'Страница оплаты создана, но магазин узнаёт только об ошибке.'),
    Fault.CREATE_TIMEOUT: (
        'Молчание при начале оплаты',
        'Страница оплаты создана, а ответа нет столько секунд, сколько задано.',
    ),
    Fault.WEBHOOK_BEFORE_RETURN: (
        'Уведомление раньше возврата',
        'Покупатель вернётся в магазин, когда уведомление уже доставлено.',
    ),
    Fault.NO_WEBHOOK: ('Уведомления нет', 'Магазин должен спросить банк сам.'),
    Fault.SAVED_DECLINED: ('Отказ по сохранённой карте', 'Банк не проведёт следующую оплату сохранённой картой.'),
    Fault.CARD_DELETED: ('Сохранённая карта удалена', 'Банк забудет карту до следующей оплаты ею.'),
}
"""What each switch is called here, and what it does."""
_SHOWN = 20
_MAX_FORM = 4096
_HERE = Path(__file__).parent
_HEADERS = {'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin', 'X-Content-Type-Options': 'nosniff'}


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault as the page shows it; `left` occasions, 0 = off; `seconds` None where there is nothing to wait for."""

    name: str
    title: str
    text: str
    left: int
    seconds: float | None


def switch_routes(desk: Desk) -> list[Route]:
    """Return the routes of the page and of its forms."""
    board = _Board(desk)
    return [
        Route('/', board.show, methods=['GET']),
        Route('/switch', board.switch, methods=['POST']),
    ]


class _Board:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / 'templates'), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )

    async def show(self, _request: Request) -> Response:
        """Show all switches and the last webhooks."""
        return await self._page()

    async def switch(self, request: Request) -> Response:
        """Turn a switch on or off, or all of them off; a form of a foreign page is refused."""
        if not _is_own_form(request):
            raise HTTPException(403)
        length = request.headers.get('content-length', '')
        if not length.isdigit() or int(length) > _MAX_FORM:
            raise HTTPException(413)
        async with request.form(max_files=0, max_fields=5) as form:
            order = _order({name: value for name, value in form.items() if isinstance(value, str)})
        wrong = await self._desk.run(_obey, order)
        if wrong:
            return await self._page('Число раз: от 0 до 86400. Секунды: от 0 до 86400.', status=422)
        return RedirectResponse('./', status_code=303, headers=_HEADERS)

    async def _page(self, problem: str = '', *, status: int = 200) -> Response:
        switches, webhooks = await self._desk.run(_look)
        page = self._templates.get_template('switches.html').render(
            switches=switches,
            webhooks=webhooks,
            problem=problem,
            is_on=any(each.left for each in switches),
            scale=self._desk.setting.config.time_scale,
        )
        return HTMLResponse(page, status_code=status, headers=_HEADERS)


def _is_own_form(request: Request) -> bool:
    """Tell whether a form was sent by this page: browsers say whose it is; a program may leave both words out."""
    origin, site = request.headers.get('origin'), request.headers.get('sec-fetch-site', 'none')
    if origin is not None and origin != 'null' and urlsplit(origin).netloc != request.headers.get('host'):
        return False
    return site in {'same-origin', 'none'}


def _order(typed: dict[str, str]) -> dict[str, Any]:
    """Return the order in the words of `set_fault`; what is no number stays text and is refused there."""
    if 'clear' in typed:
        return {'clear': True}
    name, times = typed.get('name', ''), typed.get('times', '1').strip()
    order: dict[str, Any] = {'name': name, 'times': int(times) if times.isdecimal() else times}
    seconds = typed.get('seconds', '').strip()
    if seconds:
        order['seconds'] = int(seconds) if seconds.isdecimal() else seconds
    return order


def _obey(setting: Setting, order: dict[str, Any]) -> str | None:
    with setting.store.work() as db:
        return set_fault(db, order)


def _look(setting: Setting) -> tuple[list[Switch], list[dict[str, str]]]:
    with setting.store.work() as db:
        on = {row['name']: row for row in list_faults(db)}
        rows = db.execute('SELECT * FROM deliveries ORDER BY number DESC LIMIT ?', (_SHOWN,)).fetchall()
    switches = [
        Switch(
            name,
            *WORDS[name],
            left=on[name]['times'] if name in on else 0,
            seconds=on[name]['seconds'] if name in on and waits(name) is not None else waits(name),
        )
        for name in Fault
    ]
    return switches, [_webhook(row, stamp(setting.config.now())) for row in rows]


def _webhook(row: sqlite3.Row, now: str) -> dict[str, str]:
    """Return what became of one webhook, in words."""
    if row['last_answer'] == '200':
        state = 'принято'
    elif row['due_at'] is None:
        state = 'не принято, попытки кончились'
    elif row['attempts']:
        state = f'ответ {row["last_answer"]}, попытка {row["attempts"]}, ещё раз в {row["due_at"][11:19]} UTC'
    else:
        state = 'отправляется' if row['due_at'] <= now else f'уйдёт в {row["due_at"][11:19]} UTC'
    kind = 'о платеже' if row['schedule'] == 'card' else 'время вышло'
    return {'about': row['about'][:8], 'kind': kind, 'state': state}
