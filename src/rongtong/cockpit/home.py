"""The first page: what an account owes, how its units stand, what its department owns. What to do next stands beside it (home_steps)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from rongtong.access.policies import can
from rongtong.access.queries import grants_of, nodes_of
from rongtong.access.roles import Permission
from rongtong.cockpit import duty_desk
from rongtong.cockpit.picture import NOT_APPLICABLE
from rongtong.indicators import queries as indicators
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.periods import add_months
from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Matter
from rongtong.panel import provenance
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.trees.models import Node
from rongtong.ui.figure import Figure

SHOWN, DUE = 12, 6
OWNERS = frozenset({"department", "department_head"})


@dataclass(frozen=True, slots=True)
class Standing:
    """One of the actor's units with its D or the reason why there is none, and its two lines."""

    node: Node
    figure: Figure
    party: Figure
    production: Figure
    url: str


@dataclass(frozen=True, slots=True)
class Owned:
    """An indicator that the actor's department owns: how many units have a value this month and had one the month before."""

    indicator: Indicator
    now: int
    before: int
    url: str


@dataclass(frozen=True, slots=True)
class Home:
    """What the first page says. `desk` is for the three administrators, who have no unit and no matter."""

    run: Run | None = None
    standings: list[Standing] = field(default_factory=list)
    measured: int = 0
    unmeasured: int = 0
    waiting: int = 0
    overdue: int = 0
    due: list[Matter] = field(default_factory=list)
    owned: list[Owned] = field(default_factory=list)
    place: Node | None = None
    desk: duty_desk.Desk | None = None

    @property
    def only(self) -> Standing | None:
        """The one unit, where there is only one."""
        return self.standings[0] if self.measured + self.unmeasured == 1 else None

    @property
    def lowest(self) -> Standing | None:
        return self.standings[0] if self.measured > 1 else None


def home(actor: Any) -> Home:
    """Compose the first page for an account."""
    desk = duty_desk.desk_of(actor)
    if desk is not None:
        return Home(desk=desk)
    run = panel.run_for() if can(actor, Permission.COCKPIT_VIEW) else None
    standings = _standings(actor, run) if run else []
    measured = sum(standing.figure.value is not None for standing in standings)
    waiting = ledger.waiting(actor)
    today = clock.today()
    return Home(
        run=run, standings=standings[:SHOWN], measured=measured, unmeasured=len(standings) - measured, waiting=len(waiting),
        overdue=sum(matter.due_on < today for matter in waiting), due=waiting[:DUE], owned=_owned(actor, run) if run else [],
        place=None if standings else nodes_of(actor).order_by("-tree", "path").filter(tree="B").first() or nodes_of(actor).first(),
    )  # fmt: skip


def _standings(actor: Any, run: Run) -> list[Standing]:
    """Units to which a D applies, the lowest first, those without enough data last."""
    series: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in panel.scores(actor, run):
        series[row["node_id"]].append(row)
    now = {pk: rows[-1] for pk, rows in series.items() if rows[-1]["period"] == run.period and rows[-1]["state"] != NOT_APPLICABLE}
    nodes = Node.objects.in_bulk(list(now))
    cockpit = reverse("cockpit:cockpit")
    found = [
        Standing(
            nodes[pk], _figure(run, nodes[pk], series[pk], "d"), _figure(run, nodes[pk], series[pk], "u1"),
            _figure(run, nodes[pk], series[pk], "u2"), f"{cockpit}?at={pk}",
        )
        for pk in now
    ]  # fmt: skip
    return sorted(found, key=lambda s: (s.figure.value is None, s.figure.value or 0.0, s.node.path))


def _figure(run: Run, node: Node, rows: list[dict[str, Any]], name: str) -> Figure:
    now, before = rows[-1], rows[-2] if len(rows) > 1 else {}
    value, earlier = now[name], before.get(name)
    interval = {"low": now["d_low"], "high": now["d_high"]} if name == "d" else {}
    return Figure(
        value, url=provenance.url_for(run, node, run.period, name), reason="" if value is not None else provenance.reason(now, run),
        trend=tuple(row[name] for row in rows[-12:]) if name == "d" else (), change=None if value is None or earlier is None else value - earlier,
        **interval,
    )  # fmt: skip


def _owned(actor: Any, run: Run) -> list[Owned]:
    """The figures of a department: who has entered them so far."""
    mine = [grant.node_id for grant in grants_of(actor) if grant.role in OWNERS and grant.node_id]
    if not mine:
        return []
    rows = [row for row in indicators.indicators(only_on=True).filter(owner__in=mine) if row.is_typed]
    now, before = indicators.counts_by_indicator(None, run.period), indicators.counts_by_indicator(None, add_months(run.period, -1))
    page = reverse("indicators:observations")
    return [Owned(row, now.get(row.pk, 0), before.get(row.pk, 0), f"{page}?indicator={row.code}&month={run.period}") for row in rows]
