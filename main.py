"""Amigo: wires the application and is its command line: `python main.py` serves, `--help` tells the rest."""

import signal
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from nicegui import app, ui

import pages
from components import guard, live, logs, public_page
from components.packed import Assets
from components.packed_libraries import PackedLibraries
from models.base import open_database
from pages import upkeep
from pages.upkeep import failed
from services import clock, demo, i18n, jobs, migration, runner
from services.accounts import billing_run, usage_table
from services.accounts.usage import Taken
from services.demo import second_factor
from services.demo.welcome import welcome
from services.errors import DomainError
from services.gateways.sandbox import alone
from services.identity import employees
from services.messages import posting
from services.offers import building_table
from services.payments import payment_gateways
from services.rehearsal import days as rehearsal
from services.rehearsal import desk, wire
from services.settings import Settings, get_settings

ASSETS = Path(__file__).parent / 'components' / 'assets'
command = typer.Typer(add_completion=False, help='Amigo: сайт, кабинет, консоль и планшет провайдера.')
command.add_typer(upkeep.command)


def create() -> Settings:
    """Wire everything that does not need a running server; safe to call again (each page test does)."""
    settings = get_settings()
    logs.configure(as_json=settings.log_json)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    open_database(settings.database, connections=runner.THREADS + 2)
    app.add_middleware(PackedLibraries)
    app.add_middleware(guard.Gate)
    app.mount('/assets', Assets(directory=ASSETS), name='assets')
    pages.register(app)
    _mount_bank()
    app.config.socket_io_js_transports = ['websocket']
    app.config.quasar_config['lang'] = {'noHtmlAttrs': True}  # the server says the language of a page
    guard.install()
    live.install()
    public_page.install()
    return settings


def _mount_bank() -> None:
    """In a demo without a real gateway the card page is the sandbox's, on the site itself."""
    bank = payment_gateways.sandbox()
    if bank:
        app.mount(payment_gateways.SANDBOX_PATH, bank)
        app.on_startup(bank.state.desk.courier.wake)
        app.on_shutdown(bank.state.desk.close)


@command.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Serve when no command is given."""
    context.obj = create
    if context.invoked_subcommand is None:
        serve()


@command.command()
def serve() -> None:
    """Run the site; in demo it also migrates, fills an empty database and starts the mailbox."""
    settings = create()
    migration.migrate()
    if settings.demo:
        demo.fill_if_empty()
        second_factor.bring()
    jobs.install(app.on_startup, app.on_shutdown)
    posting.install(app.on_startup, app.on_shutdown)
    if settings.demo:
        app.on_startup(lambda: typer.echo(welcome(demo.PASSWORD)))
    desk.install(app.on_shutdown)
    app.on_startup(i18n.warm)
    app.on_startup(guard.stand_outermost)
    app.on_shutdown(runner.stop)  # the last of all: uvicorn ends the process by its signal, which waits for no thread
    ui.run(
        host=settings.host,
        port=settings.port,
        title=settings.company_name,
        favicon=ASSETS / 'img' / 'favicon.svg',
        language='ru',
        dark=None,
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        reconnect_timeout=60,
        ws_max_size=65_536,  # the gate drops events over 32,000 characters; OWASP's figure for a frame
        ws_per_message_deflate=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,  # its own lines go through components/logs.py like all others
        gzip_middleware_factory=None,  # nginx compresses; inside the process it costs 1.5 ms a page
    )


@command.command()
def charge(month: str = typer.Argument('', help='YYYY-MM; the running month when left out')) -> None:
    """Charge a month of all active contracts; a contract charged before is left alone."""
    create()
    first = date.fromisoformat(f'{month}-01') if month else clock.today().replace(day=1)
    try:
        count = runner.with_connection(billing_run.run_month)(first)
    except (DomainError, ValueError) as error:
        raise failed(str(error)) from error
    typer.echo(f'{first:%Y-%m}: {count} charged')


@command.command()
def usage(file: Annotated[Path, typer.Argument(help='lines of contract;YYYY-MM;bytes since the 1st')]) -> None:
    """Take in how much traffic contracts used; ends with 1 when a line was refused, the others are kept."""
    create()
    try:
        outcome = runner.with_connection(usage_table.take_text)(file.read_text('utf-8', errors='replace'))
    except DomainError as error:
        raise failed(str(error)) from error
    for line in outcome.refused:
        typer.echo(f'line {line.line} ({line.text}): {line.why}', err=True)
    new, grown, same = (outcome.count(what) for what in Taken)
    typer.echo(f'{new} new, {grown} grown, {same} the same, {len(outcome.refused)} refused')
    if outcome.refused:
        raise typer.Exit(1)


@command.command()
def houses(
    file: Annotated[Path, typer.Argument(help='the table of /operator/buildings, filled in')],
    *,
    dry_run: Annotated[bool, typer.Option(help='only tell what would change')] = False,
) -> None:
    """Take the building base in from a table; ends with 1 when a line was refused, the others are kept."""
    create()
    work = building_table.look_at if dry_run else building_table.load_text
    try:
        outcome = runner.with_connection(work)(file.read_text('utf-8', errors='replace'))
    except DomainError as error:
        raise failed(str(error)) from error
    for line in outcome.refused:
        typer.echo(f'line {line.line} ({line.text}): {line.why}', err=True)
    counts = f'{outcome.new} new, {outcome.changed} changed, {outcome.same} the same, {len(outcome.refused)} refused'
    typer.echo(f'{counts}; {outcome.told} letters to those who waited')
    if outcome.refused:
        raise typer.Exit(1)


@command.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    create()
    for name in migration.migrate() or ['nothing to do']:
        typer.echo(name)


@command.command(name='demo')
def fill_demo() -> None:
    """Fill an empty database with the demo data and stop; refuses where anybody lives, and outside AMIGO_DEMO."""
    create()
    migration.migrate()
    try:
        demo.fill()
    except demo.NotEmpty as error:
        raise failed(str(error)) from error
    typer.echo('The demo data is there.')


@command.command()
def sandbox(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8090,
    site: Annotated[
        str, typer.Option(help='address of the site, to which webhooks are sent')
    ] = 'http://127.0.0.1:8080',
    time_scale: Annotated[
        float, typer.Option(min=0, help='multiplies the pauses before a webhook is sent again')
    ] = 0.05,
) -> None:
    """Run the demo's bank alone and tell what a site needs to pay there; only with AMIGO_DEMO=1."""
    settings = get_settings()
    if not settings.demo:
        raise failed('The sandbox moves no money: it runs with AMIGO_DEMO=1 only.')
    config = alone.config_of(settings.data_dir / 'bank', port, site, time_scale)
    typer.echo(f'The bank: {config.public_url}/\nFor the site:\n{alone.settings_of(config)}')
    alone.serve(config, port)


