"""Classes of units beside each other below a node: levels class by class, grades across; never one ranking over classes."""

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from rongtong.appraisal import queries as appraisal
from rongtong.appraisal.models import Round
from rongtong.cockpit.headline import grade_name
from rongtong.kernel.periods import Period
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class Middle:
    """The middle of a class with its lowest and highest unit; None where fewer than three are measured: the edges would be single units' values."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class OneClass:
    """A class below a node: how many units are measured, its levels, its grades of coordination and of the last published appraisal."""

    name: str
    measured: int
    missing: int
    u1: Middle
    u2: Middle
    d: Middle
    i: Middle
    grades: tuple[tuple[str, int], ...]
    appraised: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Every class that has units below the node, in the order of their codes."""

    rows: tuple[OneClass, ...]
    run: Any
    period: Period | None
    round: Round | None


LEAST = 3


def compared(actor: Any, node: Node, period: Period | None) -> Compared:
    """Classes of the units below a node that the actor may see, from the published run and the last published round."""
    run = panel.run_for(period)
    month = period or (panel.period_of(run) if run else None)
    scores = panel.scores(actor, run, period=month.code) if run and month else []
    below = set(Node.objects.subtree(node).values_list("pk", flat=True))
    by_class: dict[str, list[dict[str, Any]]] = {}
    for row in scores:
        if row["node_id"] in below and row["class_code"]:
            by_class.setdefault(row["class_code"], []).append(row)
    round_, appraised = _appraised(actor, below)
    names = organization.class_names()
    codes = sorted({*by_class, *appraised})
    rows = tuple(_one(names.get(code, code), by_class.get(code, []), appraised.get(code, ())) for code in codes)
    return Compared(rows, run, month, round_)


def _one(name: str, rows: list[dict[str, Any]], appraised: tuple[tuple[str, int], ...]) -> OneClass:
    measured = [row for row in rows if row["d"] is not None]
    bands = Counter(int(row["band"]) for row in measured)
    grades = tuple((grade_name(band), bands[band]) for band in sorted(bands, reverse=True) if band)
    u1, u2, d, i = (_middle([row[key] for row in rows if row[key] is not None]) for key in ("u1", "u2", "d", "i"))
    return OneClass(name, len(measured), len(rows) - len(measured), u1, u2, d, i, grades, appraised)


def _middle(values: list[float]) -> Middle:
    if len(values) < LEAST:
        return Middle(None)
    return Middle(float(median(values)), min(values), max(values))


def _appraised(actor: Any, below: set[int]) -> tuple[Round | None, dict[str, tuple[tuple[str, int], ...]]]:
    """Grades by class of the latest published round that reaches these units."""
    shown = appraisal.shown_sheets(actor).order_by("-round__last", "-round__pk", "node__path")
    rows = [row for row in shown if row.node_id in below]
    if not rows:
        return None, {}
    latest = rows[0].round
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    own = [row for row in rows if row.round_id == latest.pk]
    for code in sorted({row.of_class.unit_class.code for row in own}):
        there = [row for row in own if row.of_class.unit_class.code == code]
        spread = appraisal.distribution(there[0].of_class.version.data, [row.grade for row in there])
        found[code] = tuple((one.name, one.count) for one in spread)
    return latest, found
