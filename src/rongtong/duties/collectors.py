"""Figures that duties give to Party organisations: one post, two duties (P32) and the responsibility list on time (P33)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from rongtong.duties.models import Issue, Subject
from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period
from rongtong.ledger.models import Matter, Origin
from rongtong.ledger.states import State
from rongtong.trees.models import Tree

OTHERS = (Subject.LEADERS, Subject.DEPUTY, Subject.DISCIPLINE)


def _share(
    period: int, node_ids: Sequence[int], subjects: Sequence[str] | None, is_met: Callable[[date, date | None], bool]
) -> Iterable[Found]:
    """Of the duty matters due in the month, how many were met; at their units and organisations and above."""
    month = Period.month(period)
    rows = Matter.objects.filter(origin=Origin.DUTY, origin_kind="duty_issue", due_on__gte=month.starts_on, due_on__lte=month.ends_on)
    rows = rows.exclude(state__in=[State.DRAFT, State.VOID, State.SUSPENDED])
    found = list(rows.values_list("pk", "origin_id", "lead_id", "partner_id", "due_on", "closed_on"))
    if subjects is not None:
        wanted = set(map(str, Issue.objects.filter(duty__subject__in=list(subjects)).values_list("pk", flat=True)))
        found = [row for row in found if row[1] in wanted]
    due: Sets = defaultdict(set)
    met: Sets = defaultdict(set)
    for pk, _origin, lead, partner, due_on, closed_on in found:
        for node in filter(None, (lead, partner)):
            due[node].add(pk)
            if is_met(due_on, closed_on):
                met[node].add(pk)
    forest = Forest(month.ends_on, node_ids, Tree.PARTY)
    return forest.found(forest.below(met), forest.below(due))


def others_done(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P32: duties of leaders who are not secretary, done by the month's end over due in the month."""
    end = Period.month(period).ends_on
    return _share(period, node_ids, OTHERS, lambda _due, closed: closed is not None and closed <= end)


def on_time(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P33: duties closed on time over due in the month."""
    return _share(period, node_ids, None, lambda due, closed: closed is not None and closed <= due)


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P32", others_done, "matter")
    register_collector("P33", on_time, "matter")
