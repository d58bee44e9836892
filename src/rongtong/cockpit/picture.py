"""The picture of one node in one period: everything the cockpit shows, as plain values. Reads below, owns nothing."""

from dataclasses import dataclass, field
from typing import Any

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.kernel.periods import Period
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.trees.models import Node

Row = dict[str, Any]
DIMENSIONS = ("governance", "goal", "work")
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An indicator that holds the balance down: its value, target and share of the obstacles."""

    rank: int
    indicator: Indicator
    value: float | None
    target: float | None
    z: float | None
    degree: float
    side: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of linkage: its score over present indicators, and how many of its indicators are present."""

    code: str
    score: float | None
    present: int
    expected: int
    weight_present: float
    inputs: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Peer:
    node: Node
    u1: float
    u2: float
    d: float
    rank: int
    rank_low: int | None
    rank_high: int | None
    is_tied: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What the cockpit knows of a node. `score` is None where the node itself is not measured; `rollup` where nothing below is."""

    run: Run
    node: Node
    period: Period
    score: Row | None
    rollup: Row | None
    history: list[Row] = field(default_factory=list)
    rollups: list[Row] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    dimensions: list[Dimension] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    children: list[tuple[Node, Row]] = field(default_factory=list)
    hidden_peers: int = 0

    @property
    def is_measured(self) -> bool:
        return self.score is not None and self.score["state"] != NOT_APPLICABLE

    def before(self, periods: int = 1) -> Row | None:
        """The score row of an earlier period."""
        if self.score is None:
            return None
        period = self.period
        for _ in range(periods):
            period = period.previous()
        return next((row for row in self.history if row["period"] == period.code), None)


def picture(actor: Any, node: Node, period: Period | None) -> Picture | None:
    """The picture of a node, or None if no published run answers for the period."""
    run = panel.run_for(period)
    if run is None:
        return None
    period = period or panel.period_of(run)
    history = panel.scores(actor, run, node=node)
    score = next((row for row in history if row["period"] == period.code), None)
    rollups = panel.rollup(actor, run, node=node)
    indicators = Indicator.objects.in_bulk() if score else {}
    used = panel.values(actor, run, node=node, period=period.code) if score else []
    peers, hidden = _peers(actor, run, period, score)
    return Picture(
        run=run,
        node=node,
        period=period,
        score=score,
        rollup=next((row for row in rollups if row["period"] == period.code), None),
        history=history,
        rollups=rollups,
        obstacles=_obstacles(actor, run, node, period, used, indicators),
        dimensions=_dimensions(score, used, indicators),
        peers=peers,
        children=_children(actor, run, node, period),
        hidden_peers=hidden,
    )


def _obstacles(actor: Any, run: Run, node: Node, period: Period, used: list[Row], indicators: dict[int, Indicator]) -> list[Obstacle]:
    by_indicator = {row["indicator_id"]: row for row in used}
    found = panel.obstacles(actor, run, node=node, period=period.code)
    return [
        Obstacle(
            rank=row["rank"],
            indicator=indicators[row["indicator_id"]],
            value=by_indicator[row["indicator_id"]]["value"],
            target=by_indicator[row["indicator_id"]]["target"],
            z=by_indicator[row["indicator_id"]]["z"],
            degree=row["degree"],
            side=by_indicator[row["indicator_id"]]["subsystem"],
            is_held=by_indicator[row["indicator_id"]]["is_held"],
        )
        for row in sorted(found, key=lambda row: row["rank"])
        if row["indicator_id"] in indicators and row["indicator_id"] in by_indicator
    ]


def _dimensions(score: Row | None, used: list[Row], indicators: dict[int, Indicator]) -> list[Dimension]:
    if score is None:
        return []
    found = []
    for code in DIMENSIONS:
        rows = [r for r in used if r["subsystem"] == "integration" and indicators[r["indicator_id"]].dimension == code]
        present = [row for row in rows if row["z"] is not None]
        total = sum(row["weight"] for row in rows)
        share = sum(row["weight"] for row in present) / total if total else 0.0
        inputs = tuple({**row, "indicator": indicators[row["indicator_id"]]} for row in rows)
        found.append(Dimension(code, score[f"i_{code}"], len(present), len(rows), share, inputs))
    return found


def _peers(actor: Any, run: Run, period: Period, score: Row | None) -> tuple[list[Peer], int]:
    """Units of the same class that the actor may see, best first; and how many more there are."""
    if score is None or not score["class_code"]:
        return [], 0
    rows = [r for r in panel.scores(actor, run, period=period.code, class_code=score["class_code"]) if r["d"] is not None]
    nodes = Node.objects.in_bulk([row["node_id"] for row in rows])
    ranks = [row["rank"] for row in rows]
    peers = [
        Peer(
            node=nodes[row["node_id"]],
            u1=row["u1"],
            u2=row["u2"],
            d=row["d"],
            rank=int(row["rank"]),
            rank_low=None if row["rank_low"] is None else round(row["rank_low"]),
            rank_high=None if row["rank_high"] is None else round(row["rank_high"]),
            is_tied=ranks.count(row["rank"]) > 1,
        )
        for row in sorted(rows, key=lambda row: (row["rank"], row["node_id"]))
    ]
    measured = panel.measured_in_class(run, period.code, score["class_code"])
    return peers, measured - len(peers)


def _children(actor: Any, run: Run, node: Node, period: Period) -> list[tuple[Node, Row]]:
    children = list(nodes_of(actor, Permission.COCKPIT_VIEW).filter(parent=node).order_by("position", "path"))
    rows = panel.rollup(actor, run, period=period.code, node_ids=[child.pk for child in children]) if children else []
    by_node = {row["node_id"]: row for row in rows}
    found = [(child, by_node[child.pk]) for child in children if child.pk in by_node]
    return sorted(found, key=lambda pair: pair[1]["d"] is None)  # what was measured first, else as in the tree
