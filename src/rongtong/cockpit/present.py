"""Plain values for the cockpit's template: figures, charts, rows. No query here."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.cockpit.headline import grade_name
from rongtong.cockpit.picture import NOT_APPLICABLE, Cell, Picture, Row
from rongtong.engines.measurement import TEN_BANDS
from rongtong.kernel.periods import Period
from rongtong.panel import provenance, tracing
from rongtong.trees.models import Node
from rongtong.ui import charts as build
from rongtong.ui.figure import Figure

GOOD, MIDDLE = 0.7, 0.5
TOP = 5
SHOWN_CELLS = 24
TONES = {
    "good": ("✓", gettext_lazy("high")), "mid": ("◐", gettext_lazy("middling")), "low": ("▲", gettext_lazy("low")),
    "none": ("—", gettext_lazy("not enough data")),
}  # fmt: skip


def figures(picture: Picture) -> dict[str, Figure]:
    """D, U1, U2, I and the roll-up, each with its trend, its change and the way to its explanation."""
    score, rollup, before = picture.score, picture.rollup, picture.before or {}
    shared: dict[str, Any] = {"period": str(picture.period), "against": _("against %(month)s") % {"month": picture.versus}}
    found: dict[str, Figure] = {}
    if score is not None:
        reasons = {
            "d": provenance.reason(score, picture.run), "u1": _thin(picture, "coverage_party"), "u2": _thin(picture, "coverage_production"),
            "i": _thin(picture, "coverage_integration"),
        }  # fmt: skip
        absent = {"u1": score["coverage_party"], "u2": score["coverage_production"]}
        for name, why in reasons.items():
            if score["state"] == NOT_APPLICABLE and not absent.get(name, 1.0) and score[name] is None:
                found[name] = Figure(None, reason=_("this class of unit has no indicators here"), badge="not_applicable")
                continue
            interval = {"low": score["d_low"], "high": score["d_high"]} if name == "d" else {}
            change = _difference(score[name], before.get(name))
            found[name] = Figure(
                score[name], url=_url(picture, name), reason="" if score[name] is not None else why, change=change,
                trend=_trend(picture.history, picture.period, name), **interval, **shared,
            )  # fmt: skip
    if rollup is not None:
        change = _difference(rollup["d"], (picture.rollup_before or {}).get("d"))
        reason = "" if rollup["d"] is not None else _("no unit below has a D in this period")
        found["rollup"] = Figure(rollup["d"], url=_url(picture, "rollup"), reason=reason, change=change, **shared)
    return found


def _thin(picture: Picture, name: str) -> str:
    share = 100 * ((picture.score or {}).get(name) or 0.0)
    needed = 100 * picture.run.method["min_coverage"]
    return _("only %(share).0f %% of the weight has values; %(needed).0f %% are needed") % {"share": share, "needed": needed}


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _trend(rows: list[Row], period: Period, name: str, months: int = 12) -> tuple[float | None, ...]:
    return tuple(row[name] for row in rows if row["period"] <= period.code)[-months:]


def _url(picture: Picture, figure: str, node: Node | None = None, period: int | None = None) -> str:
    return provenance.url_for(picture.run, node or picture.node, period or picture.period.code, figure)


def cockpit_url(picture: Picture, node: Node) -> str:
    """The same month at another node."""
    return f"{reverse('cockpit:cockpit')}?{urlencode({'at': node.pk, 'month': str(picture.period)})}"


def charts(picture: Picture) -> dict[str, Any]:
    """D over time and the quadrant of the class, as chart options; absent where there is nothing to draw."""
    found: dict[str, Any] = {}
    rows = history(picture)
    if any(row["d"] is not None for row in rows):
        grades = [(band[0], grade_name(at)) for at, band in enumerate(TEN_BANDS, start=1)]
        low, high = ([row.get(name) for row in rows] for name in ("d_low", "d_high"))
        found["d"] = build.line_with_band([row["month"] for row in rows], [r["d"] for r in rows], low, high, grades)
    if picture.peers:
        points = [build.Point(p.u1, p.u2, p.node.label, cockpit_url(picture, p.node), p.node.pk == picture.node.pk) for p in picture.peers]
        then = picture.before
        start = (
            build.Point(then["u1"], then["u2"], str(picture.versus)) if then and then["u1"] is not None and then["u2"] is not None else None
        )
        found["quadrant"] = build.quadrant(points, _("Party index U1"), _("Production index U2"), start, _("balance"))
    return found


def history(picture: Picture) -> list[Row]:
    """D of the periods up to the page's, each with its month and the way to its explanation."""
    figure, rows = ("d", picture.history) if picture.is_measured else ("rollup", picture.rollups)
    return [
        {**row, "month": str(Period.month(row["period"])), "url": _url(picture, figure, period=row["period"])}
        for row in rows
        if row["period"] <= picture.period.code
    ]


