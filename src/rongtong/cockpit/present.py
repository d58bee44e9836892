"""Plain values for the cockpit's template: figures, charts, rows. No query here."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.cockpit.headline import grade_name
from rongtong.cockpit.picture import Picture, Row
from rongtong.engines.measurement import TEN_BANDS
from rongtong.kernel.periods import Period
from rongtong.panel import provenance
from rongtong.ui import charts as build
from rongtong.ui.figure import Figure

GOOD, MIDDLE = 0.7, 0.5
TOP = 5


def figures(picture: Picture) -> dict[str, Figure]:
    """D, U1, U2, I and the roll-up, each with the way to its explanation."""
    score, rollup = picture.score, picture.rollup
    found: dict[str, Figure] = {}
    if score is not None:
        why = "" if score["d"] is not None else provenance.reason(score, picture.run)
        found["d"] = Figure(score["d"], low=score["d_low"], high=score["d_high"], url=_url(picture, "d"), reason=why)
        for name in ("u1", "u2", "i"):
            found[name] = Figure(score[name], url=_url(picture, name), reason=_("less than the needed share of indicators has values"))
    if rollup is not None:
        found["rollup"] = Figure(rollup["d"], url=_url(picture, "rollup"), reason=_("no unit below has a D in this period"))
    return found


def _url(picture: Picture, figure: str) -> str:
    return provenance.url_for(picture.run, picture.node, picture.period.code, figure)


def charts(picture: Picture) -> dict[str, Any]:
    """D over time and the quadrant of the class, as chart options; absent where there is nothing to draw."""
    found: dict[str, Any] = {}
    history = picture.history if picture.is_measured else picture.rollups
    rows = [row for row in history if row["period"] <= picture.period.code]
    if any(row["d"] is not None for row in rows):
        grades = [(band[0], grade_name(at)) for at, band in enumerate(TEN_BANDS, start=1)]
        low, high = ([row.get(name) for row in rows] for name in ("d_low", "d_high"))
        found["d"] = build.line_with_band([str(Period.month(r["period"])) for r in rows], [r["d"] for r in rows], low, high, grades)
    if picture.peers:
        points = [(peer.u1, peer.u2, peer.node.name) for peer in picture.peers]
        found["quadrant"] = build.quadrant(points, picture.node.name, _("Party index U1"), _("Production index U2"))
    return found


def obstacles(picture: Picture) -> list[dict[str, Any]]:
    """The first obstacles with value, target, share and the way to their records."""
    source = reverse("indicators:source")
    return [
        {
            "code": o.indicator.code,
            "name": provenance.label(o.indicator),
            "side": o.side,
            "value": o.value,
            "unit": o.indicator.unit_text,
            "decimals": o.indicator.decimals,
            "target": o.target,
            "degree": o.degree,
            "is_held": o.is_held,
            "owner": o.indicator.owner,
            "url": f"{source}?at={picture.node.pk}&indicator={o.indicator.pk}&month={picture.period.code}",
            "series": f"{reverse('indicators:indicator', args=[o.indicator.code])}?at={picture.node.pk}&month={picture.period}",
        }
        for o in picture.obstacles[:TOP]
    ]


def dimensions(picture: Picture) -> list[dict[str, Any]]:
    """Linkage by dimension: a bar where there are records, else what is missing."""
    names = {"governance": _("governance"), "goal": _("goal"), "work": _("work")}
    return [
        {
            "name": names[d.code],
            "score": None if d.score is None else 100 * d.score,
            "present": d.present,
            "expected": d.expected,
            "inputs": [provenance.label(row["indicator"]) for row in d.inputs if row["z"] is not None],
        }
        for d in picture.dimensions
    ]


def children(picture: Picture) -> list[dict[str, Any]]:
    """What lies below, as cells coloured and marked by the roll-up."""
    cockpit = reverse("cockpit:cockpit")
    return [
        {"node": node, "row": row, "tone": _tone(row), "url": f"{cockpit}?at={node.pk}&month={picture.period}"}
        for node, row in picture.children
    ]


def _tone(row: Row) -> str:
    if row["d"] is None:
        return "none"
    return "good" if row["d"] >= GOOD else "mid" if row["d"] >= MIDDLE else "low"
