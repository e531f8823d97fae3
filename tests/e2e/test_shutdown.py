"""The end of the process: what somebody has begun by a click is finished first."""

import os
import signal
import time
from pathlib import Path

import httpx

from tests import server

PROGRAM = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import main
from services import runner

def slow():
    Path('begun').touch()
    while not Path('go on').exists():
        time.sleep(0.02)
    Path('done').touch()

def click():
    runner.submit(slow)
    return 'ok'

main.app.add_api_route('/click', click)
main.serve()
"""


def test_a_service_that_runs_is_finished(tmp_path):
    program = tmp_path / 'slow.py'
    program.write_text(PROGRAM.format(root=str(server.ROOT)), encoding='utf-8')

    with server.running(tmp_path, program) as site:
        assert httpx.get(f'{site.url}/click').status_code == 200
        wait_for((tmp_path / 'begun').exists)
        os.kill(site.pid, signal.SIGTERM)
        assert not is_gone(site.pid, within=2)
        (tmp_path / 'go on').touch()
        wait_for((tmp_path / 'done').exists)
        assert is_gone(site.pid, within=10)


def is_gone(pid, within):
    until = time.monotonic() + within
    while Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()[0] != 'Z':
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def wait_for(what):
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)
