"""The commands of whoever has the machine and looks after it: whether the books and the audit log are whole, the keys,
what is past its term. `main.py` takes them in; `context.obj` is its `create`, which wires the application."""

from pathlib import Path
from typing import Annotated

import typer

from services import runner
from services.accounts import books, invariants, journal_export, ledger_chain
from services.audit import verification
from services.audit.verification import BREAKS
from services.chains import verification as chain_verification
from services.chains.verification import Anchor
from services.contracts import paper_index
from services.errors import DomainError
from services.privacy import retention, sealed_cells

command = typer.Typer()


@command.command()
def verify_audit(
    context: typer.Context,
    head: Annotated[str, typer.Option(help='entries:mark from a daily letter, to find an end that was cut off')] = '',
) -> None:
    """Tell whether the audit log is whole; ends with 1 when it is not, with 2 when `--head` cannot be read."""
    context.obj()
    verdict = verification.verify(anchor=_anchor(head))
    if verdict.fault is not None:
        raise failed(f'The audit log is BROKEN: {BREAKS[verdict.fault].format(line=verdict.line)}.')
    typer.echo(f'The audit log is whole: {verdict.entries} lines, the end is {verdict.entries}:{verdict.head}')


@command.command()
def self_check(
    context: typer.Context,
    head: Annotated[
        str, typer.Option(help='operations:mark from a daily letter, to find an end that was cut off')
    ] = '',
) -> None:
    """Check every invariant of the books; ends with 1 when they do not agree. Changes nothing."""
    context.obj()
    faults = invariants.self_check(thorough=True, anchor=_anchor(head))
    for line in faults:
        typer.echo(line)
    if faults:
        raise failed('The books do NOT agree.')
    verdict = chain_verification.verify(ledger_chain.CHAIN)
    typer.echo(f'The books agree: {verdict.entries} operations, the end is {verdict.entries}:{verdict.head}')


@command.command()
def export_ledger(
    context: typer.Context, file: Annotated[Path, typer.Argument(help='where to; an existing file is replaced')]
) -> None:
    """Write the books as a journal of hledger, which adds them up independently: `hledger -f FILE check`."""
    context.obj()
    with file.open('w', encoding='utf-8') as journal:
        count = journal_export.write(journal)
    typer.echo(f'{file}: {count} operations')


@command.command()
def resume_charging(
    context: typer.Context,
    reason: Annotated[str, typer.Argument(help='why that is right; it stands in the audit log')],
) -> None:
    """Let charging go on although the books do not agree; only what is found later stops it again."""
    context.obj()
    try:
        books.resume_here(reason)
    except DomainError as error:
        raise failed(str(error)) from error
    typer.echo('Charging goes on.')


@command.command()
def rotate_keys(context: typer.Context) -> None:
    """Seal every cell anew with the first key of AMIGO_FIELD_KEYS, and make the hashes by which papers are found anew
    with AMIGO_PEPPER; may be stopped, and run while the site runs."""
    context.obj()
    outcome = runner.with_connection(sealed_cells.rotate)(lambda place, done: typer.echo(f'{place}: {done}'))
    for key_id, count in outcome.by_key.items():
        typer.echo(f'key {key_id}: {count} cells')
    if outcome.broken:
        raise failed(f'{len(outcome.broken)} cells do not open: {", ".join(outcome.broken[:20])}')
    hashed = runner.with_connection(paper_index.renew)()
    typer.echo(f'{outcome.resealed} cells sealed anew, papers of {hashed} people hashed anew.')


@command.command(name='retention')
def forget(context: typer.Context, *, dry_run: Annotated[bool, typer.Option(help='only count')] = False) -> None:
    """Let go of everything past its term in docs/data.yml; the site does the same by itself."""
    context.obj()
    for name, count in runner.with_connection(retention.run)(dry_run=dry_run).items():
        typer.echo(f'{name}: {count}')


def _anchor(head: str) -> Anchor | None:
    try:
        return Anchor.read(head) if head else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint='--head') from error


def failed(text: str) -> typer.Exit:
    """Say on the error output why nothing was done, or what is wrong; the command ends with 1."""
    typer.echo(text, err=True)
    return typer.Exit(1)
