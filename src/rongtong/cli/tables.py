"""Files in and out at the command line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from rongtong.exchange import actions, intake
from rongtong.exchange.exporting import export_rows
from rongtong.exchange.models import Batch
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Refused


def import_file(kind: str, file: Path, dry_run: bool, encoding: str | None, note: str = "") -> int:
    """Examine, then import; every error on stderr as FILE:SHEET:ROW:COLUMN what; what to do. Returns the exit code."""
    if not file.is_file():
        click.echo(f"{file}::: there is no such file; check the path", err=True)
        return 1
    try:
        if dry_run:
            return _report(file, intake.examine(SYSTEM, kind, file, file.name, encoding, None))
        began = clock.now()
        batch = actions.import_file(by=SYSTEM, kind=kind, source=file, filename=file.name, encoding=encoding, note=note)
    except intake.RefusedRows as refused:
        _tell(file, refused.problems)
        click.echo(f"{file}::: {refused}", err=True)
        return 1
    except Refused as refusal:
        click.echo(f"{file}::: {refusal}", err=True)
        return 1
    if batch.applied_at and batch.applied_at < began:
        click.echo(f"{batch.uid} 0 new, 0 changed: this file was imported at {batch.applied_at:%Y-%m-%d %H:%M} UTC")
        return 0
    click.echo(f"{batch.uid} {batch.counts.get('creates', 0)} new, {batch.counts.get('updates', 0)} changed")
    return 0


def _tell(file: Path, problems: Sequence[intake.Problem]) -> None:
    """Every error with its place, the file under the name that was given."""
    for problem in problems:
        click.echo(str(replace(problem, place=replace(problem.place, file=str(file)))), err=True)


def _report(file: Path, seen: intake.Preview) -> int:
    """What a dry run found; nothing was written."""
    _tell(file, seen.problems)
    counts = seen.counts
    click.echo(
        f"dry run: {counts.get('creates', 0)} new, {counts.get('updates', 0)} changed, {counts.get('errors', 0)} errors; nothing was written"
    )
    return 1 if counts.get("errors", 0) else 0


def undo(uid: str) -> None:
    """Take a batch back."""
    batch = Batch.objects.filter(uid=uid).first() if len(uid) in {32, 36} else None
    if batch is None:
        raise Refused(f"there is no batch {uid}", remedy="use the number that the import printed")
    actions.undo(by=SYSTEM, batch=batch)


def export(kind: str, file: Path) -> None:
    """Write a table to a file; the ending chooses the format."""
    form = file.suffix.lower().lstrip(".")
    if form not in {"xlsx", "csv"}:
        raise Refused(f"{file} ends in neither .xlsx nor .csv", remedy="choose one of the two")
    export_rows(kind, SYSTEM, form, file)
