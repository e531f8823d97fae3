"""One running gateway as its routes see it: work goes to the gateway's own threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from services.gateways.sandbox.courier import Courier
from services.gateways.sandbox.setting import Setting

P = ParamSpec('P')
T = TypeVar('T')

_THREADS = 4


class Desk:
    """Runs blocking work and wakes the courier after it.

    The threads are the sandbox's own: it lives in the site's process, and a pool shared with callers that wait for
    its answers could be full of exactly those.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.courier = Courier(setting)
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix='sandbox')

    async def run(self, work: Callable[Concatenate[Setting, P], T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Run `work(setting, …)` in a thread; what it queued is sent at once."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, lambda: work(self.setting, *arguments, **keywords))
        finally:
            self.courier.wake()

    async def wait_for_webhook(self, uid: str) -> None:
        """Wait until the webhook about this uid was sent once, or would have been."""
        seconds = self.setting.config.webhook_timeout
        await asyncio.to_thread(self.courier.wait_until_tried, uid, seconds)

    def close(self) -> None:
        """Stop the courier and the threads."""
        self.courier.close()
        self._executor.shutdown()
