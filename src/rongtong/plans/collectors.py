"""Figures that plans give: alignment (I21), joint plans (I23), carriers (I31, I32), verified savings (I33), teams with a member (P41)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.indicators.models import Observation
from rongtong.kernel.periods import Period, add_months
from rongtong.organization.models import Appointment, BusinessUnit, MemberKind, UnitKind
from rongtong.plans.models import Badge, Carrier, CarrierState, IntegrationLink, LinkState, Objective, PlanSide, PlanState
from rongtong.plans.queries import accepted, hit
from rongtong.trees.models import Node, Tree, TreeLink, paths_above

STARTED = (CarrierState.RUNNING, CarrierState.CHECKED, CarrierState.ENDED, CarrierState.ACCEPTED, CarrierState.ARCHIVED)


def _objectives(period: int, side: str = "") -> list[tuple[int, int]]:
    """(objective, unit) of adopted plans that stand on the month's last day."""
    day = Period.month(period).ends_on
    rows = Objective.objects.filter(starts_on__lte=day, due_on__year=day.year, plan__year=day.year).exclude(plan__state=PlanState.DRAFT)
    rows = rows.filter(Q(dropped_on__isnull=True) | Q(dropped_on__gt=day))
    rows = rows.filter(side=side) if side else rows
    return list(rows.order_by("pk").values_list("pk", "plan__unit_id"))


def _confirmed(day: date) -> list[tuple[int, int, int]]:
    """(Party objective, production objective, carrier) of links that both sides had confirmed by a day."""
    rows = IntegrationLink.objects.filter(state=LinkState.CONFIRMED, party_confirmed_on__lte=day, production_confirmed_on__lte=day)
    return list(rows.order_by("pk").values_list("party_objective_id", "production_objective_id", "carrier_id"))


def _share(period: int, node_ids: Sequence[int], rows: list[tuple[int, int]], good: set[int]) -> Iterable[Found]:
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for pk, unit in rows:
        under[unit].add(pk)
        if pk in good:
            over[unit].add(pk)
    forest = Forest(Period.month(period).ends_on, node_ids, Tree.BUSINESS)
    return forest.found(forest.below(over), forest.below(under))


def alignment(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I21: Party objectives joined to a production objective by a link of both sides over all Party objectives."""
    joined = {party for party, _production, _carrier in _confirmed(Period.month(period).ends_on)}
    return _share(period, node_ids, _objectives(period, PlanSide.PARTY), joined)


def joint_plan(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I23: objectives with an owner on both sides over all objectives."""
    both = set(Objective.objects.filter(co_owner__isnull=False).values_list("pk", flat=True))
    return _share(period, node_ids, _objectives(period), both)


def carrier_coverage(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I31: production objectives with at least one carrier under way over all production objectives."""
    day = Period.month(period).ends_on
    running = Carrier.objects.filter(state__in=STARTED, starts_on__lte=day, ends_on__gte=day).values_list("pk", flat=True)
    active = set(running)
    covered = {production for _party, production, carrier in _confirmed(day) if carrier in active}
    return _share(period, node_ids, _objectives(period, PlanSide.PRODUCTION), covered)


def carrier_hits(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I32: carriers whose verified result reached the target over the carriers accepted in the last twelve months; claims do not hit."""
    month = Period.month(period)
    rows = list(accepted(Period.month(add_months(period, -11)).starts_on, month.ends_on))
    good = {carrier.pk for carrier in rows if hit(carrier)}
    return _share(period, node_ids, [(carrier.pk, carrier.unit_id) for carrier in rows], good)


OUTPUT = "B14"  # output value, in 10,000 yuan
YEAR = 12


def verified_saving(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I33: yuan that the business side verified over the output of the last twelve months, in 10,000 yuan; claims add nothing.

    Only at units whose output is on record for the month itself: without output there is no share.
    """
    month = Period.month(period)
    first = add_months(period, 1 - YEAR)
    rows = accepted(Period.month(first).starts_on, month.ends_on).exclude(badge=Badge.CLAIMED).filter(saving_fen__isnull=False)
    saved: dict[int, dict[int, float]] = defaultdict(dict)
    for pk, unit, fen in rows.order_by("pk").values_list("pk", "unit_id", "saving_fen"):
        saved[unit][pk] = (fen or 0) / 100
    values = Observation.objects.filter(is_current=True, indicator__code=OUTPUT, period__gte=first, period__lte=period)
    output: dict[int, float] = defaultdict(float)
    now = set()
    for node, at, value in values.order_by("period").values_list("node_id", "period", "value"):
        output[node] += value
        now |= {node} if at == period else set()
    forest = Forest(month.ends_on, node_ids, Tree.BUSINESS)
    places = forest.below({node: {node} for node in {*saved, *output}})
    found, keys = [], {}
    for node, units in places.items():
        told = units & now  # both numbers over the same units
        base = sum(output[unit] for unit in told)
        if node in forest.wanted and base > 0:
            found.append((node, sum(sum(saved.get(unit, {}).values()) for unit in told), base))
            keys[node] = {pk for unit in told for pk in saved.get(unit, {})}
    forest.tell(keys, keys)
    return found


def team_coverage(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P41: teams with a member of their own or a responsibility area over all teams, at the organisations of the team or the unit above."""
    day = Period.month(period).ends_on
    open_nodes = {node.pk: node for node in Node.objects.open_on(day).filter(tree="B")}
    teams = [pk for pk in BusinessUnit.objects.filter(kind=UnitKind.TEAM).values_list("pk", flat=True) if pk in open_nodes]
    members = Appointment.objects.on(day).filter(post__node__in=teams, person__member_kind__in=[MemberKind.FORMAL, MemberKind.PROBATIONARY])
    covered = set(members.order_by().values_list("post__node_id", flat=True))
    areas = Carrier.objects.filter(kind__code="responsibility_area", state__in=STARTED, starts_on__lte=day, ends_on__gte=day)
    covered |= set(areas.values_list("unit_id", flat=True))
    parties = _parties_of(teams, open_nodes, day)
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for team in teams:
        for party in parties.get(team, ()):
            under[party].add(team)
            if team in covered:
                over[party].add(team)
    forest = Forest(day, node_ids, Tree.PARTY)
    return forest.found(forest.below(over), forest.below(under))


def _parties_of(teams: Sequence[int], nodes: dict[int, Node], day: date) -> dict[int, set[int]]:
    """Team to the organisations linked to it, or else to the nearest unit above that has one."""
    linked: Sets = defaultdict(set)
    for unit, party in TreeLink.objects.on(day).values_list("unit_id", "party_id"):
        linked[unit].add(party)
    by_path = {node.path: node.pk for node in nodes.values()}
    found: dict[int, set[int]] = {}
    for team in teams:
        way = [nodes[team].path, *reversed(paths_above(nodes[team].path))]
        found[team] = next((linked[by_path[path]] for path in way if path in by_path and by_path[path] in linked), set())
    return found


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("I21", alignment, "objective")
    register_collector("I23", joint_plan, "objective")
    register_collector("I31", carrier_coverage, "objective")
    register_collector("I32", carrier_hits, "carrier")
    register_collector("I33", verified_saving, "carrier")
    register_collector("P41", team_coverage, "unit")
