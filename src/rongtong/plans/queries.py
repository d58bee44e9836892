"""Questions to plans: objectives with their links, carriers, results; where integration is needed, possible, and exists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.indicators.models import Direction, Indicator, Observation, Target
from rongtong.kernel.periods import Period
from rongtong.ledger.models import Matter
from rongtong.panel import queries as panel
from rongtong.plans.models import Carrier, IntegrationLink, LinkState, Objective, Plan, Result
from rongtong.plans.states import ACTIVE
from rongtong.trees.models import Node, TreeLink

# the process a production indicator belongs to, by its dimension
PROCESS_OF = {
    "output": "delivery",
    "quality": "quality",
    "safety": "safety",
    "cost": "cost",
    "delivery": "delivery",
    "innovation": "innovation",
}
VIEW = Permission.PLAN_VIEW


def plans(actor: Any) -> QuerySet[Plan]:
    return scoped(Plan.objects.select_related("unit", "party").order_by("-year", "unit__path"), actor, "unit", "party", permission=VIEW)


def objectives(actor: Any) -> QuerySet[Objective]:
    rows = Objective.objects.select_related("plan__unit", "plan__party", "owner", "co_owner", "parent").order_by("plan_id", "side", "code")
    return scoped(rows, actor, "plan__unit", "plan__party", permission=VIEW)


def links(actor: Any) -> QuerySet[IntegrationLink]:
    related = ("party_objective__plan__unit", "party_objective__plan__party", "production_objective__plan__unit", "carrier", "indicator")
    rows = IntegrationLink.objects.select_related(*related).order_by("-proposed_on", "-pk")
    return scoped(rows, actor, "party_objective__plan__unit", "production_objective__plan__unit", permission=VIEW)


def carriers(actor: Any) -> QuerySet[Carrier]:
    rows = Carrier.objects.select_related("kind", "party", "unit", "owner", "indicator").order_by("-starts_on", "-pk")
    return scoped(rows, actor, "unit", "party", permission=VIEW)


def results(actor: Any) -> QuerySet[Result]:
    rows = Result.objects.select_related("unit", "party", "carrier", "indicator").order_by("-on", "-pk")
    return scoped(rows, actor, "unit", "party", permission=VIEW)


def measures(rows: Sequence[Objective]) -> dict[int, list[Matter]]:
    """Objective to the matters that its measures became."""
    found: dict[int, list[Matter]] = defaultdict(list)
    keys = [str(objective.pk) for objective in rows]
    matters = Matter.objects.filter(origin_kind="objective", origin_id__in=keys).select_related("lead", "handler_post", "leader_post")
    for matter in matters.order_by("due_on", "pk"):
        found[int(matter.origin_id)].append(matter)
    return found


def milestones(carrier: Carrier) -> QuerySet[Matter]:
    rows = Matter.objects.filter(origin_kind="carrier", origin_id=str(carrier.pk)).select_related(
        "lead", "handler_post", "leader_post", "partner"
    )
    return rows.order_by("due_on", "pk")


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest value of a figure at a unit."""

    period: int
    value: float


def latest_values(unit_ids: Sequence[int], indicator_ids: Sequence[int], until: int) -> dict[tuple[int, int], Latest]:
    """(unit, indicator) to its latest value up to a month."""
    rows = Observation.objects.filter(is_current=True, node_id__in=list(unit_ids), indicator_id__in=list(indicator_ids), period__lte=until)
    found: dict[tuple[int, int], Latest] = {}
    for unit, indicator, period, value in rows.order_by("period").values_list("node_id", "indicator_id", "period", "value"):
        if value is not None:
            found[unit, indicator] = Latest(period, value)
    return found


def is_met(value: float, target: float, direction: str) -> bool:
    """Whether a value reaches a target: at least, or for a cost at most."""
    return value <= target if direction == Direction.COST else value >= target


@dataclass(frozen=True, slots=True)
class RollUp:
    """What became of an objective below: how many took it over, how many of their key results have a value, and how many reach the target."""

    parts: int
    known: int
    reached: int


def roll_up(rows: Sequence[Objective], until: int) -> dict[int, RollUp]:
    """Objective to its parts in the plans below, over their key results; a missing value is not a missed target."""
    parts = list(
        Objective.objects.filter(parent__in=[o.pk for o in rows], dropped_on=None)
        .select_related("plan")
        .prefetch_related("key_results__indicator")
    )
    results = [(part, result) for part in parts for result in part.key_results.all()]
    units = {part.plan.unit_id for part in parts}
    latest = latest_values(list(units), [result.indicator_id for _part, result in results], until) if results else {}
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for part in parts:
        found[part.parent_id or 0][0] += 1
    for part, result in results:
        now = latest.get((part.plan.unit_id, result.indicator_id))
        if now is not None:
            found[part.parent_id or 0][1] += 1
            found[part.parent_id or 0][2] += is_met(now.value, result.target, result.indicator.direction)
    return {key: RollUp(*counts) for key, counts in found.items()}


@dataclass(frozen=True, slots=True)
class Missed:
    """A target that a unit missed."""

    target: Target
    value: float


