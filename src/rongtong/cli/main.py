"""The command line. Exit codes: 0 ok, 1 refused input, 2 usage, 3 environment, 130 cancelled."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

import rongtong.sqlite  # noqa: F401  (before Django)

REFUSED, ENVIRONMENT, CANCELLED = 1, 3, 130


def fail(code: int, message: str) -> NoReturn:
    """Say on stderr what is wrong and leave."""
    click.echo(message, err=True)
    sys.exit(code)


def setup(data_dir: str | None = None) -> None:
    """Start Django; the heavy imports happen here, so that --help stays quick."""
    if data_dir:
        os.environ["RONGTONG_DATA_DIR"] = data_dir
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as wrong:
        fail(ENVIRONMENT, str(wrong))


def guarded(function: Callable[[], Any]) -> Any:
    """Run, turning refusals into exit 1 and a broken environment into exit 3."""
    from django.db import OperationalError, ProgrammingError

    from rongtong.kernel.errors import NotAllowed, Refused

    try:
        return function()
    except (Refused, NotAllowed) as refusal:
        fail(REFUSED, str(refusal))
    except (OperationalError, ProgrammingError) as broken:
        fail(ENVIRONMENT, f"the database does not answer or is of another version: {broken}; run rongtong migrate, then rongtong doctor")


@click.group()
@click.version_option(package_name="rongtong")
def cli() -> None:
    """Rongtong: Party work and production as one plan, one ledger, one scorecard."""


@cli.command()
@click.option("--size", type=click.Choice(["small", "medium", "large"]), default="small", help="only small is built so far")
@click.option("--data-dir", default="var/demo")
@click.option("--port", default=8000, type=int)
@click.option("--no-serve", is_flag=True)
def demo(size: str, data_dir: str, port: int, no_serve: bool) -> None:
    """Build the sample enterprise once, then serve it on this machine."""
    if size != "small":
        fail(ENVIRONMENT, f"the size {size} is not built yet; use --size small")
    setup(data_dir)
    from rongtong.demo import build

    folder = Path(data_dir).resolve()
    if not build.is_built(folder):
        guarded(lambda: build.build(folder, size, lambda text: click.echo(f"  {text} …")))
    _print_accounts(folder)
    if not no_serve:
        from rongtong.cli import serving

        sys.exit(serving.supervise(port))


def _print_accounts(folder: Path) -> None:
    click.echo("Synthetic data. Accounts (role  user name  password):")
    for account in json.loads((folder / "accounts.json").read_text(encoding="utf-8")):
        click.echo(f"  {account['role']:<18} {account['username']:<12} {account['password']}")


@cli.command()
@click.option("--port", default=8000, type=int)
@click.option("--host", default="127.0.0.1")
def serve(port: int, host: str) -> None:
    """Serve the web and one job worker, supervised."""
    setup()
    from rongtong.cli import serving

    sys.exit(serving.supervise(port, host))


@cli.command()
def worker() -> None:
    """Run one job worker."""
    setup()
    from rongtong.cli import serving

    serving.work()


@cli.command()
def migrate() -> None:
    """Bring the database to this version and add what the product ships (rules, indicators, sets, kinds) where it is not there yet."""
    setup()
    from rongtong.kernel import schema

    guarded(lambda: schema.bring_up(verbosity=1))
    from rongtong.cli import installing

    for line in guarded(installing.install):
        click.echo(line)


@cli.command()
def doctor() -> None:
    """Tell what is wrong and how to mend it."""
    setup()
    from rongtong.cli import doctoring

    problems = doctoring.examine()
    for line in problems.said:
        click.echo(line)
    sys.exit(ENVIRONMENT if problems.count else 0)


@cli.command()
@click.option("--role", type=click.Choice(["system", "security", "audit"]), required=True)
@click.option("--username", default="", help="default: the role's own, as admin_system")
@click.option("--password", default="", help="default: asked for; without a terminal one is made and printed")
def createadmin(role: str, username: str, password: str) -> None:
    """Create one of the three administrators."""
    setup()
    from rongtong.cli import administrators

    username, is_made = username or f"admin_{role}", False
    if not password and sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    elif not password:
        password, is_made = administrators.new_password(), True
    guarded(lambda: administrators.create(role, username, password))
    click.echo(f"created {username} as {role} administrator")
    if is_made:
        click.echo(f"password, shown this once: {password}")


@cli.command()
@click.option("--until", default=None, help="YYYY-MM-DD")
def tick(until: str | None) -> None:
    """Do once what is due: collect figures, run the checks."""
    setup()
    from rongtong.cli import ticking

    for line in guarded(lambda: ticking.tick(until)):
        click.echo(line)


@cli.command(name="import")
@click.argument("kind", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True)
@click.option("--encoding", default=None)
@click.option("--note", default="", help="reason of a correction in a closed month")
@click.option("--undo", "undo_batch", default=None, metavar="BATCH")
def import_(kind: str | None, file: Path | None, dry_run: bool, encoding: str | None, note: str, undo_batch: str | None) -> None:
    """Import a file (prints the batch), or take a batch back."""
    setup()
    from rongtong.cli import tables

    if undo_batch:
        guarded(lambda: tables.undo(undo_batch))
        click.echo(f"batch {undo_batch} was taken back")
        return
    if not kind or file is None:
        raise click.UsageError("give KIND and FILE, or --undo BATCH")
    sys.exit(guarded(lambda: tables.import_file(kind, file, dry_run, encoding, note)))


@cli.command()
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
def export(kind: str, file: Path) -> None:
    """Export a kind of table as xlsx or csv."""
    setup()
    from rongtong.cli import tables

    guarded(lambda: tables.export(kind, file))
    click.echo(str(file))


@cli.command()
@click.option("--units", type=click.IntRange(1), required=True)
@click.option("--periods", type=click.IntRange(1), required=True)
@click.option("--seed", type=int, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def synth(units: int, periods: int, seed: int, out: Path) -> None:
    """Write a synthetic panel."""
    from rongtong.cli import measuring

    measuring.synth(units, periods, seed, out)
    click.echo(str(out))


@cli.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path))
@click.option("--method", "method_file", type=click.Path(path_type=Path))
@click.option("--frozen", type=click.Path(path_type=Path))
@click.option("--robustness", type=click.IntRange(0), default=0)
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local")
@click.option("--master", default=None)
@click.option("--database", is_flag=True)
@click.option("--period", default=None, metavar="YYYYMM")
def measure(directory: Path | None, database: bool, period: str | None, **options: Any) -> None:
    """Measure panel files, or the database (--database)."""
    from rongtong.cli import measuring

    if database:
        setup()
        click.echo(guarded(lambda: measuring.database(period)))
        return
    if directory is None or options["out"] is None:
        raise click.UsageError("give DIR and --out, or --database")
    options.pop("master")
    sys.exit(measuring.files(directory, **options))


@cli.command()
def snapshot() -> None:
    """Write the panel files of dirty months."""
    setup()
    from rongtong.panel import snapshot as panel

    click.echo(" ".join(str(month) for month in guarded(panel.write_dirty)))


@cli.command()
@click.option("--period", default=None, metavar="YYYYMM")
def collect(period: str | None) -> None:
    """Read the month's figures from the records."""
    setup()
    from rongtong.cli import ticking

    click.echo(f"{guarded(lambda: ticking.collect(period))} figures changed")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path))