@command.command()
def create_admin(
    login: Annotated[str, typer.Option(prompt=True, help='small Latin letters and digits')],
    name: Annotated[str, typer.Option(prompt=True, help='as people see it')],
    email: Annotated[str, typer.Option(prompt=True)],
    password_file: Annotated[
        Path | None, typer.Option(help='read the password from its first line; - is the standard input')
    ] = None,
) -> None:
    """Make the account of an administrator: a real installation starts with none."""
    create()
    migration.migrate()
    try:
        employees.create_administrator(login, name, email, _password(password_file))
    except DomainError as error:
        raise failed(str(error)) from error
    typer.echo(f'{login}: created. Sign in at {get_settings().url}/my/index')


@command.command()
def rehearse(
    until: Annotated[str, typer.Option(help='YYYY-MM-DD, at most thirteen months ahead')],
    contract: Annotated[str, typer.Option(help='tell of this contract only')] = '',
    *,
    for_the_site: Annotated[bool, typer.Option(hidden=True, help='lines of JSON, within the limits of a page')] = False,
) -> None:
    """Tell what the coming days would bring: who is charged, blocked, written to. Works on a copy, which goes again."""
    create()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the copy goes with the process
    limited = desk.bounds() if for_the_site else None
    try:
        day = date.fromisoformat(until)
        rehearsal.rehearse(
            day, contract, tell=lambda told: typer.echo(wire.line(told, as_json=for_the_site), nl=False), bounds=limited
        )
    except (DomainError, ValueError) as error:
        if for_the_site:
            typer.echo(wire.written(wire.Refusal(str(error))), nl=False)
        raise failed(str(error)) from error


def _password(file: Path | None) -> str:
    """Ask twice without showing it, or read the first line of a file: never from the command line, which others see."""
    if file is None:
        return str(typer.prompt('Password', hide_input=True, confirmation_prompt=True))
    text = sys.stdin.readline() if str(file) == '-' else file.read_text(encoding='utf-8').split('\n', 1)[0]
    return text.rstrip('\r\n')


if __name__ in {'__main__', '__mp_main__'}:
    command()
