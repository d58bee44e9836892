"""One indicator's value inside a run, opened: how it became a score, and the records that it stands on, wherever they lie."""

import math
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator, Observation, SetItem
from rongtong.indicators.provenance import how
from rongtong.kernel.errors import Unseen
from rongtong.kernel.periods import Period, PeriodKind, add_months, month_range
from rongtong.panel import queries
from rongtong.panel.models import Run
from rongtong.panel.provenance import Explanation, Line, label, url_for
from rongtong.trees.models import LinkKind, Node, TreeLink

Row = dict[str, Any]


def url_for_value(run: Run, node: Node, period: int, indicator: Indicator) -> str:
    """Address of the drawer that explains a value a run used."""
    return f"{url_for(run, node, period, 'value')}&indicator={indicator.pk}"


def explain_value(actor: Any, run: Run, node: Node, period: int, indicator: Indicator) -> Explanation:
    """Value, score and weight of an indicator at a unit in a run, and the records behind them; Unseen if the run holds none for this actor."""
    found = queries.values(actor, run, node=node, period=period, indicator_id=indicator.pk)
    if not found:
        raise Unseen
    row = found[0]
    formula, worked = _scored(run, node, row, indicator)
    title = f"{indicator.code} {label(indicator)}"
    why = "" if row["value"] is not None else _("no value in this period: left out, not counted as 0")
    return Explanation(
        title, row["value"], None, None, formula, worked, _records(actor, run, node, row, indicator), run, node, period, why,
        unit=indicator.unit_label, decimals=indicator.decimals, definition=indicator.definition_label,
    )  # fmt: skip


def _scored(run: Run, node: Node, row: Row, indicator: Indicator) -> tuple[str, str]:
    """The rule that turned the value into a score, and the rule with its numbers put in."""
    if row["basis"] == "target":
        formula = _("score: 0 at the floor, 0.8 at the target, 1 at the stretch, linear between")
        aims = [("floor", _("floor")), ("target", _("target")), ("stretch", _("stretch"))]
        given = [f"{word} {row[name]:g}" for name, word in aims if row[name] is not None]
        if row["floor"] is None and row["target"] is not None:
            given.insert(0, _("floor, none given: %(floor)g") % {"floor": row["target"] * (2.0 if indicator.direction == "cost" else 0.5)})
    elif row["basis"] == "band":
        formula = _("score: linear between the norm bands issued with the weights")
        given = [f"{edge:g} → {score:g}" for edge, score in sorted(_bands(run, node, row, indicator))]
    else:
        formula = _("score: (value − lowest) ÷ (highest − lowest), frozen when the run was published; 1 minus that where less is better")
        low, high = _bounds(run, node, row, indicator)
        given = [] if low is None or high is None else [_("lowest %(low)g, highest %(high)g") % {"low": low, "high": high}]
    if row["z"] is None:
        return formula, "; ".join(given)
    result = _("score %(z).3f × weight %(weight).3f = %(product).4f")
    given.append(result % {"z": row["z"], "weight": row["weight"], "product": row["z"] * row["weight"]})
    if row["degree"] is not None:
        given.append(
            _("obstacle degree: weight × (1 − score), as a share of all that is missing = %(share).1f %%") % {"share": 100 * row["degree"]}
        )
    return formula, "; ".join(given)


def _class_of(run: Run, node: Node, period: int) -> str:
    rows = queries.own_scores(run, node, period)
    return str(rows[0]["class_code"]) if rows else ""


def _bands(run: Run, node: Node, row: Row, indicator: Indicator) -> list[tuple[float, float]]:
    issued = queries.about(run)["sets"].get(_class_of(run, node, row["period"]), " ")
    code, _space, version = issued.partition(" ")
    item = SetItem.objects.filter(set__code=code, set__version=version, indicator=indicator).first()
    return [(float(edge), float(score)) for edge, score in (item.bands or [])] if item else []


def _bounds(run: Run, node: Node, row: Row, indicator: Indicator) -> tuple[float | None, float | None]:
    low, high = queries.about(run)["bounds"].get(_class_of(run, node, row["period"]), {}).get(indicator.code, (None, None))
    return low, high


@dataclass(frozen=True, slots=True)
class _Place:
    """A node whose records stand behind a value, and how much they count."""

    node: Node
    share: float | None = None


def _records(actor: Any, run: Run, node: Node, row: Row, indicator: Indicator) -> list[Line]:
    """One line a record: of the unit itself, or of each Party organisation whose value was carried over to it."""
    period = Period.of(PeriodKind(run.period_kind), row["period"])
    places = _organisations(node, period) if row["organisations"] else [_Place(node)]
    seen = set(nodes_of(actor, Permission.COCKPIT_VIEW).filter(pk__in=[p.node.pk for p in places]).values_list("pk", flat=True))
    first = add_months(period.months[0], -indicator.hold_months if row["is_held"] else 0)
    rows = Observation.objects.filter(node__in=seen, indicator=indicator, is_current=True, period__in=month_range(first, period.code))
    stored: dict[int, list[Observation]] = {}
    for observation in rows.select_related("batch").order_by("-period"):
        stored.setdefault(observation.node_id, []).append(observation)
    lines = [line for place in places if place.node.pk in seen for line in _lines(actor, place, stored, period, indicator)]
    hidden = len(places) - len(seen)
    if hidden:
        lines.append(Line(_("%(count)d organisations outside your area") % {"count": hidden}, None, _("counted, not shown")))
    return lines


def _organisations(node: Node, period: Period) -> list[_Place]:
    """The organisations that carry Party values to a unit, as the run chose them: own and joint by share, covers if no other."""
    links = list(TreeLink.objects.on(period.ends_on).filter(unit=node).exclude(kind=LinkKind.TEMPORARY).select_related("party"))
    near = [link for link in links if link.kind != LinkKind.COVERS] or links
    total = math.fsum(link.share for link in near)
    return [_Place(link.party, link.share / total if len(near) > 1 else None) for link in near]


def _lines(actor: Any, place: _Place, stored: dict[int, list[Observation]], period: Period, indicator: Indicator) -> list[Line]:
    found = stored.get(place.node.pk, [])
    used = [row for row in found if row.period in period.months] or found[:1]  # none in the period: the latest that still holds
    share = "" if place.share is None else _("counts for %(share).0f %% of its links") % {"share": 100 * place.share}
    if not used:
        return [Line(place.node.label, None, " · ".join(part for part in (share, _("no record in this period")) if part))]
    opens = can(actor, Permission.OBSERVATION_VIEW, place.node)
    return [
        Line(
            f"{place.node.label} · {Period.month(row.period)}", row.value,
            " · ".join(part for part in (share, how(row), row.author_label, f"{row.entered_at:%Y-%m-%d}") if part),
            f"{reverse('indicators:source')}?at={place.node.pk}&indicator={indicator.pk}&month={row.period}" if opens else "",
            indicator.subsystem, indicator.unit_label, indicator.decimals,
        )
        for row in used
    ]  # fmt: skip
