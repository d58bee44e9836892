"""Measuring at the command line."""

import json
import sys
import tempfile
import time
from pathlib import Path

import click

from rongtong.panel.engine import measure
from rongtong.panel.files import BadPanel
from rongtong.panel.method import Method


def files(directory: Path, *, out: Path, method_file: Path | None, frozen: Path | None, robustness: int, engine: str) -> int:
    """Measure panel files; returns the exit code."""
    try:
        method = Method.load(method_file) if method_file else Method()
        summary = measure(directory, out, method=method, frozen=frozen, robustness=robustness, engine=engine)
    except BadPanel as bad:
        click.echo(str(bad), err=True)
        return bad.exit_code
    if summary.dropped:
        click.echo(f"{directory}::: constant or absent, weight 0: {', '.join(summary.dropped)}", err=True)
    click.echo(f"{summary.rows} observations, {summary.units} units, {summary.periods} periods in {summary.seconds:.2f} s: {out}")
    return 0


def synth(units: int, periods: int, seed: int, out: Path) -> None:
    """A synthetic panel; leaves with 1 where `out` is taken."""
    from rongtong.panel.synth import synth as write

    try:
        write(units, periods, seed, out)
    except BadPanel as bad:
        click.echo(str(bad), err=True)
        sys.exit(bad.exit_code)


def database(period: str | None) -> str:
    """Snapshot and measure the database."""
    from rongtong.kernel.act import SYSTEM
    from rongtong.kernel.errors import Refused
    from rongtong.kernel.periods import Period, parse_month
    from rongtong.panel import tasks

    chosen = Period.month(parse_month(period)) if period else tasks.latest_period()
    if chosen is None:
        raise Refused("nothing was observed yet", remedy="import observations first")
    run = tasks.measure(by=SYSTEM, period=chosen)
    return f"run #{run.number} up to {chosen}: {run.counts['measured']} units measured, {run.counts['not_enough_data']} without enough data"


def bench(json_file: Path | None) -> None:
    """Times of the file engine on 1,000 and 5,000 units over 24 periods; `make bench` compares with other tools."""
    found = []
    for units in (1000, 5000):
        with tempfile.TemporaryDirectory() as folder:
            synth(units, 24, 1, Path(folder) / "panel")
            began = time.perf_counter()
            summary = measure(Path(folder) / "panel", Path(folder) / "run", method=Method())
            found.append({"units": units, "rows": summary.rows, "seconds": round(time.perf_counter() - began, 3)})
    text = json.dumps(found, indent=1)
    click.echo(text)
    if json_file:
        json_file.write_text(text)
