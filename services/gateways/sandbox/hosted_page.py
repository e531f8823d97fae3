"""The page where the customer types a card, the bank's page for the code, and the ways back to the shop.

The token in the address is the capability; no cookie is used. No script at all: the site's policy forbids inline ones.
"""

import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.gateways.sandbox import payments
from services.gateways.sandbox.card_form import CardForm, read_form
from services.gateways.sandbox.cards import CHALLENGE_CODE, RUSSIAN_REASONS, TEST_CARDS, find_test_card
from services.gateways.sandbox.desk import Desk
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.tokens import find_checkout, find_transaction, latest_attempt
from services.gateways.sandbox.ways_back import cancel_address, way_back

_HERE = Path(__file__).parent
_HEADERS = {'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin', 'X-Content-Type-Options': 'nosniff'}
_SECRET_SIZE = 16
_MAX_FORM = 16 * 1024


def page_routes(desk: Desk) -> list[Route]:
    """Return the routes of the hosted page."""
    pages = _Pages(desk)
    return [
        Route('/widget/hpp.html', pages.show, methods=['GET']),
        Route('/widget/pay', pages.pay, methods=['POST']),
        Route('/widget/cancel', pages.cancel, methods=['POST']),
        Route('/widget/hpp.css', pages.style, methods=['GET']),
        Route('/process/{uid}', pages.challenge, methods=['GET']),
        Route('/process/{uid}', pages.answer_challenge, methods=['POST']),
        Route('/customer/transactions/{uid}', pages.receipt, methods=['GET']),
    ]


class Templates:
    """The gateway's own pages."""

    def __init__(self) -> None:
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / 'templates'), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._pages.filters['money'] = _money

    def page(self, name: str, status: int, **values: Any) -> Response:
        """Return a page that nobody keeps."""
        return HTMLResponse(self._pages.get_template(name).render(values), status_code=status, headers=_HEADERS)


