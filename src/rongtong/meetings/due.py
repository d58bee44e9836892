"""What is due is proposed: the rule rows that count meetings, resolved per organisation, minus what is planned or held, plus series."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from rongtong.access.queries import grants_of, nodes_of
from rongtong.access.roles import Permission, roles_with
from rongtong.kernel import clock
from rongtong.kernel.act import SystemActor
from rongtong.kernel.periods import Period, PeriodKind, month_of
from rongtong.meetings.models import HELD_STATES, Meeting, MeetingKind, MeetingState
from rongtong.meetings.queries import midnight
from rongtong.organization.models import PartyOrganisation, Post, PostKind
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleRow
from rongtong.trees.models import Node

COUNTING = frozenset({"meeting_count", "meeting_in_window", "appraisal_in_window"})  # predicates that ask for meetings of a kind
COUNTED = (MeetingState.PREPARED, MeetingState.NOTICED, *HELD_STATES)
MOST = 60  # organisations looked at; whoever answers for more narrows the page, or reads the grid of rules


@dataclass(frozen=True, slots=True)
class Due:
    """A meeting that a rule asks for in the period and that nobody planned yet."""

    node: Node
    kind: MeetingKind
    row: RuleRow
    period: Period
    missing: int
    days: int  # until the period ends


def own_nodes(actor: Any, at: Node | None = None) -> list[Node]:
    """Organisations whose meetings the actor runs: where its grants stand, or everything below a chosen place."""
    if isinstance(actor, SystemActor) or at is not None:
        rows = nodes_of(actor, Permission.MEETING_RUN).filter(closed_on__isnull=True)
        rows = rows.subtree(at) if at is not None else rows
        return list(hosts(rows))
    roles = roles_with(Permission.MEETING_RUN)
    keys = [grant.node_id for grant in grants_of(actor) if grant.role in roles and grant.node_id]
    return list(hosts(Node.objects.filter(pk__in=keys, closed_on__isnull=True)))


def hosts(rows: QuerySet[Node]) -> QuerySet[Node]:
    """Organisations with their details, and whether a seat of a committee member is open in them."""
    seats = Post.objects.filter(node=OuterRef("pk"), kind=PostKind.COMMITTEE, closed_on__isnull=True)
    found = rows.filter(party__isnull=False).select_related("party").annotate(has_committee=Exists(seats))
    return found.order_by("path")[:MOST]


def proposals(nodes: Sequence[Node], day: date) -> list[Due]:
    """What is due at these organisations (of `hosts`) on a day, what ends first in front; four questions for any number of them."""
    if not nodes:
        return []
    resolver = rules.Resolver(day)
    kinds = {kind.code: kind for kind in MeetingKind.objects.all()}
    committees = {node.pk for node in nodes if node.has_committee}  # type: ignore[attr-defined]  # annotated by hosts
    excused = rules.excused(day)
    cases = [
        (node, row, kinds[row.arguments["meeting"]])
        for code in resolver.codes
        for node in nodes
        if (row := resolver.resolve(code, node)) is not None
        and _applies(row, node.party, node.pk in committees)
        and row.arguments.get("meeting") in kinds
        and (node.pk, code) not in excused
    ]
    counted = _counted(nodes, min((_period(row, day).starts_on for _node, row, _kind in cases), default=day))
    found = []
    for node, row, kind in cases:
        period = _period(row, day)
        days = [on for on in counted.get((node.pk, kind.pk), ()) if period.starts_on <= on <= period.ends_on]
        missing = (row.min_count or 1) - len(days)
        if missing > 0 and (not row.window or day.month in row.window):
            found.append(Due(node, kind, row, period, missing, (period.ends_on - day).days))
    return sorted(found, key=lambda one: (one.days, one.node.path, one.row.code))


def _applies(row: RuleRow, party: PartyOrganisation, has_committee: bool) -> bool:
    if row.predicate not in COUNTING or party.kind not in row.applies_to:
        return False
    return has_committee or not row.arguments.get("needs_committee")


def _period(row: RuleRow, day: date) -> Period:
    return Period.of(PeriodKind(row.period_kind or PeriodKind.YEAR), month_of(day))


def _counted(nodes: Iterable[Node], since: date) -> dict[tuple[int, int], list[date]]:
    """(organisation, kind) to the days of meetings planned or held since a day, wherever the organisations hang today."""
    keys = [node.pk for node in nodes]
    rows = Meeting.objects.filter(node__in=keys, state__in=COUNTED, starts_at__gte=midnight(since)).order_by()
    found: dict[tuple[int, int], list[date]] = defaultdict(list)
    for node, kind, held_on, starts_at in rows.values_list("node_id", "kind_id", "held_on", "starts_at"):
        found[node, kind].append(held_on or starts_at.astimezone(clock.BUSINESS_ZONE).date())
    return found
