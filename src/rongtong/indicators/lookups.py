"""Look-ups of indicators and observations, scoped by the actor where a node is involved; `queries` is their door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.indicators.models import Draft, Indicator, IndicatorSet, MonthClose, Observation, SetItem, Subsystem, Target
from rongtong.indicators.policies import require_view
from rongtong.kernel.errors import Unseen
from rongtong.kernel.periods import Period
from rongtong.organization import queries as organization
from rongtong.trees.models import AFTER, LinkKind, Node, TreeLink

Key = tuple[int, int]


def indicators(subsystem: str = "", *, only_on: bool = False) -> QuerySet[Indicator]:
    """All indicators in the order of their subsystem and code."""
    listed = Indicator.objects.select_related("owner").order_by("subsystem", "code")
    if subsystem:
        listed = listed.filter(subsystem=subsystem)
    return listed.filter(is_on=True) if only_on else listed


def indicator_by_code(code: str) -> Indicator:
    found = Indicator.objects.select_related("owner").filter(code=code).first()
    if found is None:
        raise Unseen
    return found


def current(actor: Any) -> QuerySet[Observation]:
    """Current observations inside the actor's area, newest month first."""
    rows = Observation.objects.filter(is_current=True).select_related("node", "indicator")
    listed = scoped(rows, actor, "node", permission=Permission.OBSERVATION_VIEW)
    return listed.order_by("-period", "node_id", "indicator_id")


def revisions(actor: Any, node: Node, indicator: Indicator, period: int) -> list[Observation]:
    """Every revision of one figure, newest first."""
    require_view(actor, node)
    rows = Observation.objects.filter(node=node, indicator=indicator, period=period).select_related("batch")
    return list(rows.order_by("-revision"))


def series(node: Node, indicator: Indicator, first: int | None = None, last: int | None = None) -> list[Observation]:
    """Current observations of one figure in time order. The caller asked whether the actor sees the node."""
    rows = Observation.objects.filter(node=node, indicator=indicator, is_current=True)
    if first is not None:
        rows = rows.filter(period__gte=first)
    if last is not None:
        rows = rows.filter(period__lte=last)
    return list(rows.order_by("period"))


def values_at(node_ids: Iterable[int], period: int) -> dict[Key, Observation]:
    """(node, indicator) to the current observation of a month."""
    rows = Observation.objects.filter(period=period, is_current=True, node_id__in=list(node_ids)).order_by("pk")
    return {(row.node_id, row.indicator_id): row for row in rows}


def targets_at(node_ids: Iterable[int], period: int) -> dict[Key, Target]:
    """(unit, indicator) to the target of a month."""
    rows = Target.objects.filter(period=period, unit_id__in=list(node_ids)).order_by("pk")
    return {(row.unit_id, row.indicator_id): row for row in rows}


def targets_of_year(node_id: int, indicator_id: int, year: int) -> dict[int, Target]:
    rows = Target.objects.filter(unit_id=node_id, indicator_id=indicator_id, period__gte=year * 100 + 1, period__lte=year * 100 + 12)
    return {row.period: row for row in rows.order_by("period")}


def set_for(class_code: str, day: date) -> IndicatorSet | None:
    """The set in force for a class of units on a day; the newest where several are."""
    issued = IndicatorSet.objects.filter(unit_class__code=class_code, starts_on__lte=day)
    return issued.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).order_by("-starts_on", "-pk").first()


@dataclass(frozen=True, slots=True)
class Weighed:
    """An item of a set: its issued weight, and the one in effect once switched-off indicators left (None for those and for veto items)."""

    indicator: Indicator
    issued: float
    effective: float | None
    bands: list[list[float]] | None


def weights_of(issued: IndicatorSet) -> dict[str, list[Weighed]]:
    """Subsystem to its items. The weights of those that are on are renormalised to 1; a subsystem without items is not applicable."""
    items = list(SetItem.objects.filter(set=issued).select_related("indicator", "indicator__owner").order_by("indicator__code"))
    found: dict[str, list[Weighed]] = {}
    for side in Subsystem.values:
        mine = [item for item in items if item.indicator.subsystem == side]
        total = sum(item.weight for item in mine if _counts(item))
        weighed = [Weighed(i.indicator, i.weight, i.weight / total if _counts(i) and total else None, i.bands) for i in mine]
        if weighed:
            found[side] = weighed
    return found


def _counts(item: SetItem) -> bool:
    return item.indicator.is_on and not item.indicator.is_veto and item.weight > 0


def indicators_for(node: Node, period: int) -> list[Indicator]:
    """What is entered or shown for a node in a month: its class's set; a Party organisation's Party side; else whatever is switched on.

    A unit with a Party organisation has no Party figures of its own: the run projects those of the organisation.
    """
    day = Period.month(period).ends_on
    if not node.is_business:
        return list(indicators(Subsystem.PARTY, only_on=True)) + list(indicators(Subsystem.INTEGRATION, only_on=True))
    issued = set_for(organization.class_of([node.pk], day).get(node.pk, ""), day)
    if issued is None:
        return list(indicators(only_on=True))
    items = SetItem.objects.filter(set=issued, indicator__is_on=True).select_related("indicator", "indicator__owner")
    if TreeLink.objects.on(day).filter(unit=node).exclude(kind=LinkKind.TEMPORARY).exists():
        items = items.exclude(indicator__subsystem=Subsystem.PARTY)
    order = (Subsystem.PRODUCTION, Subsystem.PARTY, Subsystem.INTEGRATION)
    return sorted((item.indicator for item in items), key=lambda row: (order.index(Subsystem(row.subsystem)), row.code))


def closings(period: int | None = None) -> QuerySet[MonthClose]:
    rows = MonthClose.objects.select_related("node").order_by("-period", "node_id")
    return rows if period is None else rows.filter(period=period)


def is_closed(period: int, node_id: int | None = None) -> bool:
    rows = MonthClose.objects.filter(period=period)
    whole = Q(node__isnull=True)
    return rows.filter(whole if node_id is None else whole | Q(node_id=node_id)).exists()


def draft_of(actor: Any, node: Node, period: int) -> Draft | None:
    """The actor's own unsubmitted cells; nobody else's."""
    return Draft.objects.filter(user=actor, node=node, period=period).first()


def latest_period() -> int | None:
    """The last month that has an observation."""
    return Observation.objects.filter(is_current=True).order_by("-period").values_list("period", flat=True).first()


def counts_by_indicator(node_ids: Sequence[int] | None, period: int) -> dict[int, int]:
    """Indicator to the number of nodes that have a value in a month."""
    rows = Observation.objects.filter(period=period, is_current=True)
    if node_ids is not None:
        rows = rows.filter(node_id__in=node_ids)
    counts: dict[int, int] = {}
    for pk in rows.order_by().values_list("indicator_id", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return counts


def filtered(
    rows: QuerySet[Observation],
    *,
    node: Node | None = None,
    indicator: str = "",
    period: int | None = None,
    source: str = "",
    correction: bool = False,
    keys: Sequence[int] = (),
) -> QuerySet[Observation]:
    """The filters of the observations page: a node with everything below it, an indicator, a month, a source, corrections only, ticked ones."""
    if keys:
        rows = rows.filter(pk__in=list(keys))
    if node is not None:
        rows = rows.filter(node__path__gte=node.path, node__path__lt=node.path + AFTER)
    if indicator:
        rows = rows.filter(indicator__code=indicator)
    if period is not None:
        rows = rows.filter(period=period)
    if source:
        rows = rows.filter(source=source)
    return rows.filter(is_correction=True) if correction else rows