class _Pages:
    """The endpoints; every one reads the books afresh."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._templates = desk, Templates()
        self._css = (_HERE / 'templates' / 'hpp.css').read_text(encoding='utf-8')

    async def style(self, _request: Request) -> Response:
        return Response(self._css, media_type='text/css', headers={'Cache-Control': 'max-age=300'})

    async def show(self, request: Request) -> Response:
        """The card form, or what can still be said about a token that cannot be paid."""
        checkout, attempt = await self._look(request.query_params.get('token', ''))
        if checkout is None:
            return self._message('Такой оплаты нет', 'Вернитесь в магазин и начните оплату ещё раз.', status=404)
        if checkout['state'] != 'open':
            return self._closed(checkout, attempt)
        if attempt is not None and attempt['status'] == 'incomplete':
            return see(f'../process/{attempt["uid"]}')
        chosen = find_test_card(request.query_params.get('card', ''))
        form = CardForm(secrets.token_urlsafe(_SECRET_SIZE), is_kept=_is_preset(checkout))
        if chosen:
            form.number, form.expiry, form.holder = chosen.spaced, '12/30', 'IVAN PETROV'
        return self._form(checkout, attempt, form)

    async def pay(self, request: Request) -> Response:
        """Try the card; then the bank's page, the same page again, or back to the shop."""
        typed = await read_typed(request)
        token, form = typed.get('token', ''), read_form(typed, self._desk.setting.config.now())
        form.form_key = form.form_key or secrets.token_urlsafe(_SECRET_SIZE)
        checkout, attempt = await self._look(token)
        if checkout is None or checkout['state'] != 'open':
            return see(f'hpp.html?{urlencode({"token": token[:64]})}')
        if form.errors or form.card is None:
            return self._form(checkout, attempt, form, status=422)
        paid = await self._desk.run(
            payments.pay, token, form.card, form.form_key, expiry=form.term, is_kept=form.is_kept
        )
        return await self._after(token, paid)

    async def cancel(self, request: Request) -> Response:
        """Back to the shop. The token stays open until its time is over: bePaid has no call that closes one."""
        token = (await read_typed(request)).get('token', '')
        checkout, _ = await self._look(token)
        if checkout is None or checkout['state'] != 'open':
            return see(f'hpp.html?{urlencode({"token": token[:64]})}')
        back = cancel_address(checkout)
        return see(back) if back else self._message('Оплата отменена', 'Деньги не списаны. Страницу можно закрыть.')

    async def challenge(self, request: Request) -> Response:
        """The page of the pretended bank."""
        row = await self._desk.run(_transaction, request.path_params['uid'])
        if row is None or row['token'] is None:
            return self._message('Такой оплаты нет', 'Вернитесь в магазин и начните оплату ещё раз.', status=404)
        if row['status'] != 'incomplete':
            return await self._after(row['token'], row)
        return self._challenge(row)

    async def answer_challenge(self, request: Request) -> Response:
        """Take the code, or the refusal."""
        typed = await read_typed(request)
        code = None if 'refuse' in typed else typed.get('code', '').strip()[:20]
        uid = request.path_params['uid']
        came = await self._desk.run(payments.answer_challenge, uid, code)
        row = await self._desk.run(_transaction, uid)
        if row is None or row['token'] is None:
            return self._message('Такой оплаты нет', 'Вернитесь в магазин и начните оплату ещё раз.', status=404)
        if came is payments.ChallengeAnswer.WRONG_CODE:
            return self._challenge(row, wrong=True, status=422)
        return await self._after(row['token'], row)

    async def receipt(self, request: Request) -> Response:
        """What the payment was, for whoever has its uid."""
        row = await self._desk.run(_transaction, request.path_params['uid'])
        if row is None or row['status'] != 'successful':
            return self._message('Такого чека нет', 'Проверьте адрес страницы.', status=404)
        return self._render('receipt.html', 200, transaction=row, paid_at=row['paid_at'])

    async def _look(self, token: str) -> tuple[sqlite3.Row | None, sqlite3.Row | None]:
        return await self._desk.run(_checkout_and_attempt, token)

    async def _after(self, token: str, row: sqlite3.Row | None) -> Response:
        """Where the customer goes once an attempt is in the state of `row`."""
        hosted_page = f'../widget/hpp.html?{urlencode({"token": token})}'
        if row is None:
            return see(hosted_page)
        if row['status'] == 'incomplete':
            return see(f'../process/{row["uid"]}')
        if await self._desk.run(_webhook_goes_first):
            await self._desk.wait_for_webhook(row['uid'])
        checkout, _ = await self._look(token)
        if checkout is None or checkout['state'] == 'open':
            return see(hosted_page)
        back = way_back(checkout, row)
        at_once = json.loads(checkout['request'])['settings'].get('auto_return') is not None
        return see(back) if back and at_once else see(hosted_page)

    def _form(
        self, checkout: sqlite3.Row, attempt: sqlite3.Row | None, form: CardForm, *, status: int = 200
    ) -> Response:
        return self._render(
            'hpp.html',
            status,
            checkout=checkout,
            order=json.loads(checkout['request'])['order'],
            form=form,
            cards=[card for card in TEST_CARDS if card.note],
            declined=RUSSIAN_REASONS.get(attempt['code']) if attempt else None,
            back=way_back(checkout, attempt) if attempt else None,
            may_keep=payments.may_keep(checkout),
        )

    def _challenge(self, row: sqlite3.Row, *, wrong: bool = False, status: int = 200) -> Response:
        return self._render('challenge.html', status, transaction=row, wrong=wrong, code=CHALLENGE_CODE)

    def _closed(self, checkout: sqlite3.Row, attempt: sqlite3.Row | None) -> Response:
        back = way_back(checkout, attempt)
        if checkout['state'] == 'expired':
            return self._message('Время на оплату вышло', 'Деньги не списаны. Начните оплату ещё раз.', back)
        if attempt is not None and attempt['status'] == 'successful':
            return self._message('Оплата прошла', 'Второй раз платить не нужно.', back)
        return self._message('Оплата не прошла', 'Деньги не списаны. Попробуйте ещё раз или другой картой.', back)

    def _message(self, title: str, text: str, back: str | None = None, *, status: int = 200) -> Response:
        return self._render('message.html', status, title=title, text=text, back=back)

    def _render(self, name: str, status: int, **values: Any) -> Response:
        return self._templates.page(name, status, **values)


async def read_typed(request: Request) -> dict[str, str]:
    """Return the text fields of a posted form of a sane size."""
    length = request.headers.get('content-length', '')
    if not length.isdigit() or int(length) > _MAX_FORM:
        raise HTTPException(413)
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _transaction(setting: Setting, uid: str) -> sqlite3.Row | None:
    with setting.store.work() as db:
        return find_transaction(db, uid)


def _checkout_and_attempt(setting: Setting, token: str) -> tuple[sqlite3.Row | None, sqlite3.Row | None]:
    with setting.store.work() as db:
        return find_checkout(setting, db, token), latest_attempt(db, token)


def _webhook_goes_first(setting: Setting) -> bool:
    with setting.store.work() as db:
        return take_fault(db, Fault.WEBHOOK_BEFORE_RETURN) is not None


def _is_preset(checkout: sqlite3.Row) -> bool:
    """Whether the shop has already asked the payer, who agreed."""
    toggle = json.loads(checkout['request'])['settings'].get('save_card_toggle')
    return isinstance(toggle, dict) and toggle.get('customer_contract') is True


def see(address: str) -> Response:
    """Lead the customer on."""
    return RedirectResponse(address, status_code=303, headers=_HEADERS)


def _money(minor: int) -> str:
    """Return minor units as on a Belarusian receipt: 1 229,90."""
    whole, rest = divmod(minor, 100)
    return f'{whole:,}'.replace(',', '\u00a0') + f',{rest:02d}'
