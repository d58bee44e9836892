"""Questions to decisions: which were listed, which were studied before, what waits; the list and the role that hold on a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.decisions.models import (
    DECIDED_STATES,
    Decision,
    DecisionState,
    ListItem,
    MatterList,
    PathKind,
    Review,
    RoleRow,
    Study,
    StudyResult,
)
from rongtong.decisions.paths import Bound, Measure, Path, RoleReason, default_role, path_of, unlisted
from rongtong.ledger.models import Matter
from rongtong.ledger.states import OPEN
from rongtong.meetings import queries as meeting_queries
from rongtong.meetings.models import HELD_STATES, Meeting
from rongtong.organization.models import BusinessUnit, PartyKind, PartyOrganisation
from rongtong.trees.models import LinkKind, Node, TreeLink

VIEW = Permission.DECISION_VIEW
STUDIED_PATHS = (PathKind.PRE_STUDY, PathKind.GATE)
KIND = "decision"  # of References to decisions
FEW = 1000  # more keys than this cost more as a list than reading all


def decisions(actor: Any) -> QuerySet[Decision]:
    """Decisions of the actor's organisations and units, the latest first."""
    rows = Decision.objects.select_related("node", "unit", "item__list", "meeting").order_by("-proposed_on", "-pk")
    return scoped(rows, actor, "node", "unit", permission=VIEW)


def of_year(rows: QuerySet[Decision], year: int) -> QuerySet[Decision]:
    """Those decided in a year, or proposed in it and still open."""
    return rows.filter(Q(decided_on__year=year) | Q(decided_on__isnull=True, proposed_on__year=year))


def lists(actor: Any) -> QuerySet[MatterList]:
    return scoped(MatterList.objects.select_related("node").order_by("node__path", "-number"), actor, "node", permission=VIEW)


def list_on(node: Node, day: date) -> MatterList | None:
    """The approved list that holds at an organisation on a day."""
    return _in_force(day).filter(node=node).first()


def lists_on(node_ids: Sequence[int], day: date) -> dict[int, MatterList]:
    return {row.node_id: row for row in _in_force(day).filter(node__in=list(node_ids))}


def _in_force(day: date) -> QuerySet[MatterList]:
    rows = MatterList.objects.filter(approved_on__isnull=False, starts_on__lte=day).select_related("node").order_by("node_id", "pk")
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


def not_looked_through(actor: Any, year: int) -> QuerySet[MatterList]:
    """Lists in force that were neither approved nor reviewed in a year."""
    reviewed = Review.objects.filter(list=OuterRef("pk"), on__year=year).order_by()
    return lists(actor).filter(approved_on__isnull=False, approved_on__year__lt=year, ends_on__isnull=True).exclude(Exists(reviewed))


def reviewed_on(list_ids: Iterable[int]) -> dict[int, date]:
    """List to the day it was last looked through."""
    rows = Review.objects.filter(list__in=list(list_ids)).order_by("on").values_list("list_id", "on")
    return dict(rows)


# roles


@dataclass(frozen=True, slots=True)
class RoleAt:
    """The role that holds at an organisation, the default with its reason, and the row that says otherwise."""

    role: str
    default: RoleReason
    row: RoleRow | None
    units: tuple[Node, ...]


