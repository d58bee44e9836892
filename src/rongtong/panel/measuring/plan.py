"""What a run measures and how: classes, units, indicators, issued weights, targets, bands, links. Read once, then pure data."""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongtong.indicators.models import Indicator, IndicatorSet, SetItem, Target
from rongtong.kernel.periods import Period
from rongtong.organization import queries as organization
from rongtong.organization.models import BusinessUnit
from rongtong.panel.models import PanelIndex
from rongtong.trees.models import LinkKind, Node, TreeLink

Float = NDArray[np.float64]
SUBSYSTEMS = ("party", "production", "integration")


@dataclass(frozen=True, slots=True)
class Method:
    """The application's method. Weights are the issued ones; values are set against target or norm band where there is one."""

    min_coverage: float = 0.7
    subsystem_weights: tuple[float, float] = (0.5, 0.5)
    lag_tolerance: float = 0.1
    obstacles: int = 10
    draws: int = 400
    max_units_with_interval: int = 5000
    concentration: float = 100.0
    level: float = 0.95
    seed: int = 0
    history: int = 24

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator of a class's set as the engine needs it."""

    indicator_id: int
    code: str
    subsystem: str
    dimension: str
    direction: str
    aggregate: str
    hold_months: int
    weight: float
    cap: float | None
    ideal: tuple[float, float]
    bands: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """The units of one class and their columns. `columns` holds no production column where that line does not apply."""

    code: str
    set_id: int
    set_label: str
    node_ids: tuple[int, ...]
    columns: tuple[Column, ...]

    def group(self, subsystem: str) -> list[int]:
        return [at for at, column in enumerate(self.columns) if column.subsystem == subsystem]


@dataclass(frozen=True, slots=True)
class Link:
    unit: int
    party: int
    kind: str
    share: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs besides the observations."""

    period_kind: str
    periods: tuple[Period, ...]
    tree_on: date
    classes: tuple[ClassPlan, ...]
    unclassed: tuple[int, ...]
    dense: dict[int, int]
    parents: dict[int, int | None]
    headcount: dict[int, float]
    links: dict[int, tuple[Link, ...]]
    targets: dict[int, dict[tuple[int, int], tuple[float, float, float]]]
    method: Method = field(default_factory=Method)

    def digest(self) -> str:
        """Hash of all that is not an observation."""
        parts: list[Any] = [
            self.period_kind,
            [p.code for p in self.periods],
            [asdict(c) for c in self.classes],
            sorted(self.headcount.items()),
        ]
        parts += [sorted((p, [asdict(x) for x in links]) for p, links in self.links.items())]
        parts += [sorted((code, sorted(aims.items())) for code, aims in self.targets.items()), self.method.as_dict()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def make_plan(period: Period, method: Method) -> Plan:
    """Read the plan for a run up to `period`, with the tree, classes and sets of its last day."""
    periods = [period]
    while len(periods) < method.history:
        periods.append(periods[-1].previous())
    periods.reverse()
    day = period.ends_on
    nodes = list(Node.objects.open_on(day).order_by("path"))
    units = dict(BusinessUnit.objects.filter(node__in=nodes).values_list("node_id", "headcount"))
    classes, unclassed = _classes(list(units), day)
    return Plan(
        period_kind=str(period.kind),
        periods=tuple(periods),
        tree_on=day,
        classes=classes,
        unclassed=unclassed,
        dense=dict(PanelIndex.objects.values_list("node_id", "dense_id")),
        parents={node.pk: node.parent_id for node in nodes},
        headcount={pk: float(count or 0) for pk, count in units.items()},
        links={p.code: _links(p.ends_on) for p in periods},
        targets=_targets(periods),
        method=method,
    )


def _classes(unit_ids: list[int], day: date) -> tuple[tuple[ClassPlan, ...], tuple[int, ...]]:
    class_of = organization.class_of(unit_ids, day)
    members: dict[str, list[int]] = defaultdict(list)
    for pk in unit_ids:
        members[class_of.get(pk, "")].append(pk)
    plans = []
    for code in sorted(members):
        issued = _set_on(code, day)
        if issued is None:
            continue
        label = f"{issued.code} {issued.version}"
        plans.append(ClassPlan(code, issued.pk, label, tuple(sorted(members[code])), _columns(issued)))
    planned = {pk for plan in plans for pk in plan.node_ids}
    return tuple(plans), tuple(pk for pk in unit_ids if pk not in planned)


def _set_on(class_code: str, day: date) -> IndicatorSet | None:
    issued = IndicatorSet.objects.filter(unit_class__code=class_code, starts_on__lte=day).exclude(ends_on__lte=day)
    return issued.order_by("-starts_on", "-pk").first()


def _columns(issued: IndicatorSet) -> tuple[Column, ...]:
    items = SetItem.objects.filter(set=issued, indicator__is_on=True, indicator__is_veto=False, weight__gt=0)
    columns = [_column(item) for item in items.select_related("indicator").order_by("indicator__subsystem", "indicator__code")]
    totals: dict[str, float] = defaultdict(float)
    for column in columns:
        totals[column.subsystem] += column.weight
    return tuple(_with_weight(column, column.weight / totals[column.subsystem]) for column in columns)


def _column(item: SetItem) -> Column:
    indicator: Indicator = item.indicator
    return Column(
        indicator_id=indicator.pk,
        code=indicator.code,
        subsystem=indicator.subsystem,
        dimension=indicator.dimension,
        direction=indicator.direction,
        aggregate=indicator.aggregate,
        hold_months=indicator.hold_months or 0,
        weight=item.weight,
        cap=indicator.cap,
        ideal=(_number(indicator.ideal_low), _number(indicator.ideal_high)),
        bands=tuple((float(edge), float(score)) for edge, score in item.bands or ()),
    )


def _with_weight(column: Column, weight: float) -> Column:
    return Column(**{**asdict(column), "weight": weight, "bands": column.bands, "ideal": column.ideal})


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _links(day: date) -> tuple[Link, ...]:
    """Links of a day that carry Party values to units: own and joint by share; covers where a unit has no other; temporary never."""
    rows = TreeLink.objects.on(day).exclude(kind=LinkKind.TEMPORARY).order_by("unit_id", "party_id")
    found: dict[int, list[Link]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(Link(row.unit_id, row.party_id, row.kind, row.share))
    links = []
    for group in found.values():
        near = [link for link in group if link.kind != LinkKind.COVERS]
        links += near or group
    return tuple(links)


def _targets(periods: list[Period]) -> dict[int, dict[tuple[int, int], tuple[float, float, float]]]:
    """Period code to (unit, indicator) to floor, target, stretch; NaN where not set."""
    found: dict[int, dict[tuple[int, int], tuple[float, float, float]]] = {p.code: {} for p in periods}
    rows = Target.objects.filter(period__in=list(found)).values_list("unit_id", "indicator_id", "period", "floor", "target", "stretch")
    for unit, indicator, period, low, aim, high in rows:
        found[period][unit, indicator] = (_number(low), _number(aim), _number(high))
    return found
