"""The demo as people run it: `python main.py` as a process of its own, on a free port, with a folder of its own."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120
"""Seconds the first start may take: it fills the demo, and a busy machine has other work."""
COMPLAINT = re.compile(r'Traceback|\bERROR\b|\[error\b|\[critical\b')
COLOURS = re.compile(r'\x1b\[[0-9;]*m')
BELOW_THE_SYSTEMS_OWN = range(20_000, 32_000)
PASSWORD = 'amigo-demo-2026'


@dataclass(frozen=True)
class Server:
    """Where it answers, and what it wrote."""

    url: str
    folder: Path
    log: Path
    pid: int

    def memory(self) -> float:
        """Return how much memory the process holds, in megabytes."""
        status = Path(f'/proc/{self.pid}/status').read_text(encoding='ascii')
        return int(re.search(r'VmRSS:\s+(\d+) kB', status)[1]) / 1024

    def complaints(self) -> list[str]:
        """Return what no healthy server writes: each line of the log that complains, and what follows it."""
        text = COLOURS.sub('', self.log.read_text(encoding='utf-8', errors='replace'))
        lines = text.splitlines()
        bad = [number for number, line in enumerate(lines) if COMPLAINT.search(line)]
        return ['\n'.join(lines[number : number + 60]) for number in bad]


@contextmanager
def running(folder: Path, program: Path = ROOT / 'main.py', **settings: str):
    """Start the demo in this folder, wait until it is ready, end it by its id.

    On the C library's allocator, as `make run` does.
    What pytest and NiceGUI's test kit leave in the environment is taken out: NiceGUI would believe it is under test.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(('PYTEST', 'NICEGUI', 'AMIGO_'))}
    wanted = {
        'DEMO': '1',
        'PORT': str(free_port()),
        'DATA_DIR': str(folder),
        'DEMO_CAPTCHA': '12345',
        'BCRYPT_ROUNDS': '4',
        **settings,
    }
    url = f'http://127.0.0.1:{wanted["PORT"]}'
    environment = {**kept, 'PYTHONMALLOC': 'malloc', **{f'AMIGO_{name}': value for name, value in wanted.items()}}
    log = folder / 'server.log'
    with log.open('w') as out:
        process = subprocess.Popen(
            [sys.executable, program], cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, url, log)
        yield Server(url, folder, log, process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)


def _wait(process, url, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f'{url}/readyz', timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f'The server did not become ready:\n{log.read_text(encoding="utf-8")}')


def free_port() -> int:
    """Return a port nobody listens on, from below those the system deals out.

    A port of the system's own choice could be dealt out again before the server takes it: to the demo's own mail server,
    or to anybody's outgoing connection.
    """
    while True:
        port = BELOW_THE_SYSTEMS_OWN.start + secrets.randbelow(len(BELOW_THE_SYSTEMS_OWN))
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return port