def study(file: Path, out: Path | None) -> None:
    """Effect of a practice (not built yet)."""
    fail(ENVIRONMENT, "studies are not built yet; see the README for what is")


@cli.group()
def audit() -> None:
    """Verify or anchor the audit chain."""


@audit.command()
@click.option("--anchor", "anchor_file", type=click.Path(path_type=Path))
def verify(anchor_file: Path | None) -> None:
    """Walk the whole chain."""
    setup()
    from rongtong.audit import chain

    known = _anchor_of(anchor_file) if anchor_file else None
    verdict = guarded(lambda: chain.verify(known))
    if not verdict.is_sound:
        fail(REFUSED, verdict.problem)
    tail = "" if verdict.is_tail_proved else " (the tail is not proved: no anchor)"
    click.echo(f"{verdict.count} entries hold{tail}")


def _anchor_of(file: Path) -> Any:
    from rongtong.audit import chain

    try:
        found = chain.Anchor(**json.loads(file.read_text(encoding="utf-8")))
        if type(found.seq) is not int or type(found.digest) is not str:
            raise TypeError("seq or digest")
    except (OSError, ValueError, TypeError) as broken:
        fail(REFUSED, f"{file}::: is no anchor ({broken}); name a file that rongtong audit anchor wrote")
    return found


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
def anchor(file: Path) -> None:
    """Write head, digest and time to a file to keep elsewhere."""
    setup()
    from dataclasses import asdict

    from rongtong.audit import chain

    file.write_text(json.dumps(asdict(guarded(chain.anchor_now))))
    click.echo(str(file))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write database, runs, panel and files into one archive (without the secret key)."""
    setup()
    from rongtong.cli import keeping

    click.echo(guarded(lambda: keeping.backup(file)))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Restore a backup into an empty data directory."""
    from rongtong.cli import keeping

    try:
        click.echo(keeping.restore(file, Path(os.environ.get("RONGTONG_DATA_DIR", "var/demo"))))
    except keeping.BadBackup as bad:
        fail(REFUSED, f"{file}::: {bad}")


@cli.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path))
def bench(json_file: Path | None) -> None:
    """Measure on synthetic panels and print the times."""
    from rongtong.cli import measuring

    measuring.bench(json_file)


def main() -> None:
    """Run a command; whatever it raises ends in one line and the exit code of its kind. SIGTERM cancels as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as wrong:  # 2 for usage
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        fail(CANCELLED, "cancelled; nothing was changed")
    except OSError as broken:
        place = f"{broken.filename}::: " if broken.filename else ""
        fail(ENVIRONMENT, f"{place}{broken.strerror or broken}; check the path, the rights and the space on the disk")


if __name__ == "__main__":
    main()
