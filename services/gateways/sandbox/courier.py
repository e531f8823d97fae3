"""The thread that sends webhooks and closes checkouts whose time is over."""

import logging
import sqlite3
import threading
from datetime import timedelta

from services.gateways.outbound import NoAnswer, NotSent, Outbound
from services.gateways.sandbox.deliveries import Delivery, claim_due, next_due, note_answer, was_tried
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.tokens import close_expired

log = logging.getLogger(__name__)

_LONGEST_NAP = timedelta(seconds=5)  # another process, or a clock that was moved, may have made work for us


class Courier:
    """A daemon thread of the sandbox's own, so that the site's threads never wait for it. Starts when first needed."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._bell = threading.Event()
        self._news = threading.Condition()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def wake(self) -> None:
        """Look for work now; starts the thread if it does not run yet."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name='sandbox-courier', daemon=True)
                self._thread.start()
        self._bell.set()

    def close(self) -> None:
        """Stop after the webhook being sent."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._bell.set()
        if thread:
            thread.join()

    def wait_until_tried(self, about: str, seconds: float) -> bool:
        """Block until the webhooks about this uid have been sent once; False if that takes too long."""
        self.wake()
        with self._news:
            return self._news.wait_for(lambda: was_tried(self._setting, about), timeout=seconds)

    def _run(self) -> None:
        config = self._setting.config
        auth, seconds = (config.shop_id, config.secret_key), config.webhook_timeout
        with Outbound(config.site_url, config.public_url, auth=auth, connect=seconds, answer=seconds) as way:
            while True:
                self._bell.clear()
                if self._closed:
                    return
                try:
                    nap = self._work(way)
                except sqlite3.Error:
                    log.exception('The sandbox gateway cannot use its books')
                    nap = _LONGEST_NAP.total_seconds()
                self._bell.wait(nap)

    def _work(self, way: Outbound) -> float:
        """Do what is due; return the seconds until there may be more."""
        close_expired(self._setting)
        while not self._closed and (job := claim_due(self._setting)):
            self._send(way, job)
        return self._nap()

    def _nap(self) -> float:
        due = next_due(self._setting)
        if due is None:
            return _LONGEST_NAP.total_seconds()
        left = due - self._setting.config.now()
        return max(min(left, _LONGEST_NAP), timedelta(milliseconds=20)).total_seconds()

    def _send(self, way: Outbound, job: Delivery) -> None:
        headers = {'Content-Type': 'application/json', 'Content-Signature': job.signature}
        try:
            answer = str(way.request('POST', job.url, content=job.body, headers=headers).status)
        except (NotSent, NoAnswer) as error:
            answer = str(error)
        note_answer(self._setting, job.number, answer)
        with self._news:
            self._news.notify_all()