def roles_at(nodes: Sequence[Node], day: date) -> dict[int, RoleAt]:
    """Organisation to its role on a day; the facts are read once for all."""
    keys = [node.pk for node in nodes]
    kinds = dict(PartyOrganisation.objects.filter(pk__in=keys).values_list("pk", "kind"))
    legal = set(BusinessUnit.objects.filter(is_legal_person=True).values_list("pk", flat=True))
    units: dict[int, list[Node]] = defaultdict(list)
    links = TreeLink.objects.on(day).filter(party__in=keys, kind__in=[LinkKind.OWN, LinkKind.JOINT]).select_related("unit")
    for link in links.order_by("unit__path"):
        units[link.party_id].append(link.unit)
    rows = RoleRow.objects.filter(node__in=keys, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    given = {row.node_id: row for row in rows.order_by("starts_on")}
    return {pk: _role(kinds.get(pk, ""), units.get(pk, []), legal, given.get(pk)) for pk in keys}


def _role(kind: str, units: list[Node], legal: set[int], row: RoleRow | None) -> RoleAt:
    default = default_role(
        is_group=kind == PartyKind.GROUP, is_legal_person=any(unit.pk in legal for unit in units) if units else None,
        has_committee=kind == PartyKind.COMMITTEE, is_delegated=row is not None and row.is_delegated,
    )  # fmt: skip
    return RoleAt((row.role if row else "") or default.role, default, row, tuple(units))


def role_at(node: Node, day: date) -> RoleAt:
    return roles_at([node], day)[node.pk]


def organisations(actor: Any) -> QuerySet[Node]:
    """Party organisations whose decisions the actor sees."""
    return scoped(Node.objects.filter(tree="P", closed_on__isnull=True).order_by("path"), actor, "pk", permission=VIEW)


# the path of a matter


def path_for(node: Node, item: ListItem | None, given: Measure, day: date) -> Path:
    """The path that a matter of an organisation takes on a day: its item's limits against its numbers."""
    if item is None:
        return unlisted()
    bounds = [Bound(limit.metric, limit.operator, limit.value, limit.body) for limit in item.limits.all()]
    given = Measure(given.amount_fen, item.list.net_assets_fen, given.over_budget)
    return path_of(role_at(node, day).role, item.treatment, item.body, bounds, given)


def items_of(found: MatterList) -> list[ListItem]:
    return list(found.items.select_related("list").prefetch_related("limits"))


# date order


def is_before(study: Study, decision: Decision) -> bool:
    """Whether a study came before the decision: an earlier day, or on the same day a meeting that began earlier."""
    if decision.decided_on is None or study.is_return:
        return False
    if study.on != decision.decided_on:
        return study.on < decision.decided_on
    return decision.meeting is not None and study.meeting.starts_at < decision.meeting.starts_at


def studies_of(keys: Iterable[int]) -> dict[int, list[Study]]:
    wanted, found = set(keys), defaultdict[int, list[Study]](list)
    rows = Study.objects.select_related("meeting__kind").order_by("on", "meeting__starts_at", "pk")
    for study in rows.filter(decision__in=wanted) if len(wanted) < FEW else rows:
        if study.decision_id in wanted:
            found[study.decision_id].append(study)
    return found


def was_studied(decision: Decision, studies: Sequence[Study]) -> bool:
    """Whether the committee had agreed before the decision; its last word before counts."""
    before = [study for study in studies if is_before(study, decision)]
    return bool(before) and before[-1].result == StudyResult.AGREE


@dataclass(frozen=True, slots=True)
class Standing:
    """How decisions of a year stand; `listed` are decided ones that needed a study."""

    listed: int
    studied: int
    waits_for_study: int
    waits_for_decision: int
    waits_for_return: int

    @property
    def waits(self) -> int:
        return self.waits_for_study + self.waits_for_decision + self.waits_for_return


def standing(rows: QuerySet[Decision]) -> Standing:
    """Count what the page's first sentence says, in one question however many there are; the same rule as `was_studied`."""
    earlier = Q(on__lt=OuterRef("decided_on")) | Q(on=OuterRef("decided_on"), meeting__starts_at__lt=OuterRef("meeting__starts_at"))
    before = Study.objects.filter(earlier, decision=OuterRef("pk"), is_return=False).order_by("-on", "-meeting__starts_at", "-pk")
    returned = Study.objects.filter(decision=OuterRef("pk"), is_return=True).order_by()
    listed = Q(path__in=STUDIED_PATHS, decided_on__isnull=False) & ~Q(state=DecisionState.VOID)
    unstudied = Q(path__in=STUDIED_PATHS, state__in=[DecisionState.PROPOSED, DecisionState.REVISING])
    ready = Q(state=DecisionState.STUDIED) | Q(state=DecisionState.PROPOSED) & ~Q(path__in=STUDIED_PATHS)
    known = rows.order_by().select_related(None).annotate(last_word=Subquery(before.values("result")[:1]), is_back=Exists(returned))
    found = known.aggregate(
        listed=Count("pk", filter=listed), studied=Count("pk", filter=listed & Q(last_word=StudyResult.AGREE)),
        waits_for_study=Count("pk", filter=unstudied), waits_for_decision=Count("pk", filter=ready),
        waits_for_return=Count("pk", filter=Q(is_changed=True, is_back=False)),
    )  # fmt: skip
    return Standing(**found)


def has_returned(studies: Iterable[Study]) -> bool:
    return any(study.is_return for study in studies)


# execution


def execution(keys: Iterable[int]) -> dict[int, list[Matter]]:
    """Decision to the matters by which it is carried out."""
    wanted, found = set(keys), defaultdict[int, list[Matter]](list)
    rows = Matter.objects.filter(origin_kind=KIND).select_related("lead", "partner", "leader_post", "handler_post").order_by("due_on", "pk")
    for matter in rows.filter(origin_id__in=[str(key) for key in wanted]) if len(wanted) < FEW else rows:
        if int(matter.origin_id) in wanted:
            found[int(matter.origin_id)].append(matter)
    return found


def overdue(keys: Iterable[int], day: date) -> set[int]:
    """Decisions with open matters past their day."""
    rows = Matter.objects.filter(origin_kind=KIND, origin_id__in=[str(key) for key in keys], state__in=OPEN, due_on__lt=day)
    return {int(key) for key in rows.order_by().values_list("origin_id", flat=True)}


def decided(node_ids: Sequence[int], starts_on: date, ends_on: date) -> list[Decision]:
    """Decisions taken at organisations in a span, both days included."""
    rows = Decision.objects.filter(decided_on__gte=starts_on, decided_on__lte=ends_on, state__in=DECIDED_STATES)
    rows = rows.filter(node__in=list(node_ids)) if len(node_ids) < FEW else rows
    return list(rows.select_related("meeting__kind").order_by("decided_on", "pk"))


def meetings(actor: Any) -> QuerySet[Meeting]:
    """Held meetings that the actor sees, to name one as proof."""
    return meeting_queries.meetings(actor).filter(state__in=HELD_STATES).order_by("-held_on", "-pk")
