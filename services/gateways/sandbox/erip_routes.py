"""The addresses of ERIP at the stand-in gateway: its API, and the page on which people pay as in a banking app."""

import re
import secrets
import sqlite3

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateways.sandbox import erip
from services.gateways.sandbox.api import answer, create_faults, read_json, shop_only
from services.gateways.sandbox.desk import Desk
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.hosted_page import Templates, read_typed, see
from services.gateways.sandbox.setting import Setting

_SUM = re.compile(r'[0-9]{1,5}(?:[.,][0-9]{1,2})?')
_NO_CLAIM = ('Такого счёта в ЕРИП нет', 'Проверьте номер лицевого счёта у того, кому платите.')


def erip_routes(desk: Desk) -> list[Route]:
    """Return the routes of ERIP."""
    pages = _Pages(desk)

    async def create(request: Request) -> Response:
        request_id = request.headers.get('RequestID', '')[:255] or None
        reply = await desk.run(erip.create, await read_json(request), request_id)
        return await create_faults(desk, request) or answer(reply)

    async def show(request: Request) -> Response:
        return answer(await desk.run(erip.show, request.path_params['uid']))

    async def cancel(request: Request) -> Response:
        return answer(await desk.run(erip.cancel, request.path_params['uid']))

    one = '/beyag/payments/{uid}'
    return [
        Route('/beyag/payments', shop_only(desk, create), methods=['POST']),
        Route(one, shop_only(desk, show), methods=['GET']),
        Route(one, shop_only(desk, cancel), methods=['DELETE']),
        Route('/erip/receipts/{uid}', pages.receipt, methods=['GET']),
        Route('/erip/{uid}', pages.show, methods=['GET']),
        Route('/erip/{uid}', pages.post, methods=['POST']),
    ]


class _Pages:
    """The pretended banking app; every step reads the books afresh."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._templates = desk, Templates()

    async def show(self, request: Request) -> Response:
        """What the account is about; nobody is kept from paying by a look."""
        claim = await self._claim(request)
        if claim is None:
            return self._message(*_NO_CLAIM, status=404)
        return self._templates.page('erip.html', 200, claim=claim, lock='', typed='', wrong='')

    async def post(self, request: Request) -> Response:
        """Open the account, then pay it."""
        typed = await read_typed(request)
        claim = await self._claim(request)
        if claim is None:
            return self._message(*_NO_CLAIM, status=404)
        lock = typed.get('lock', '')[:64]
        if not lock:
            return await self._open(claim)
        amount = _kopecks(typed.get('amount', ''))
        if amount is None:
            wrong = 'Сумма от 0,01 до 5 000,00, например 20 или 20,50'
            shown = {'claim': claim, 'lock': lock, 'typed': typed.get('amount', '')[:16], 'wrong': wrong}
            return self._templates.page('erip.html', 422, **shown)
        uid = await self._desk.run(erip.pay, claim['uid'], lock, amount)
        if uid is None:
            return self._message(
                'Платёж уже отправлен', 'Или время вышло. Откройте счёт ещё раз, чтобы заплатить снова.'
            )
        if await self._desk.run(_webhook_goes_first):
            await self._desk.wait_for_webhook(uid)
        return see(f'receipts/{uid}')

    async def receipt(self, request: Request) -> Response:
        """What was paid, for whoever has the uid."""
        row = await self._desk.run(_payment, request.path_params['uid'])
        if row is None:
            return self._message('Такого чека нет', 'Проверьте адрес страницы.', status=404)
        return self._templates.page('erip_receipt.html', 200, payment=row)

    async def _open(self, claim: sqlite3.Row) -> Response:
        lock = secrets.token_urlsafe(16)
        if not await self._desk.run(erip.open_claim, claim['uid'], lock):
            return self._message('По этому счёту уже платят', 'Подождите полчаса и попробуйте ещё раз.')
        return self._templates.page('erip.html', 200, claim=claim, lock=lock, typed='20,00', wrong='')

    async def _claim(self, request: Request) -> sqlite3.Row | None:
        return await self._desk.run(_open_claim, request.path_params['uid'])

    def _message(self, title: str, text: str, *, status: int = 200) -> Response:
        return self._templates.page('message.html', status, title=title, text=text, back=None)


def _open_claim(setting: Setting, uid: str) -> sqlite3.Row | None:
    with setting.store.work() as db:
        claim = erip.find_claim(db, uid)
    return claim if claim is not None and claim['state'] == 'permanent' else None


def _payment(setting: Setting, uid: str) -> sqlite3.Row | None:
    query = 'SELECT p.*, c.account_number FROM erip_payments p JOIN claims c ON c.uid = p.claim WHERE p.uid = ?'
    with setting.store.work() as db:
        row: sqlite3.Row | None = db.execute(query, (uid,)).fetchone()
    return row


def _webhook_goes_first(setting: Setting) -> bool:
    with setting.store.work() as db:
        return take_fault(db, Fault.WEBHOOK_BEFORE_RETURN) is not None


def _kopecks(text: str) -> int | None:
    plain = ''.join(text.split())
    if not _SUM.fullmatch(plain):
        return None
    whole, _, part = plain.replace('.', ',').partition(',')
    amount = int(whole) * 100 + int(part.ljust(2, '0'))
    return amount if 0 < amount <= erip.MOST else None
