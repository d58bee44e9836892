"""Real plants: 157 Michigan manufacturers, 1987 to 1989, measured with Rongtong's file engine.

    python examples/jobtraining/make.py OUT

The panel is the one that `linearmodels` ships (Holzer, Block, Cheatham and Knott 1993, as used by Wooldridge); it is loaded from the package,
nothing is downloaded. Organisation side: training hours per employee, training grant, union. Production side: scrap rate and rework rate (costs),
sales per head. It writes OUT/panel (files that `rongtong measure` takes), OUT/run and OUT/report.md.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from linearmodels.datasets import jobtraining

from rongtong.panel.engine import measure
from rongtong.panel.method import Method

ORGANISATION = {"hrsemp": "benefit", "grant": "benefit", "union": "benefit"}
PRODUCTION = {"scrap": "cost", "rework": "cost", "sales_per_head": "benefit"}


def load() -> pd.DataFrame:
    """The panel with one row per plant and year; sales per head is missing where either part is."""
    frame = jobtraining.load()
    frame["sales_per_head"] = frame["sales"] / frame["employ"]
    frame["period"] = frame["year"].astype(int) * 100 + 12
    return frame


def write_panel(frame: pd.DataFrame, folder: Path) -> None:
    """Panel files of the plants; an absent figure is an absent row."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [*ORGANISATION, *PRODUCTION]
    plants = {code: at for at, code in enumerate(sorted(frame["fcode"].unique()))}
    long = frame.melt(id_vars=["fcode", "period"], value_vars=names).dropna()
    columns = {
        "unit_id": pa.array(long["fcode"].map(plants), pa.int32()),
        "period": pa.array(long["period"], pa.int32()),
        "indicator_id": pa.array(long["variable"].map(names.index), pa.int16()),
        "value": pa.array(long["value"].astype(float), pa.float64()),
    }
    pq.write_table(pa.table(columns), folder / "observations.parquet")
    head = frame.groupby("fcode")["employ"].mean().fillna(0).round().astype(int)
    _write_csv(folder / "units.csv", "unit_id parent_id headcount", [(at, "", head[code]) for code, at in plants.items()])
    _write_csv(folder / "indicators.csv", "indicator_id code subsystem direction ideal_low ideal_high cap weight", _indicators(names))


def _indicators(names: list[str]) -> list[tuple[object, ...]]:
    directions = ORGANISATION | PRODUCTION
    return [
        (at, name, "party" if name in ORGANISATION else "production", directions[name], "", "", "", "") for at, name in enumerate(names)
    ]


def _write_csv(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(), *rows])


def report(frame: pd.DataFrame, run: Path) -> str:
    """What could be measured, what could not and why, and what may not be concluded."""
    rows = len(frame)
    production = frame[list(PRODUCTION)].notna()
    organisation = frame[list(ORGANISATION)].notna().all(axis=1)
    complete = production.all(axis=1)
    scores = pq.read_table(run / "scores.parquet").to_pandas()
    lines = [
        "# Job training and production in 157 plants, 1987-1989",
        "",
        f"- plant-years: {rows}, plants: {frame['fcode'].nunique()}",
        f"- with all three production figures: {complete.sum()} plant-years of {frame.loc[complete, 'fcode'].nunique()} plants",
        f"- with all three organisation figures as well: {(complete & organisation).sum()} plant-years",
        f"- with a D (all six figures present): {scores['d'].notna().sum()} plant-years",
        "",
        "Why not the rest (a plant-year may lack several):",
        "",
        "| figure | plant-years without it |",
        "|---|---:|",
        *(f"| {name} | {(~frame[name].notna()).sum()} |" for name in [*ORGANISATION, *PRODUCTION]),
        "",
        f"D of the measured: median {np.nanmedian(scores['d']):.3f}, from {np.nanmin(scores['d']):.3f} to {np.nanmax(scores['d']):.3f}.",
        "",
        "What may not be concluded: that training lowers scrap. D says that both sides are high and balanced, not that one moves the other; plants that",
        "report scrap are not a random part of all; grants were given on application; a union is a fact about a plant and no merit. The weights are",
        "entropy weights of these very rows, so D compares plants inside this panel only. An effect needs a comparison over time (a study), not a score.",
        "",
    ]
    return "\n".join(lines)


def main(out: Path) -> None:
    frame = load()
    write_panel(frame, out / "panel")
    measure(out / "panel", out / "run", method=Method(min_coverage=1.0))  # sales are nearly all of the weight: alone they must not count
    text = report(frame, out / "run")
    (out / "report.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/jobtraining"))
