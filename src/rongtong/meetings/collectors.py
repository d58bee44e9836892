"""Figures that meetings give: organisational life (P11, P12, P13), study (P21, P22), chaired in person (P31), same meeting (I22).

Each answers with numerator and denominator for a node with everything below it, and is silent where there is nothing to count. No figure
rises with more meetings than the rules ask for: P11 and P22 count rules met, P21 is capped at the hours required.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period
from rongtong.ledger.models import Matter, Side
from rongtong.ledger.states import State as MatterState
from rongtong.meetings import study
from rongtong.meetings.models import HELD_STATES, AgendaItem, Circle, Meeting, MeetingKind
from rongtong.organization.models import PostKind
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleResult, State
from rongtong.trees.models import LinkKind, Node, Tree, TreeLink

LIFE = ("meeting_count", "meeting_in_window", "appraisal_in_window")
LEARNING = ("theory_group", "lecture")
Pairs = dict[int, tuple[float, float]]


def _added(forest: Forest, pairs: Pairs) -> Iterable[Found]:
    """Numbers of nodes added up along the tree."""
    total: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for node, (over, under) in pairs.items():
        for above in forest.up(node):
            total[above][0] += over
            total[above][1] += under
    return [(node, over, under) for node, (over, under) in total.items() if node in forest.wanted and under]


def _held(period: int) -> QuerySet[Meeting]:
    month = Period.month(period)
    return Meeting.objects.filter(state__in=HELD_STATES, held_on__gte=month.starts_on, held_on__lte=month.ends_on).order_by()


def _rules_met(period: int, node_ids: Sequence[int], wanted: Q) -> Iterable[Found]:
    """Of the results of rules whose last day fell into the month, how many are met; excused and unknown ones are in neither number."""
    month = Period.month(period)
    rows = RuleResult.objects.filter(wanted, due_on__gte=month.starts_on, due_on__lte=month.ends_on, state__in=[State.MET, State.LATE])
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for pk, node, state in rows.order_by().values_list("pk", "node_id", "state"):
        under[node].add(pk)
        if state == State.MET:
            over[node].add(pk)
    forest = Forest(month.ends_on, node_ids, Tree.PARTY)
    return forest.found(forest.below(over), forest.below(under))


def life_held(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P11: items of organisational life held over those that the rules asked for until the month's end."""
    return _rules_met(period, node_ids, Q(row__predicate__in=LIFE))


def learning_held(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P22: sessions of the theory group and lectures held over those that the rules asked for until the month's end."""
    asked = Q(row__predicate="meeting_count", row__arguments__meeting__in=LEARNING) | Q(row__predicate="lecture_in_person")
    return _rules_met(period, node_ids, asked)


def attendance(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P12: persons present over those who should attend, at the meetings of Party organisations; excused absence stays below the line."""
    rows = _held(period).filter(node__tree=Tree.PARTY, should__gt=0, present__isnull=False)
    sums = rows.values_list("node_id").annotate(here=Sum("present"), all=Sum("should"))
    return _added(Forest(Period.month(period).ends_on, node_ids, Tree.PARTY), {node: (here, everyone) for node, here, everyone in sums})


def items_on_time(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P13: matters that Party meetings agreed and that fell due in the month, closed on time."""
    month = Period.month(period)
    rows = Matter.objects.filter(resolution__meeting__node__tree=Tree.PARTY, due_on__gte=month.starts_on, due_on__lte=month.ends_on)
    rows = rows.exclude(state__in=[MatterState.DRAFT, MatterState.VOID, MatterState.SUSPENDED]).order_by()
    good = Count("pk", filter=Q(state=MatterState.CLOSED, closed_on__lte=F("due_on")))
    sums = rows.values_list("resolution__meeting__node_id").annotate(good=good, all=Count("pk"))
    return _added(Forest(month.ends_on, node_ids, Tree.PARTY), {node: (good, everything) for node, good, everything in sums})


def study_hours(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P21: person-hours of the year so far over those required so far, capped branch by branch."""
    month = Period.month(period)
    norms = _norms(month.ends_on)
    first, share = date(month.ends_on.year, 1, 1), month.ends_on.month / 12
    pairs = {}
    for branch, one in study.studied(first, month.ends_on).items():
        if branch in norms:
            required = norms[branch] * one.members * share
            pairs[branch] = (min(one.hours, required), required)
    return _added(Forest(month.ends_on, node_ids, Tree.PARTY), pairs) if _is_kept(first) else []


def _norms(day: date) -> dict[int, float]:
    branches = Node.objects.filter(tree=Tree.PARTY, party__kind="branch")
    return rules.numbers("OL-14", "member_hours", branches, day)


def _is_kept(first: date) -> bool:
    """Meetings were recorded here since the beginning of the year: before that, few hours would only say that nobody kept them."""
    return Meeting.objects.filter(held_on__lt=first.replace(month=2)).exists()


def chaired(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P31: topics of Party meetings that the secretary chaired in person over all topics. Groups and lectures have no such topics."""
    month = Period.month(period)
    rows = AgendaItem.objects.filter(
        meeting__state__in=HELD_STATES, meeting__held_on__gte=month.starts_on, meeting__held_on__lte=month.ends_on,
        meeting__node__tree=Tree.PARTY,
    )  # fmt: skip
    rows = rows.exclude(meeting__kind__circle=Circle.GROUP).exclude(meeting__chair__isnull=True).order_by()
    own = Count("pk", filter=Q(meeting__chair_part=PostKind.SECRETARY))
    sums = rows.values_list("meeting__node_id").annotate(own=own, all=Count("pk"))
    return _added(Forest(month.ends_on, node_ids, Tree.PARTY), {node: (own, everything) for node, own, everything in sums})


def same_meeting(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I22: meetings at which an item of the other side left a resolution with an owner over all meetings that deploy work, at the unit and
    at the units of the organisation that met."""
    day = Period.month(period).ends_on
    units: dict[int, set[int]] = defaultdict(set)
    for unit, party in TreeLink.objects.on(day).exclude(kind=LinkKind.COVERS).values_list("unit_id", "party_id"):
        units[party].add(unit)
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    rows = _held(period).filter(kind__in=deploying())
    for pk, node, both in rows.values_list("pk", "node_id", "has_both_sides"):
        for place in (node, *units.get(node, ())):
            under[place].add(pk)
            if both:
                over[place].add(pk)
    forest = Forest(day, node_ids, Tree.BUSINESS)
    return forest.found(forest.below(over), forest.below(under))


def deploying() -> list[int]:
    """Kinds whose template foresees work of both sides; lectures, restricted kinds and mere scheduling are not asked for it."""
    return [kind.pk for kind in MeetingKind.objects.filter(is_restricted=False) if deploys(kind.side, kind.agenda)]


def deploys(kind_side: str, agenda: Iterable[Sequence[str]]) -> bool:
    """Whether a kind's template has an item of the other side, or of both."""
    return any(side == Side.BOTH or kind_side not in {Side.BOTH, side} for _zh, _en, _topic, side in agenda)


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P11", life_held)
    register_collector("P12", attendance)
    register_collector("P13", items_on_time)
    register_collector("P21", study_hours)
    register_collector("P22", learning_held)
    register_collector("P31", chaired)
    register_collector("I22", same_meeting)