def missed_targets(actor: Any, period: int, unit: Node | None = None) -> list[Missed]:
    """Targets of a month that the actor's units missed, the farthest first."""
    rows = Target.objects.filter(period=period).select_related("unit", "indicator").order_by("unit__path", "indicator__code")
    rows = scoped(rows, actor, "unit", permission=Permission.OBSERVATION_VIEW)
    rows = rows.filter(unit=unit) if unit is not None else rows
    targets = list(rows[:5000])
    values = Observation.objects.filter(is_current=True, period=period, node_id__in={t.unit_id for t in targets})
    by_key = {
        (unit_id, code): value for unit_id, code, value in values.values_list("node_id", "indicator_id", "value") if value is not None
    }
    found = []
    for target in targets:
        value = by_key.get((target.unit_id, target.indicator_id))
        if value is not None and not is_met(value, target.target, target.indicator.direction):
            found.append(Missed(target, value))
    return sorted(found, key=lambda one: -abs(one.value - one.target.target) / (abs(one.target.target) or 1.0))


@dataclass(slots=True)
class Cell:
    """One unit and one process: why integration is needed there, what exists already."""

    missed: list[Missed] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
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


def integration_map(actor: Any, period: int, day: date) -> dict[int, dict[str, Cell]]:
    """Unit to process to its cell: needs from missed targets and the last run's obstacles, what exists from carriers and confirmed links."""
    found: dict[int, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for missed in missed_targets(actor, period):
        process = PROCESS_OF.get(missed.target.indicator.dimension)
        if process:
            found[missed.target.unit_id][process].missed.append(missed)
    _add_obstacles(actor, period, found)
    for carrier in carriers(actor).filter(state__in=ACTIVE, starts_on__lte=day, ends_on__gte=day):
        process = PROCESS_OF.get(carrier.indicator.dimension)
        if process:
            found[carrier.unit_id][process].carriers.append(carrier)
    for link in links(actor).filter(state=LinkState.CONFIRMED, carrier__ends_on__gte=day):
        process = link.process or PROCESS_OF.get(link.indicator.dimension)
        if process:
            found[link.production_objective.plan.unit_id][process].links.append(link)
    return found


def _add_obstacles(actor: Any, period: int, found: dict[int, dict[str, Cell]]) -> None:
    run = panel.run_for(Period.month(period))
    if run is None:
        return
    indicators = Indicator.objects.in_bulk()
    for row in panel.obstacles(actor, run, period=period):
        indicator = indicators.get(row["indicator_id"])
        process = PROCESS_OF.get(indicator.dimension) if indicator is not None else None
        if indicator is not None and process:
            found[row["node_id"]][process].obstacles.append(str(indicator))


def possibility(units: Sequence[int], day: date) -> dict[int, int]:
    """Unit to the members of the organisations linked to it: with whom something could be started."""
    rows = TreeLink.objects.on(day).filter(unit__in=list(units)).values_list("unit_id", "party__party__members", "share")
    counted: dict[int, float] = defaultdict(float)
    for unit, members, share in rows:
        counted[unit] += (members or 0) * share
    return {unit: round(value) for unit, value in counted.items()}


@dataclass(frozen=True, slots=True)
class Register:
    """The results register in figures: those with a confirmed Party role over all."""

    all: int
    confirmed: int
    claimed: int


def register_of(rows: QuerySet[Result]) -> Register:
    return Register(rows.count(), rows.exclude(confirmed_by="").count(), rows.filter(confirmed_by="").exclude(party_role="").count())


def waiting_links(actor: Any) -> QuerySet[IntegrationLink]:
    """Proposed links in the actor's area that still lack a side and have not lapsed."""
    return (
        links(actor)
        .filter(state=LinkState.PROPOSED)
        .filter(Q(party_confirmed_by="") | Q(production_confirmed_by=""))
        .order_by("lapses_on", "pk")
    )


def aligned(rows: QuerySet[Objective]) -> QuerySet[Objective]:
    """Party objectives joined to a production objective by a link that both sides confirmed."""
    return rows.filter(links_as_party__state=LinkState.CONFIRMED).distinct()


def joined_above(rows: Sequence[Objective]) -> set[tuple[int, int]]:
    """Pairs of objectives of the plans above that a confirmed link joins: the reporting line already sees them as one."""
    parents = {o.parent_id for o in rows if o.parent_id}
    found = IntegrationLink.objects.filter(state=LinkState.CONFIRMED, party_objective__in=parents, production_objective__in=parents)
    return set(found.order_by().values_list("party_objective_id", "production_objective_id"))


def hit(carrier: Carrier) -> bool | None:
    """Whether an accepted carrier reached its target; None where no figure was verified."""
    if carrier.result is None:
        return None
    return is_met(carrier.result, carrier.target, carrier.indicator.direction)


def accepted(first: date, last: date) -> QuerySet[Carrier]:
    """Carriers accepted in a span."""
    rows = Carrier.objects.filter(accepted_on__gte=first, accepted_on__lte=last).select_related("indicator")
    return rows.order_by("pk")
