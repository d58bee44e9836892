"""Questions to plans: objectives with their links, carriers, results; where integration is needed, possible, and exists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.indicators.models import Direction, Observation, Target
from rongtong.ledger.models import Matter
from rongtong.plans.models import Carrier, IntegrationLink, LinkState, Milestone, Objective, Plan, Result, Together
from rongtong.trees.models import Node

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


@dataclass(frozen=True, slots=True)
class Steps:
    """同谋划、同部署、同推进 of confirmed links: how many have each, how many all three, of how many."""

    planned: int
    deployed: int
    advanced: int
    all: int
    links: int


def together(rows: QuerySet[IntegrationLink]) -> Steps:
    """Each step counts once a link, however often it was noted."""
    keys = set(rows.filter(state=LinkState.CONFIRMED).order_by().values_list("pk", flat=True))
    noted = Together.objects.filter(link__in=keys).order_by().values_list("link_id", "kind").distinct()
    by_kind: dict[str, set[int]] = {kind: set() for kind in Milestone.values}
    for link, kind in noted:
        by_kind[kind].add(link)
    every = set.intersection(*by_kind.values())
    return Steps(len(by_kind["planned"]), len(by_kind["deployed"]), len(by_kind["advanced"]), len(every), len(keys))


def steps_of(rows: Sequence[IntegrationLink]) -> dict[int, dict[str, date]]:
    """Link to the first day of each of its steps."""
    found: dict[int, dict[str, date]] = {row.pk: {} for row in rows}
    for link, kind, on in (
        Together.objects.filter(link__in=[row.pk for row in rows]).order_by("on", "pk").values_list("link_id", "kind", "on")
    ):
        found[link].setdefault(kind, on)
    return found
