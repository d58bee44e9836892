"""融合地图: units against production processes: where integration is needed, with whom it is possible, and what exists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rongtong.indicators.models import Indicator, Subsystem
from rongtong.kernel.periods import Period
from rongtong.panel import queries as panel
from rongtong.plans.models import Carrier, IntegrationLink, LinkState
from rongtong.plans.queries import Missed, carriers, links, missed_targets, plans
from rongtong.plans.states import ACTIVE, PROCESSES
from rongtong.trees.models import AFTER, Node, TreeLink

# the process that an indicator belongs to: by its dimension, or by itself
PROCESS_OF = {
    "output": "delivery", "quality": "quality", "safety": "safety", "cost": "cost", "delivery": "delivery", "innovation": "innovation",
    "ability": "people", "learning": "people",
}  # fmt: skip
OWN_PROCESS = {"B13": "people"}  # output per head is about people
PROCESS_WORDS = {
    "safety": gettext_lazy("safety"), "quality": gettext_lazy("quality"), "cost": gettext_lazy("cost"),
    "delivery": gettext_lazy("delivery"), "innovation": gettext_lazy("innovation"), "people": gettext_lazy("people"),
}  # fmt: skip


def process_of(indicator: Indicator) -> str:
    """Empty where an indicator belongs to no process of production."""
    return OWN_PROCESS.get(indicator.code) or PROCESS_OF.get(indicator.dimension, "")


@dataclass(slots=True)
class Cell:
    """One unit and one process: why integration is needed there, what exists already."""

    missed: list[Missed] = field(default_factory=list)
    obstacles: list[Indicator] = field(default_factory=list)
    carriers: list[Carrier] = field(default_factory=list)
    links: list[IntegrationLink] = field(default_factory=list)

    @property
    def need(self) -> int:
        return len(self.missed) + len(self.obstacles)

    @property
    def state(self) -> str:
        if self.links:
            return "linked"
        if self.carriers:
            return "carrier"
        return "needed" if self.need else "quiet"

    @property
    def sentence(self) -> str:
        """What the cell says when one hovers over it or comes to it by keyboard."""
        words = [f"{m.target.indicator.label} {m.value:.1f} / {m.target.target:.1f}" for m in self.missed]
        words += [_("obstacle: %(name)s") % {"name": one.label} for one in self.obstacles]
        need = "、".join(words) if words else _("no need on record")
        have = [str(one) for one in self.links] or [one.title for one in self.carriers]
        return f"{need} — {'、'.join(have) if have else _('nothing there yet')}"

    @property
    def word(self) -> str:
        return {
            "linked": ngettext("%(count)s link", "%(count)s links", len(self.links)) % {"count": len(self.links)},
            "carrier": ngettext("%(count)s carrier", "%(count)s carriers", len(self.carriers)) % {"count": len(self.carriers)},
            "needed": ngettext("%(count)s reason", "%(count)s reasons", self.need) % {"count": self.need}, "quiet": "",
        }[self.state]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Possible:
    """With whom something could be started at a unit: members, Party bodies, carriers that no link uses yet."""

    members: int = 0
    bodies: int = 0
    free: int = 0


Map = dict[int, dict[str, Cell]]


def integration_map(actor: Any, period: int, day: date, unit: Node | None = None) -> Map:
    """Unit to process to its cell: needs from missed targets and the last run's obstacles, what exists from carriers and confirmed links.

    Units with a plan of the year stand in it with empty cells, too.
    """
    found: Map = defaultdict(lambda: defaultdict(Cell))
    for pk in plans(actor).filter(year=day.year).order_by().values_list("unit_id", flat=True):
        found[pk]
    for missed in missed_targets(actor, period, unit):
        process = process_of(missed.target.indicator)
        if process:
            found[missed.target.unit_id][process].missed.append(missed)
    _add_obstacles(actor, period, found, unit)
    for carrier in carriers(actor).filter(state__in=ACTIVE, starts_on__lte=day, ends_on__gte=day):
        process = process_of(carrier.indicator)
        if process:
            found[carrier.unit_id][process].carriers.append(carrier)
    for link in links(actor).filter(state=LinkState.CONFIRMED, carrier__ends_on__gte=day):
        process = link.process or process_of(link.indicator)
        if process:
            found[link.production_objective.plan.unit_id][process].links.append(link)
    return found


def _add_obstacles(actor: Any, period: int, found: Map, unit: Node | None) -> None:
    run = panel.run_for(Period.month(period))
    if run is None:
        return
    indicators = Indicator.objects.in_bulk()
    rows = [
        (row["node_id"], indicators[row["indicator_id"]])
        for row in panel.obstacles(actor, run, node=unit, period=period)
        if row["indicator_id"] in indicators and process_of(indicators[row["indicator_id"]])
    ]
    produces = {node for node, indicator in rows if indicator.subsystem == Subsystem.PRODUCTION}
    for node, indicator in rows:
        if node in produces or node in found:  # an office without production has no place on the map
            found[node][process_of(indicator)].obstacles.append(indicator)


def possibility(units: Sequence[int], day: date) -> dict[int, Possible]:
    """Unit to the members and organisations linked to it, and its running carriers that no confirmed link uses."""
    members: dict[int, float] = defaultdict(float)
    bodies: dict[int, set[int]] = defaultdict(set)
    for unit, party, count, share in TreeLink.objects.on(day).filter(unit__in=list(units)).values_list(
        "unit_id", "party_id", "party__party__members", "share"
    ):  # fmt: skip
        members[unit] += (count or 0) * share
        bodies[unit].add(party)
    used = IntegrationLink.objects.filter(carrier=OuterRef("pk"), state=LinkState.CONFIRMED)
    free: dict[int, int] = defaultdict(int)
    rows = Carrier.objects.filter(unit__in=list(units), state__in=ACTIVE, starts_on__lte=day, ends_on__gte=day).exclude(Exists(used))
    for unit in rows.order_by().values_list("unit_id", flat=True):
        free[unit] += 1
    return {unit: Possible(round(members[unit]), len(bodies[unit]), free[unit]) for unit in {*members, *bodies, *free}}


def units_of(found: Map, node: Node | None) -> list[Node]:
    """The units of a map by place; of a subtree, if one is named."""
    rows = Node.objects.filter(pk__in=list(found), tree="B").order_by("path")
    if node is not None:
        rows = rows.filter(path__gte=node.path, path__lt=node.path + AFTER)
    return list(rows)


def counts(found: Map, units: Sequence[Node]) -> dict[str, tuple[int, int]]:
    """Process to (places that need integration and have none, places that have a carrier or a link)."""
    cells = [(process, found[unit.pk][process]) for unit in units for process in PROCESSES if process in found[unit.pk]]
    return {
        process: (
            sum(cell.state == "needed" for name, cell in cells if name == process),
            sum(cell.state in {"carrier", "linked"} for name, cell in cells if name == process),
        )
        for process in PROCESSES
    }
