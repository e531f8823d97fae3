"""What the sandbox must be told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from services import clock


def _house_clock() -> datetime:
    return clock.now()


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One shop at the stand-in gateway.

    `public_url` is the address of the sandbox as browsers and the shop see it, without a slash at the end
    (`http://127.0.0.1:8080/demo/gateway`); webhooks go to its host or to that of `site_url`. `data_dir` gets
    `sandbox.db` and `sandbox-key.pem`. `time_scale` multiplies the pauses between webhook retries (1 = bePaid's own,
    hours in all). `now` gives aware times.
    """

    data_dir: Path
    public_url: str
    shop_id: str
    secret_key: str = field(repr=False)
    site_url: str = ''
    time_scale: float = 1.0
    webhook_timeout: float = 10.0
    now: Callable[[], datetime] = _house_clock
