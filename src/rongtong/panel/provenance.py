"""Where a run's figure comes from, one level at a time: D -> U1, U2 -> indicators -> observations."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.indicators.models import Indicator
from rongtong.kernel.errors import Unseen
from rongtong.panel import queries
from rongtong.panel.models import Run
from rongtong.trees.models import Node

FIGURES = ("d", "u1", "u2", "i", "rollup")
SIDE = {"u1": "party", "u2": "production", "i": "integration"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the drawer: what, its value, what it counted for, and where to look one step deeper."""

    title: str
    value: float | None
    note: str = ""
    url: str = ""
    side: str = ""
    unit: str = ""
    decimals: int = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with its formula, the numbers put into it, and the run it belongs to."""

    title: str
    value: float | None
    low: float | None
    high: float | None
    formula: str
    worked: str
    lines: list[Line]
    run: Run
    node: Node
    period: int
    reason: str = ""
    unit: str = ""
    decimals: int = 3
    definition: str = ""


def url_for(run: Run, node: Node, period: int, figure: str) -> str:
    """Address of the drawer that explains a figure."""
    return f"{reverse('panel:explain', args=[run.pk])}?at={node.pk}&month={period}&figure={figure}"


def explain(actor: Any, run: Run, node: Node, period: int, figure: str) -> Explanation:
    """Explain D, U1, U2, I or a roll-up of a node in a period; Unseen if the run holds nothing of it for this actor."""
    if figure == "rollup":
        return _explain_rollup(actor, run, node, period)
    rows = queries.scores(actor, run, node=node, period=period)
    if not rows or figure not in FIGURES:
        raise Unseen
    return _explain_d(run, node, rows[0]) if figure == "d" else _explain_side(actor, run, node, rows[0], figure)


def _explain_d(run: Run, node: Node, row: dict[str, Any]) -> Explanation:
    u1, u2, c, t, d = (row[name] for name in ("u1", "u2", "c", "t", "d"))
    a, b = run.method["subsystem_weights"]
    worked = ""
    if d is not None:
        worked = f"C = 2√({u1:.3f}×{u2:.3f}) / ({u1:.3f}+{u2:.3f}) = {c:.3f};  T = {a}×{u1:.3f} + {b}×{u2:.3f} = {t:.3f};  D = √({c:.3f}×{t:.3f}) = {d:.3f}"
    lines = [
        Line(_("Party index U1"), u1, _coverage(row["coverage_party"]), url_for(run, node, row["period"], "u1"), "party"),
        Line(_("Production index U2"), u2, _coverage(row["coverage_production"]), url_for(run, node, row["period"], "u2"), "production"),
    ]
    formula = "C = 2√(U1·U2) / (U1+U2),  T = a·U1 + b·U2,  D = √(C·T)"
    title = _("Coupling coordination degree D")
    why = "" if d is not None else reason(row, run)
    return Explanation(title, d, row["d_low"], row["d_high"], formula, worked, lines, run, node, row["period"], why)


def _coverage(share: float | None) -> str:
    return _("indicators present carry %(share).1f %% of the weight") % {"share": 100 * (share or 0.0)}


def reason(row: dict[str, Any], run: Run) -> str:
    if row["state"] == "not_applicable":
        return _("This class of unit has no indicators on one of the two sides, so there is nothing to balance")
    return _("Less than %(share).0f %% of the weight of one side has values in this period") % {"share": 100 * run.method["min_coverage"]}


def _explain_side(actor: Any, run: Run, node: Node, row: dict[str, Any], figure: str) -> Explanation:
    side = SIDE[figure]
    found = [v for v in queries.values(actor, run, node=node, period=row["period"]) if v["subsystem"] == side]
    named = Indicator.objects.in_bulk([v["indicator_id"] for v in found])
    lines = [_indicator_line(run, node, v, named[v["indicator_id"]]) for v in sorted(found, key=lambda v: -v["weight"])]
    present = [v for v in found if v["z"] is not None]
    mass = sum(v["weight"] for v in present)
    total = sum(v["weight"] * v["z"] for v in present)
    value = row[figure]
    worked = f"{total:.4f} / {mass:.4f} = {value:.3f}" if value is not None and mass else ""
    title = {"u1": _("Party index U1"), "u2": _("Production index U2"), "i": _("Linkage index I")}[figure]
    why = "" if value is not None else reason(row, run)
    formula = _("Σ weight × score ÷ Σ weight, over the indicators that have a value")
    return Explanation(title, value, None, None, formula, worked, lines, run, node, row["period"], why)


def _indicator_line(run: Run, node: Node, value: dict[str, Any], indicator: Indicator) -> Line:
    basis = {"target": _("against the target"), "band": _("against the norm bands"), "bounds": _("against frozen bounds")}[value["basis"]]
    if value["value"] is None:
        note = _("no value in this period: left out, not counted as 0")
    else:
        note = _("score %(z).3f %(basis)s, weight %(weight).3f") % {"z": value["z"] or 0.0, "basis": basis, "weight": value["weight"]}
    if value["is_held"]:
        note += _(", an earlier value still in force")
    if value["organisations"]:
        note += _(", from %(count)d Party organisations") % {"count": value["organisations"]}
    url = f"{url_for(run, node, value['period'], 'value')}&indicator={indicator.pk}"
    name = f"{indicator.code} {label(indicator)}"
    return Line(name, value["value"], note, url, value["subsystem"], indicator.unit_label, indicator.decimals)


def label(indicator: Indicator) -> str:
    """The indicator's name in the language of the page."""
    return indicator.label


def _explain_rollup(actor: Any, run: Run, node: Node, period: int) -> Explanation:
    rows = queries.rollup(actor, run, node=node, period=period)
    if not rows:
        raise Unseen
    row = rows[0]
    children = list(Node.objects.filter(parent=node).order_by("position", "path"))
    below = {r["node_id"]: r for r in queries.rollup(actor, run, period=period, node_ids=[child.pk for child in children])}
    lines = [_child_line(run, child, below[child.pk]) for child in children if child.pk in below]
    formula = _("Σ head-count × D ÷ Σ head-count, over the units below that have a D")
    worked = _("%(units)d units measured, %(missing)d without enough data (left out, not counted as 0)") % row
    return Explanation(_("D rolled up"), row["d"], None, None, formula, worked, lines, run, node, period)


def _child_line(run: Run, child: Node, row: dict[str, Any]) -> Line:
    note = _("%(units)d units, %(people)d people") % {"units": row["units"], "people": row["headcount"]}
    return Line(child.label, row["d"], note, url_for(run, child, row["period"], "rollup"))
