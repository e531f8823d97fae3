"""A process that has read the whole program and forks workers on demand: a worker begins at once and is killed at any instant.

python -m tests.crash.nursery DATABASE FOLDER [FAULT]; on its input `work WORKER FROM` or `bill YYYY-MM`, it answers with a pid.
"""

import os
import signal
import sys
from datetime import date
from pathlib import Path

from models.base import database, open_database
from models.contract import Contract
from services.accounts import billing_run
from services.authority import Actor
from tests.crash import calls, faults


def main(url, folder, fault=''):
    if fault:
        faults.apply(fault)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print('ready', flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(url, Path(folder), line.split())
        print(pid, flush=True)


def _child(url, folder, order):
    code = 1
    try:
        open_database(url, connections=2)
        with database.connection_context():
            if order[0] == 'bill':
                billing_run.run_month(date.fromisoformat(f'{order[1]}-01'))
            else:
                _work(folder, int(order[1]), int(order[2]))
        (folder / f'done-{os.getpid()}').touch()
        code = 0
    finally:
        os._exit(code)


def _work(folder, worker, begin):
    """Do one call after the other for ever; each answer stands in the file before the next call begins."""
    answers = os.open(folder / f'answers-{worker}', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    contracts = list(Contract.select().where(Contract.number.in_(calls.NUMBERS)))
    actors = {each.number: _actor(each) for each in contracts}
    k = begin
    while True:
        if calls.answers_first:
            os.write(answers, f'{k}\n'.encode())
        calls.perform(calls.call(worker, k), actors)
        if not calls.answers_first:
            os.write(answers, f'{k}\n'.encode())
        k += 1


def _actor(contract):
    role = frozenset({'subscriber'})
    user = contract.subscriber.user_id
    return Actor(user, '', 'subscriber', role, contract.id, contract.number)


if __name__ == '__main__':
    main(*sys.argv[1:])
