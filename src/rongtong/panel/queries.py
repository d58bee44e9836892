"""Questions to runs. Nobody sees a figure of a node outside their area: every function takes the actor."""

from typing import Any

from django.db.models import QuerySet

from rongtong.access.policies import can
from rongtong.access.queries import area_of, nodes_of
from rongtong.access.roles import Permission
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.panel.measuring import store
from rongtong.panel.models import Run, RunState
from rongtong.trees.models import Node

Row = dict[str, Any]


def runs(actor: Any) -> QuerySet[Run]:
    """Runs the actor may list: published ones; drafts only for those who may start or publish runs."""
    if not can(actor, Permission.RUN_VIEW):
        return Run.objects.none()
    listed = Run.objects.order_by("-number")
    return listed if can(actor, Permission.RUN_START) else listed.exclude(state=RunState.DRAFT)


def explainable(actor: Any) -> QuerySet[Run]:
    """Runs whose figures the actor may open: those of its list, and every published one behind its cockpit."""
    if not can(actor, Permission.COCKPIT_VIEW):
        return Run.objects.none()
    return runs(actor) | Run.objects.filter(state=RunState.PUBLISHED).order_by("-number")


def run_for(period: Period | None = None, kind: PeriodKind = PeriodKind.MONTH) -> Run | None:
    """The published run that answers for a period: its own, else the earliest later one whose history holds it; none given: the latest."""
    published = Run.objects.filter(state=RunState.PUBLISHED, period_kind=str(kind))
    if period is None:
        return published.order_by("-period").first()
    return published.filter(period__gte=period.code, first_period__lte=period.code).order_by("period").first()


def period_of(run: Run) -> Period:
    return Period.of(PeriodKind(run.period_kind), run.period)


def scores(actor: Any, run: Run, *, node: Node | None = None, period: int | None = None, class_code: str | None = None) -> list[Row]:
    """Score rows inside the actor's area."""
    rows = store.read(run.folder, "scores", node_id=node.pk if node else None, period=period, class_code=class_code)
    return _visible(actor, rows, node)


def own_scores(run: Run, node: Node, period: int) -> list[Row]:
    """The score row of a unit the caller has already shown to the actor."""
    return store.read(run.folder, "scores", node_id=node.pk, period=period)


def obstacles(actor: Any, run: Run, *, node: Node | None = None, period: int | None = None) -> list[Row]:
    return _visible(actor, store.read(run.folder, "obstacles", node_id=node.pk if node else None, period=period), node)


def rollup(actor: Any, run: Run, *, node: Node | None = None, period: int | None = None, node_ids: list[int] | None = None) -> list[Row]:
    wanted = node.pk if node else node_ids
    return _visible(actor, store.read(run.folder, "rollup", node_id=wanted, period=period), node)


def values(actor: Any, run: Run, *, node: Node, period: int | None = None, indicator_id: int | None = None) -> list[Row]:
    """Indicator values of a unit as the run used them: value, z, weight, basis, degree."""
    return _visible(actor, store.read(run.folder, "values", node_id=node.pk, period=period, indicator_id=indicator_id), node)


def class_scores(run: Run, period: int, class_code: str) -> list[Row]:
    """All score rows of a class, unscoped: for counts and for weights, never to be shown."""
    return store.read(run.folder, "scores", period=period, class_code=class_code)


def measured_in_class(run: Run, period: int, class_code: str) -> int:
    """How many units of a class have a D: a count, of whomever."""
    return sum(row["d"] is not None for row in class_scores(run, period, class_code))


def class_values(run: Run, node_ids: list[int]) -> list[Row]:
    """Values of several units over the whole history, for the expert's comparison; the caller scopes `node_ids`."""
    return store.read(run.folder, "values", node_id=node_ids)


def about(run: Run) -> dict[str, Any]:
    return store.about(run.folder)


def _visible(actor: Any, rows: list[Row], node: Node | None) -> list[Row]:
    area = area_of(actor, Permission.COCKPIT_VIEW)
    if area.is_all or (node is not None and area.holds(node)):
        return rows
    seen = seen_by(actor)
    return [row for row in rows if row["node_id"] in seen]


def seen_by(actor: Any) -> set[int]:
    """Keys of the nodes whose figures the actor sees, remembered on the actor object, that is for one request."""
    if area_of(actor, Permission.COCKPIT_VIEW).is_empty:
        return set()
    memory: dict[str, set[int]] = actor.__dict__.setdefault("_seen_figures", {})
    if "nodes" not in memory:
        memory["nodes"] = set(nodes_of(actor, Permission.COCKPIT_VIEW).order_by().values_list("pk", flat=True))
    return memory["nodes"]
