"""The picture of one node in one period: everything the cockpit shows, as plain values. Reads below, owns nothing."""

from dataclasses import dataclass, field
from typing import Any

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.kernel.periods import Period, add_months
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.trees.models import Node

Row = dict[str, Any]
DIMENSIONS = ("governance", "goal", "work")
NOT_APPLICABLE = "not_applicable"
BACK = {"": 1, "quarter": 3, "year": 12}  # what one compares with: months back
MOST_CELLS = 240


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An indicator that holds the balance down: its value, target and share of the obstacles."""

    rank: int
    indicator: Indicator
    value: float | None
    before: float | None
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
class Cell:
    """A node of the tree heat map with its roll-up, and the cells of what hangs below it."""

    node: Node
    row: Row
    below: tuple["Cell", ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What the cockpit knows of a node. `score` is None where the node itself is not measured; `rollup` where nothing below is."""

    run: Run
    node: Node
    period: Period
    versus: Period
    score: Row | None
    rollup: Row | None
    history: list[Row] = field(default_factory=list)
    rollups: list[Row] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    used: list[tuple[Row, Indicator]] = field(default_factory=list)
    dimensions: list[Dimension] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    linked: list[Node] = field(default_factory=list)
    measured_in_class: int = 0

    @property
    def is_measured(self) -> bool:
        return self.score is not None and self.score["state"] != NOT_APPLICABLE

    @property
    def before(self) -> Row | None:
        """The score row of the period one compares with."""
        return next((row for row in self.history if row["period"] == self.versus.code), None)

    @property
    def rollup_before(self) -> Row | None:
        return next((row for row in self.rollups if row["period"] == self.versus.code), None)

    @property
    def hidden_peers(self) -> int:
        return self.measured_in_class - len(self.peers)


def picture(actor: Any, node: Node, period: Period | None, versus: str = "") -> Picture | None:
    """The picture of a node, or None if no published run answers for the period."""
    run = panel.run_for(period)
    if run is None:
        return None
    period = period or panel.period_of(run)
    earlier = Period.of(period.kind, add_months(period.code, -BACK.get(versus, 1)))
    history = panel.scores(actor, run, node=node)
    score = next((row for row in history if row["period"] == period.code), None)
    rollups = panel.rollup(actor, run, node=node)
    indicators = {row.pk: row for row in Indicator.objects.select_related("owner")} if score else {}
    used = panel.values(actor, run, node=node, period=period.code) if score else []
    then = {row["indicator_id"]: row for row in panel.values(actor, run, node=node, period=earlier.code)} if score else {}
    peers, measured = _peers(actor, run, period, score)
    return Picture(
        run=run, node=node, period=period, versus=earlier, score=score,
        rollup=next((row for row in rollups if row["period"] == period.code), None),
        history=history, rollups=rollups,
        obstacles=_obstacles(panel.obstacles(actor, run, node=node, period=period.code), used, then, indicators),
        used=[(row, indicators[row["indicator_id"]]) for row in used],
        dimensions=_dimensions(score, used, indicators),
        peers=peers, cells=_cells(actor, run, node, period), linked=_linked(actor, node, period), measured_in_class=measured,
    )  # fmt: skip


def _obstacles(found: list[Row], used: list[Row], then: dict[int, Row], indicators: dict[int, Indicator]) -> list[Obstacle]:
    by_indicator = {row["indicator_id"]: row for row in used}
    obstacles = []
    for row in sorted(found, key=lambda row: row["rank"]):
        key = row["indicator_id"]
        now, earlier = by_indicator.get(key), then.get(key)
        if key in indicators and now is not None:
            obstacles.append(
                Obstacle(
                    rank=row["rank"], indicator=indicators[key], value=now["value"], before=earlier["value"] if earlier else None,
                    target=now["target"], z=now["z"], degree=row["degree"], side=now["subsystem"], is_held=now["is_held"],
                )
            )  # fmt: skip
    return obstacles


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
    """Units of the same class that the actor may see, best first; and how many of the class are measured."""
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
    return peers, panel.measured_in_class(run, period.code, score["class_code"])


def _cells(actor: Any, run: Run, node: Node, period: Period) -> list[Cell]:
    """Two levels below a node with their roll-ups: measured ones first, else in the order of the tree."""
    below = nodes_of(actor, Permission.COCKPIT_VIEW).subtree(node).filter(depth__gt=node.depth, depth__lte=node.depth + 2)
    nodes = list(below.order_by("depth", "position", "path")[:MOST_CELLS])
    rows = panel.rollup(actor, run, period=period.code, node_ids=[one.pk for one in nodes]) if nodes else []
    by_node = {row["node_id"]: row for row in rows}
    known = [one for one in nodes if one.pk in by_node]

    def under(parent: Node) -> tuple[Cell, ...]:
        cells = [Cell(one, by_node[one.pk], under(one)) for one in known if one.parent_id == parent.pk]
        return tuple(sorted(cells, key=lambda cell: cell.row["d"] is None))

    return list(under(node))


def _linked(actor: Any, node: Node, period: Period) -> list[Node]:
    """What the node goes with in the other tree, as far as the actor sees its figures."""
    seen, links = panel.seen_by(actor), organization.links_of(node, period.ends_on)
    others = [link.party if node.is_business else link.unit for link in links]
    return [other for other in others if other.pk in seen]
