"""The sandbox behind a bad line: some questions never arrive, some answers never come back. Customers reach it well."""

import asyncio
import random
import socket
import threading
from collections import Counter
from contextlib import contextmanager

import uvicorn

from services.gateways.sandbox import SandboxConfig, create_sandbox, public_key_pem

SHOP, SECRET = '1673', 'secret-of-the-shop'
PATIENCE = 0.25
"""Seconds after which our side gives a question up: twenty, scaled. A slow bank is slower than that: thirty, scaled."""
SLOW = PATIENCE * 1.5
API = ('/ctp/', '/transactions/', '/v2/')
FATES = {'well': 60, 'down': 10, 'slow': 10, 'lost': 10, 'cut': 10}
"""Of a hundred questions: answered; refused at the door; answered too late; done, and the answer never comes; done, and
the line breaks in the middle of the answer."""


class BadLine:
    """An ASGI layer before the bank. `fates` is emptied when the weather clears."""

    def __init__(self, bank, seed):
        self.bank, self.chance, self.fates, self.seen = bank, random.Random(seed), dict(FATES), Counter()  # noqa: S311

    async def __call__(self, scope, receive, send):
        if scope['type'] != 'http' or not scope['path'].startswith(API):
            return await self.bank(scope, receive, send)
        fate = self.chance.choices([*self.fates], [*self.fates.values()])[0] if self.fates else 'well'
        self.seen[fate] += 1
        match fate:
            case 'well':
                return await self.bank(scope, receive, send)
            case 'down':
                return await _answer(send, 503, b'')
            case 'slow':
                await asyncio.sleep(SLOW)
                return await self.bank(scope, receive, send)
            case _:
                await self.bank(scope, receive, _nowhere)
                if fate == 'lost':
                    await asyncio.sleep(SLOW)
                return await _answer(send, 200, b'{', promised=1000)


async def _nowhere(_message):
    """Let an answer be lost."""


async def _answer(send, status, body, promised=0):
    length = str(promised or len(body)).encode()
    await send({'type': 'http.response.start', 'status': status, 'headers': [(b'content-length', length)]})
    await send({'type': 'http.response.body', 'body': body, 'more_body': bool(promised)})


@contextmanager
def unsure_bank(folder, hook_url, seed=1):
    """Run the bank; gives the layer, the application and its address."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        url = f'http://127.0.0.1:{listener.getsockname()[1]}'
        config = SandboxConfig(folder, url, SHOP, SECRET, site_url=hook_url, time_scale=0.01, webhook_timeout=2.0)
        app = create_sandbox(config)
        line = BadLine(app, seed)
        settings = uvicorn.Config(line, log_level='critical', lifespan='off', timeout_graceful_shutdown=1)
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield line, app, url, public_key_pem(config)
        finally:
            server.should_exit = True
            thread.join()
            app.state.desk.close()


def paid(app):
    """Return the bank's own truth: uid, tracking id and kopecks of every payment it took money for."""
    with app.state.desk.setting.store.work() as db:
        query = "SELECT uid, tracking_id, amount FROM transactions WHERE type = 'payment' AND status = 'successful'"
        return [tuple(row) for row in db.execute(query)]