def obstacles(picture: Picture) -> list[dict[str, Any]]:
    """The first obstacles with value, change, target, share and the way to their records."""
    return [
        {
            "code": o.indicator.code,
            "name": o.indicator.label,
            "side": o.side,
            "figure": Figure(
                o.value, o.indicator.unit_label, o.indicator.decimals, badge="measured",
                url=tracing.url_for_value(picture.run, picture.node, picture.period.code, o.indicator),
                change=_difference(o.value, o.before), against=_("against %(month)s") % {"month": picture.versus},
            ),
            "decimals": o.indicator.decimals,
            "target": o.target,
            "degree": o.degree,
            "share": 100 * o.degree,
            "is_held": o.is_held,
            "owner": o.indicator.owner,
            "series": f"{reverse('indicators:indicator', args=[o.indicator.code])}?at={picture.node.pk}&month={picture.period}",
        }
        for o in picture.obstacles[:TOP]
    ]  # fmt: skip


def dimensions(picture: Picture) -> list[dict[str, Any]]:
    """Linkage by dimension: a bar where there are records, else what is missing."""
    names = {"governance": _("governance"), "goal": _("goal"), "work": _("work")}
    return [
        {
            "name": names[d.code],
            "score": None if d.score is None else 100 * d.score,
            "present": d.present,
            "expected": d.expected,
            "inputs": [_input(picture, row) for row in d.inputs],
        }
        for d in picture.dimensions
    ]


def _input(picture: Picture, row: Row) -> dict[str, Any]:
    indicator = row["indicator"]
    return {
        "name": indicator.label, "value": row["value"], "decimals": indicator.decimals, "unit": indicator.unit_label,
        "url": tracing.url_for_value(picture.run, picture.node, picture.period.code, indicator),
    }  # fmt: skip


def ranking(picture: Picture) -> dict[str, Any] | None:
    """Where the unit stands in its class: its rank with interval and ties, and the rows the actor may see."""
    own = next((peer for peer in picture.peers if peer.node.pk == picture.node.pk), None)
    if not picture.peers:
        return None
    rows = [
        {"peer": p, "url": cockpit_url(picture, p.node), "explain": _url(picture, "d", p.node), "is_own": p is own} for p in picture.peers
    ]
    return {"own": own, "of": picture.measured_in_class, "rows": rows, "hidden": picture.hidden_peers}


def cells(picture: Picture) -> list[dict[str, Any]]:
    """The tree below as cells coloured and marked by the roll-up, two levels deep; branches before single nodes."""
    return sorted((_cell(picture, cell) for cell in picture.cells), key=lambda cell: not cell["below"])


def _cell(picture: Picture, cell: Cell) -> dict[str, Any]:
    tone = _tone(cell.row)
    mark, word = TONES[tone]
    return {
        "node": cell.node, "row": cell.row, "tone": tone, "mark": mark, "word": word, "url": cockpit_url(picture, cell.node),
        "explain": _url(picture, "rollup", cell.node), "below": [_cell(picture, one) for one in cell.below[:SHOWN_CELLS]],
        "more": max(0, len(cell.below) - SHOWN_CELLS), "applies": bool(cell.row["units"] or cell.row["missing"]),
    }  # fmt: skip


def _tone(row: Row) -> str:
    if row["d"] is None:
        return "none"
    return "good" if row["d"] >= GOOD else "mid" if row["d"] >= MIDDLE else "low"
