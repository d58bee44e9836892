"""A published table as files that `rongtong import` and `rongtong measure` take, and its published numbers beside ours.

    python examples/published/make.py [OUT]

The case is pipe-01: nine indicators of eight provinces over ten years (simulated by its authors), entropy weights inside three subsystems. Here the
first subsystem stands on the Party side, the second on the production side, the third beside them. OUT/import holds units, indicators and
observations for the application; OUT/panel and OUT/method.toml those of the file engine; OUT/run what `measure` wrote.
"""

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rongtong.panel.engine import measure
from rongtong.panel.method import Method

DATA = Path(__file__).resolve().parents[2] / "tests" / "reference" / "data"
SIDES = ("party", "production", "integration")
METHOD = 'weighting = "entropy"\nspan = [0.002, 0.998]\nepsilon = 0.002\n'


def published() -> tuple[dict[str, object], list[str], list[list[str]]]:
    """The case, the names of its indicators, its rows (province, year, nine values)."""
    case = json.loads((DATA / "pipe-01-cdev-entropy.json").read_text(encoding="utf-8"))
    with (DATA / case["input"]["csv"]).open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return case, header[2:], rows


def table(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(), *rows])


def write(out: Path) -> None:
    """Both sets of files."""
    case, names, rows = published()
    places = list(dict.fromkeys(row[0] for row in rows))
    directions = ["benefit" if sign == "+" else "cost" for sign in case["input"]["directions"]]  # type: ignore[index]
    kinds = [(f"X{at + 1}", name, SIDES[at // 3], direction) for at, (name, direction) in enumerate(zip(names, directions, strict=True))]
    units = [
        ("ALL", "八省", "", "group", "2015-01-01"),
        *((f"R{at + 1}", name, "ALL", "company", "2015-01-01") for at, name in enumerate(places)),
    ]
    table(out / "import" / "units.csv", "code name parent_code kind opened_on", units)
    entries = [(*kind, "stock", "last", "year", 12) for kind in kinds]
    table(out / "import" / "indicators.csv", "code name subsystem direction kind aggregate frequency hold_months", entries)
    long = [(f"R{places.index(row[0]) + 1}", f"X{at + 1}", f"{row[1]}-12", value) for row in rows for at, value in enumerate(row[2:])]
    table(out / "import" / "observations.csv", "node_code indicator_code period value", long)

    panel = out / "panel"
    table(panel / "units.csv", "unit_id parent_id headcount", [(at, "", 1) for at in range(len(places))])
    columns = [(at, code, side, direction, "", "", "", "") for at, (code, _name, side, direction) in enumerate(kinds)]
    table(panel / "indicators.csv", "indicator_id code subsystem direction ideal_low ideal_high cap weight", columns)
    cells = [(places.index(row[0]), int(row[1]) * 100 + 12, at, float(value)) for row in rows for at, value in enumerate(row[2:])]
    types = {"unit_id": pa.int32(), "period": pa.int32(), "indicator_id": pa.int16(), "value": pa.float64()}
    arrays = [pa.array([cell[at] for cell in cells], kind) for at, kind in enumerate(types.values())]
    pq.write_table(pa.table(arrays, names=list(types)), panel / "observations.parquet")
    (out / "method.toml").write_text(METHOD, encoding="utf-8")


def largest_difference(out: Path) -> float:
    """Between our scores and the published ones of the first ten rows, in points of 100 (published to three digits)."""
    case, _names, rows = published()
    found = pq.read_table(out / "run" / "scores.parquet").to_pydict()
    ours = {(unit, period): (u1, u2) for unit, period, u1, u2 in zip(*(found[n] for n in ("unit_id", "period", "u1", "u2")), strict=True)}
    places = list(dict.fromkeys(row[0] for row in rows))
    expected = np.array(case["expected"]["scores_first10"])[:, :2]  # type: ignore[index]
    mine = np.array([ours[places.index(row[0]), int(row[1]) * 100 + 12] for row in rows[: len(expected)]])
    return float(np.abs(mine * 100 - expected).max())


def main(out: Path) -> float:
    write(out)
    measure(out / "panel", out / "run", method=Method.load(out / "method.toml"))
    return largest_difference(out)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "var/published")
    print(f"{target}: largest difference to the published scores {main(target):.3f} points of 100 (they are printed to 0.1)")
