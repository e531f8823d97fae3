"""The real application with pages made to be attacked: things that must not be touched, and a count of what was."""

import functools
import sys
import threading
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from fastapi.routing import APIRoute  # noqa: E402 - the path stands first
from nicegui import Client, app, ui  # noqa: E402
from starlette.requests import Request  # noqa: E402

import main  # noqa: E402
from components import session  # noqa: E402
from components.guard import memory, slow  # noqa: E402
from components.guards import requires  # noqa: E402
from models.user import Role  # noqa: E402
from services.runner import call  # noqa: E402

hits: Counter[str] = Counter()
run_as_actor = session._as_actor


def counted(service, *rest):
    """Count what pages run for people, by name, and run it."""
    hits.update([f'service {service.__qualname__}'])
    return run_as_actor(service, *rest)


session._as_actor = counted


def trap(name):
    ui.button(name, on_click=lambda: hits.update([name]))


def traps():
    trap('open')
    with ui.card() as card:
        trap('hidden card')
    card.visible = False
    with ui.dialog(), ui.card():
        trap('closed dialog')
    with ui.tabs() as tabs:
        ui.tab('one')
        ui.tab('two')
    with ui.tab_panels(tabs, value='one'):
        with ui.tab_panel('one'):
            trap('this panel')
        with ui.tab_panel('two'):
            trap('other panel')
    with ui.element('fieldset').props('disabled'):
        trap('disabled fieldset')
    ui.button('disabled prop', on_click=lambda: hits.update(['disabled prop'])).props('disable')
    with ui.element('div').classes('hidden'):
        trap('hidden class')
    ui.button('disabled', on_click=lambda: hits.update(['disabled'])).disable()
    again = ui.button('enabled again', on_click=lambda: hits.update(['enabled again']))
    again.disable()
    again.enable()
    ui.input('text', on_change=lambda: hits.update(['text']))


@ui.page('/my/probe')
@requires(Role.SUBSCRIBER)
async def probe_page(said: str = ''):
    ui.label(said)
    traps()
    secret = ui.label('secret 0')
    ui.timer(0.1, lambda: secret.set_text(f'secret {hits.update(["push"]) or hits["push"]}'))


@ui.page('/probe-open')
async def open_probe_page():
    traps()


@ui.page('/my/probe-torrent')
@requires(Role.SUBSCRIBER)
async def torrent_page(most: int = 10**9):
    """Say 100 kB twenty times a second while less than `most` waits for the socket."""
    page = ui.context.client

    def pour():
        if all(line.queued < most for line in slow.lines if line.page is page):
            page.run_javascript(f'"{"я" * 100_000}"')

    ui.timer(0.05, pour)


@app.get('/probe/pages')
def probe_pages():
    """Which pages are there, and what NiceGUI remembers of tabs."""
    return {'pages': sorted(Client.instances), 'tabs': len(app.storage._tabs), 'lines': len(slow.lines)}


@app.get('/probe/hits')
def probe_hits():
    return dict(hits)


@app.get('/probe/weight')
def probe_weight():
    """What this process weighs: bytes of memory, open files."""
    pages = int(Path('/proc/self/statm').read_text().split()[1])
    return {'memory': pages * 4096, 'files': len(list(Path('/proc/self/fd').iterdir()))}


@app.get('/probe/settled')
def probe_settled():
    """The same when what nobody holds any more has been given back to the machine; and the threads."""
    memory.give_back()
    return {**probe_weight(), 'threads': threading.active_count()}


@app.get('/probe/hurry')
def probe_hurry():
    """Let a page go one second after its socket, not sixty: what is looked at is what stays."""
    app.config.reconnect_timeout = 1


@app.get('/probe/routes')
def probe_routes():
    """Every address of the house: its path, methods, and the names of what FastAPI reads for it."""
    return [
        {
            'path': route.path,
            'methods': sorted(route.methods),
            'query': [field.name for field in route.dependant.query_params],
            'form': [field.name for field in route.dependant.body_params],
        }
        for route in app.routes
        if isinstance(route, APIRoute) and not route.path.startswith(('/_nicegui', '/probe', '/my/probe'))
    ]


heard: dict[str, dict[str, object]] = {}
"""What the function behind a form was handed over last: the names and the texts."""


def listening(route):
    """Keep what FastAPI read of a form on its way to the function of its address."""
    answer = route.dependant.call

    @functools.wraps(answer)
    async def hear(**values):
        heard[route.path] = {name: text for name, text in values.items() if not isinstance(text, Request)}
        return await answer(**values)

    route.dependant.call = hear


@app.get('/probe/listen')
def probe_listen():
    """Begin to listen at all forms; returns their addresses."""
    forms = [route for route in app.routes if isinstance(route, APIRoute) and 'POST' in route.methods]
    for route in forms:
        listening(route)
    return [route.path for route in forms]


@app.get('/probe/heard')
def probe_heard(path: str):
    return heard.pop(path, None)


@app.get('/probe/fails')
def probe_fails():
    password = 'a secret in a local variable'
    raise RuntimeError(f'broken on purpose, {len(password)}')


@ui.page('/probe-fails')
async def failing_probe_page():
    password = 'a secret in a local variable'
    await call(_fail, password)


def _fail(password):
    raise RuntimeError(f'broken on purpose, {len(password)}')


if __name__ in {'__main__', '__mp_main__'}:
    main.serve()
